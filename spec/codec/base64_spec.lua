-- base64_spec.lua - base64, strict and tolerant, at every cut.
-- SPDX-License-Identifier: MIT
local base64 = require("posthorn.core").base64
local draw = require("spec.codec.draw")(1)
local vectors = require "spec.codec.vectors"

describe("ph_base64", function()
  it("agrees with the RFCs", function()
    for _, vector in ipairs(vectors "base64") do
      assert.equal(vector[3], base64.encode(vector[2]))
      assert.equal(vector[2], base64.parse(vector[3]))
      assert.equal(vector[2], base64.decode(vector[3]))
    end
  end)

  it("breaks lines at 76 columns, none behind the last", function()
    assert.equal(("YWFh"):rep(19), base64.encode(("a"):rep(57), 76))
    assert.equal(("YWFh"):rep(19) .. "\r\nYQ==", base64.encode(("a"):rep(58), 76))
    assert.equal("", base64.encode("", 76))
  end)

  it("writes and reads the same however the octets are cut", function()
    for _ = 1, 500 do
      local octets = draw.octets(300)
      local lines = base64.encode(octets, 76)
      assert.equal(lines, base64.encode(draw.chunks(octets, 7), 76))
      assert.equal(#lines, base64.size(#octets))
      assert.equal(octets, base64.decode(draw.chunks(lines, 5)))
      local line = base64.encode(octets)
      assert.equal((lines:gsub("\r\n", "")), line)
      assert.equal(octets, base64.parse(line))
    end
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
