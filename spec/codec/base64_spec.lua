-- base64_spec.lua - base64, strict and tolerant, at every cut.
-- SPDX-License-Identifier: MIT
local base64 = require("posthorn.core").base64
local draw = require("spec.codec.draw")(1)
local property = require "spec.property"
local test = require "posthorn.test"
local vectors = require "spec.codec.vectors"

-- Nothing but the RFC's table, for whoever would check the paths by hand.
local function by_hand(octets)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local out = {}
  for i = 1, #octets, 3 do
    local a, b, c = octets:byte(i, i + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 3, 0, -1 do
      local value = math.floor(bits / 64 ^ k) % 64
      out[#out + 1] = alphabet:sub(value + 1, value + 1)
    end
    if not c then
      out[#out], out[#out - 1] = "=", b and out[#out - 1] or "="
    end
  end
  return table.concat(out)
end

local function in_lines(text)
  return (text:gsub(("."):rep(76), "%0\r\n"):gsub("\r\n$", ""))
end

describe("ph_base64", function()
  it("agrees with the RFCs", function()
    for _, vector in ipairs(vectors "base64") do
      assert.equal(vector[3], base64.encode(vector[2]))
      assert.equal(vector[2], base64.parse(vector[3]))
      assert.equal(vector[2], base64.decode(vector[3]))
    end
    for _, vector in ipairs(vectors "base64_read") do
      assert.equal(vector[2], base64.decode(vector[3]), vector[1])
    end
  end)

  it("breaks lines at 76 columns, none behind the last", function()
    assert.equal(("YWFh"):rep(19), base64.encode(("a"):rep(57), 76))
    assert.equal(("YWFh"):rep(19) .. "\r\nYQ==", base64.encode(("a"):rep(58), 76))
    assert.equal("", base64.encode("", 76))
  end)

  it("writes and reads the same however the octets are cut", function()
    property.each(1, 500, function(random)
      local octets = random.octets(300)
      local lines = base64.encode(octets, 76)
      assert.equal(lines, base64.encode(random.chunks(octets, 7), 76))
      assert.equal(lines, base64.encode(random.chunks(octets, 200), 76))
      assert.equal(#lines, base64.size(#octets))
      assert.equal(octets, base64.decode(random.chunks(lines, 5)))
      assert.equal(octets, base64.decode(random.chunks(lines, 200)))
      local line = base64.encode(octets)
      assert.equal((lines:gsub("\r\n", "")), line)
      assert.equal(octets, base64.parse(line))
    end)
  end)

  it("knows the size of what is too large to encode", function()
    assert.equal(4, base64.size(1))
    assert.equal(76, base64.size(57))
    assert.equal(82, base64.size(58))
  end)

  it("refuses a challenge that is not strictly base64", function()
    for _, text in ipairs { "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm 9v",
      "Zm9v\r\n", "Zm9v=", "Zg==Zg==", "Zm-_", "\0\0\0\0" } do
      local octets, _, failure = base64.parse(text)
      assert.is_nil(octets, text)
      assert.equal("invalid", failure.kind)
    end
  end)

  it("reads a body with strange octets, without padding, and in pieces", function()
    assert.equal("foobar", base64.decode("Zm9v\r\n !Ym\0Fy"))
    assert.equal("fo", base64.decode("Zm8"))
    assert.equal("f", base64.decode("Zg"))
    assert.equal("", base64.decode("Z"))
    assert.equal("ff", base64.decode("Zg==Zg=="))
  end)
end)

describe("each path of ph_base64", function()
  local paths = test.base64_paths()

  it("writes and reads every length at every alignment as the RFC says", function()
    local lengths = {}
    for n = 0, 300 do
      lengths[#lengths + 1] = n
    end
    for lines = 6, 18 do
      for n = lines * 57 - 2, lines * 57 + 2 do
        lengths[#lengths + 1] = n
      end
    end
    for _, n in ipairs(lengths) do
      local octets = draw.exactly(n)
      local line = by_hand(octets)
      local lines = in_lines(line)
      for _, path in ipairs(paths) do
        for at = 0, 15 do
          assert(test.base64_encode(path, octets, 0, at) == line, path)
          assert(test.base64_encode(path, octets, 76, at) == lines, path)
          assert(test.base64_decode(path, line, at) == octets, path)
          assert(test.base64_decode(path, lines, at) == octets, path)
        end
      end
    end
  end)

  it("writes and reads all values of a character at all its places", function()
    local triples = {}
    for value = 0, 63 do
      triples[#triples + 1] = string.char(value * 4, 0, 0) ..
        string.char(math.floor(value / 16), value % 16 * 16, 0) ..
        string.char(0, math.floor(value / 4), value % 4 * 64) .. string.char(0, 0, value)
    end
    for shift = 0, 63 do
      local octets = table.concat(triples, "", shift + 1) .. table.concat(triples, "", 1, shift)
      local line = by_hand(octets)
      for _, path in ipairs(paths) do
        assert.equal(line, test.base64_encode(path, octets, 0, 0))
        assert.equal(octets, test.base64_decode(path, line, 0))
      end
    end
  end)

  it("skips each octet outside the alphabet, wherever it stands", function()
    local octets = draw.exactly(93)
    local line = base64.encode(octets)
    for value = 0, 255 do
      local c = string.char(value)
      if not c:find "[%w+/=]" then
        for at = 0, 64 do
          local text = line:sub(1, at) .. c .. line:sub(at + 1)
          for _, path in ipairs(paths) do
            assert(test.base64_decode(path, text, 0) == octets, path)
          end
        end
      end
    end
  end)

  it("reads anything at all as plain C does", function()
    property.each(3, 500, function(random)
      local text = random.text({ "A", "zz", "+/", "=", "\r\n", " ", "\255", "-", "_", "Zg==",
        ("Zm9v"):rep(19), ("AbC9"):rep(16), ("0+/x"):rep(9) }, 12)
      local expected = test.base64_decode("scalar", text, 0)
      for _, path in ipairs(paths) do
        assert.equal(expected, test.base64_decode(path, text, random.number(0, 31)))
      end
    end)
  end)
end)
