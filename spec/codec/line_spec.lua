-- line_spec.lua - the check of finished octets, and line ends made CRLF.
-- SPDX-License-Identifier: MIT
local line = require("posthorn.core").line
local draw = require("spec.codec.draw")(4)

describe("ph_line_check", function()
  it("tells each fault apart", function()
    local long = ("a"):rep(998)
    for _, text in ipairs { "", "a", "a\r\n", "\r\n\r\n", long, long .. "\r\n" .. long } do
      assert.is_true(line.check(text))
      assert.is_true(line.check(draw.chunks(text, 3)))
    end
    local cases = {
      ["a\rb"] = "a bare CR", ["a\r"] = "a bare CR", ["\r\r\n"] = "a bare CR",
      ["a\nb"] = "a bare LF", ["\n"] = "a bare LF", ["a\0b"] = "a NUL",
      [long .. "a"] = "a line over 998 octets", [long .. "a\r\n"] = "a line over 998 octets",
    }
    for text, fault in pairs(cases) do
      assert.equal(fault, (select(2, line.check(text))))
      assert.equal(fault, (select(2, line.check(draw.chunks(text, 2)))))
    end
  end)
end)

describe("ph_line_ends", function()
  it("makes every line end CRLF, however it is cut", function()
    assert.equal("a\r\nb\r\nc\r\n\r\nd", line.ends "a\nb\rc\r\n\nd")
    assert.equal("a\r\nb\rc\r\r\n", line.ends("a\nb\rc\r\n", "lf"))
    for _ = 1, 1000 do
      local text = draw.text({ "a", "\r", "\n", "\r\n" }, 10)
      local model = text:gsub("\r\n", "\n"):gsub("\r", "\n"):gsub("\n", "\r\n")
      assert.equal(model, line.ends(draw.chunks(text, 2)))
      assert.is_true(line.check(model))
    end
  end)
end)
