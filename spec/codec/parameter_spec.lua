-- parameter_spec.lua - parameters of MIME fields, written and read.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local parameter = core.parameter
local draw = require("spec.codec.draw")(7)
local property = require "spec.property"
local vectors = require "spec.codec.vectors"

local pieces = { "a", "file", " ", ".", "é", "漢字", "😀", '"', "\\", ";", "=", "'", "%41", "*", "(",
  "=?", "/", ("long"):rep(10) }

describe("ph_parameter", function()
  it("reads the examples of the RFCs", function()
    for _, vector in ipairs(vectors "parameter") do
      local list = parameter.parse(vector[2])
      for i, item in ipairs(list) do
        assert.same({ vector[2 * i + 1], vector[2 * i + 2] }, item)
      end
      assert.equal((#vector - 2) / 2, #list)
    end
  end)

  it("chooses the plainest form that tells the value", function()
    assert.equal("; charset=utf-8", parameter.encode("charset", "utf-8"))
    assert.equal('; filename="a b.txt"', parameter.encode("filename", "a b.txt"))
    assert.equal('; filename="a\\"b\\\\"', parameter.encode("filename", 'a"b\\'))
    assert.equal('; filename=""', parameter.encode("filename", ""))
    assert.equal("; filename*=utf-8''%C3%9Cbersicht.csv",
      parameter.encode("filename", "Übersicht.csv"))
    assert.equal("", parameter.encode("filename", "a.csv", "fallback"))
    assert.equal('; name="=?utf-8?B?w5w=?="', parameter.encode("name", "Ü", "fallback"))
  end)

  it("refuses names and values that would break out (row 8)", function()
    for _, name in ipairs { "", "a b", "a=", "a;", "a*", "a'", "a%", "ü", "a\r\n" } do
      assert.is_nil((parameter.encode(name, "b")))
    end
    for _, value in ipairs { "a\r\nb", "\0", "\127", "\255" } do
      assert.is_nil((parameter.encode("name", value)))
      assert.is_nil((parameter.encode("name", value, "fallback")))
    end
  end)

  it("reads what it wrote, folded too, both forms at once", function()
    property.each(2231, 1500, function(random)
      local value = random.text(pieces, 12)
      local text = "attachment" .. parameter.encode("filename", value, "fallback")
        .. parameter.encode("filename", value) .. "; x=y"
      local field = assert(core.fold.encode("Content-Disposition", text))
      for line in field:gmatch("(.-)\r\n") do
        assert(#line <= 998, line)
      end
      local list = parameter.parse(field:match(";.*"))
      assert.same({ { "filename", value }, { "x", "y" } }, list)
      field = core.fold.encode("A", "b" .. parameter.encode("filename", value))
      for line in field:gmatch("(.-)\r\n") do
        assert(#line <= 78, line)
      end
    end)
  end)

  it("refuses what takes more pieces than a reader keeps", function()
    local list = parameter.parse(assert(parameter.encode("filename", ("é"):rep(2450))))
    assert.same({ { "filename", ("é"):rep(2450) } }, list)
    assert.is_nil((parameter.encode("filename", ("é"):rep(3000))))
  end)

  it("keeps room for the quote behind an encoded-word", function()
    for size = 30, 120 do
      local text = "a/b" .. parameter.encode("name", ("x"):rep(size) .. "=?", "fallback")
      for line in core.fold.encode("Content-Type", text):gmatch("(.-)\r\n") do
        assert.is_true(#line <= 76, line)
      end
    end
  end)

  it("reads what others write", function()
    local cases = {
      ["; filename=my report.pdf; a=b"] = { { "filename", "my report.pdf" }, { "a", "b" } },
      ['; filename="=?utf-8?Q?=C3=9C?="'] = { { "filename", "Ü" } },
      ["; name*1=b; name*0=a"] = { { "name", "ab" } },
      ["; name=old; name*=iso-8859-1''%FC"] = { { "name", "ü" } },
      ["; a=1; a=2"] = { { "a", "1" } },
      ["; ;; =x; b; a=1"] = { { "a", "1" } },
      ['; a="never ends; b=c'] = { { "a", "never ends; b=c" } },
      ["; a=1 (never ends; b=c"] = { { "a", "1" } },
    }
    for text, list in pairs(cases) do
      assert.same(list, parameter.parse(text), text)
    end
  end)

  it("survives any text, in time", function()
    local broken = { ";", "=", '"', "(", ")", "*", "0", "a", "'", "%", "\\", " ", "\r\n" }
    for _ = 1, 2000 do
      parameter.parse(draw.text(broken, 30))
    end
    local start = os.clock()
    for _, piece in ipairs { "(;", '";', "a=b;", "a*0=b;", ";", "\\", "a*=''%;", "(" } do
      parameter.parse(piece:rep(20000))
    end
    assert.is_true(os.clock() - start < 1)
  end)
end)
