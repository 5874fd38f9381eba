-- dot_stuffing_spec.lua - transparency at every split.
-- SPDX-License-Identifier: MIT
local dots = require("posthorn.core").dot_stuffing
local draw = require("spec.codec.draw")(3)

local pieces = { "a", ".", "..", "\r\n", "\r", "\n", "\r\n.", ".\r\n", "word" }

-- The rule of RFC 5321, 4.5.2, written the slow way.
local function model(text)
  local stuffed = ("\r\n" .. text):gsub("\r\n%.", "\r\n.."):sub(3)
  if text ~= "" and text:sub(-2) ~= "\r\n" then
    stuffed = stuffed .. "\r\n"
  end
  return stuffed .. ".\r\n"
end

describe("ph_dot_stuffing", function()
  it("doubles dots that begin lines and adds the end", function()
    assert.equal(".\r\n", dots.encode "")
    assert.equal("..\r\n.\r\n", dots.encode ".")
    assert.equal("a\r\n..b\r\n.\r\n", dots.encode "a\r\n.b\r\n")
    assert.equal("a\n.b\r\n.\r\n", dots.encode "a\n.b")
    assert.equal("a\r\r\n.\r\n", dots.encode "a\r")
  end)

  it("is right at every split", function()
    local text = ".\r\n..a\r\n\r\n.\r\n.b.\r.\n.\r\n"
    for i = 0, #text do
      for j = i, #text do
        assert.equal(model(text),
          dots.encode { text:sub(1, i), text:sub(i + 1, j), text:sub(j + 1) })
      end
    end
  end)

  it("agrees with the model, and is undone, for any text", function()
    for _ = 1, 2000 do
      local text = draw.text(pieces, 14)
      local wire = dots.encode(draw.chunks(text, 3))
      assert.equal(model(text), wire)
      local back, used = dots.decode(draw.chunks(wire, 3))
      assert.equal(text:sub(-2) == "\r\n" and text or text == "" and "" or text .. "\r\n", back)
      assert.equal(#wire, used)
    end
  end)
end)

describe("ph_dot_unstuffing", function()
  it("ends at CRLF.CRLF and nothing else", function()
    for _, wire in ipairs { "a\n.\n", "a\n.\r\n", "a\r\n.\n", "a\r\n.\r", "a\r.\r\n",
      "a\r\n.\r\r\n",
      "a\r\n..\r\n", "a\r\n.a\r\n" } do
      local _, used = dots.decode(wire)
      assert.is_nil(used, wire)
    end
    local text, used = dots.decode "a\r\n.\r\nMAIL"
    assert.same({ "a\r\n", 6 }, { text, used })
  end)
end)
