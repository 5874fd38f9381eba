-- xtext_spec.lua - xtext and the forms of internationalized addresses.
-- SPDX-License-Identifier: MIT
local xtext = require("posthorn.core").xtext
local property = require "spec.property"
local vectors = require "spec.codec.vectors"

local pieces = { "a", "@", ".", "+", "=", "\\", " ", '"', "x{2B}", "ü", "漢字", "😀", "\244\143\191\191",
  "\194\128", "~", "!", ("long"):rep(20) }

local function encode(form, text)
  if form == "xtext" then return xtext.encode(text) end
  return xtext.encode_address(text, form == "unitext")
end

local function decode(form, text)
  if form == "xtext" then return xtext.decode(text) end
  return xtext.decode_address(text)
end

local function refuses(form, text)
  local decoded, message, failure = decode(form, text)
  assert.is_nil(decoded, text)
  assert.is_string(message)
  assert.same({ "invalid", "text" }, { failure.kind, failure.field })
end

describe("ph_xtext", function()
  it("writes and reads the examples of the RFCs", function()
    for _, vector in ipairs(vectors "xtext") do
      local form, text, encoded = vector[2], vector[3], vector[4]
      assert.equal(encoded, encode(form, text))
      assert.equal(text, decode(form, encoded))
    end
    for _, form in ipairs { "xtext", "address", "unitext" } do
      assert.equal("", encode(form, ""))
      assert.equal("", decode(form, ""))
    end
  end)

  it("writes each octet as what a parameter may hold, and reads it", function()
    for octet = 0, 255 do
      local c = string.char(octet)
      local encoded = xtext.encode(c)
      assert.truthy(encoded:find("^[!-*,-<>-~]$") or encoded:find("^%+[0-9A-F][0-9A-F]$"))
      assert.equal(c, xtext.decode(encoded))
    end
  end)

  it("refuses what is no xtext", function()
    for _, text in ipairs { "+", "+4", "+4g", "+4a", "=", " ", "a\r\nb", "\0", "\127", "ü", "a+2", "+G0" } do
      refuses("xtext", text)
    end
  end)

  it("refuses what is no internationalized address", function()
    for _, text in ipairs {
      "\\", "\\x", "\\x{", "\\x{}", "\\x{2}", "\\x{2B", "\\x{2b}", "\\x{61}", "\\x{00}", "\\x{0A}",
      "\\x{0FC}", "\\x{D800}", "\\x{DFFF}", "\\x{110000}", "\\x{0010FFFF}", "\\x{02B}", "\\X{2B}",
      "a+b", "a=b", "a b", "\r", "\0", "\127", "\255", "\195", "\237\160\128",
    } do
      refuses("address", text)
    end
    for _, address in ipairs { "\0", "a\r\nb", "\t", "\127", "\255", "\195", "\237\160\128" } do
      local encoded, _, failure = xtext.encode_address(address)
      assert.is_nil(encoded)
      assert.equal("address", failure.field)
    end
  end)

  it("gives back what it was given, in the characters of its form", function()
    property.each(3461, 1000, function(draw)
      local octets, address = draw.octets(60), draw.text(pieces, 12)
      local encoded = xtext.encode(octets)
      assert.is_nil(encoded:find("[^!-<>-~]"))
      assert.equal(octets, xtext.decode(encoded))
      encoded = xtext.encode_address(address)
      assert.is_nil(encoded:find("[^!-*,-<>-~]"))
      assert.equal(address, xtext.decode_address(encoded))
      encoded = xtext.encode_address(address, true)
      assert.is_nil(encoded:find("[%c +=]"))
      assert.equal(address, xtext.decode_address(encoded))
    end)
  end)

  it("reads anything, and what it took is written again alike", function()
    local broken = { "+", "2", "B", "b", "\\", "x", "{", "}", "0", "F", "=", " ", "a", "\195", "\188", "D8" }
    property.each(6533, 1000, function(draw)
      local text = draw.text(broken, 12)
      local octets, address = xtext.decode(text), xtext.decode_address(text)
      if octets then assert.equal(octets, xtext.decode(xtext.encode(octets))) end
      if address then
        assert.equal(address, xtext.decode_address(xtext.encode_address(address)))
        assert.equal(address, xtext.decode_address(xtext.encode_address(address, true)))
      end
    end)
  end)
end)
