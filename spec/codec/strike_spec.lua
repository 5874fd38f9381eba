-- strike_spec.lua - the codecs without memory: each allocation refused once,
-- and all from there on. What comes back is `limit`, and nothing is lost.
-- SPDX-License-Identifier: MIT
local test = require "posthorn.test"

local core = test.core()
local long = ("Übersicht, 漢字 "):rep(40)

local calls = {
  base64 = function() return core.base64.encode(long, 76) end,
  base64_parse = function() return core.base64.parse("Zm9v") end,
  quoted_printable = function() return core.quoted_printable.encode(long) end,
  dot_stuffing = function() return core.dot_stuffing.encode(long) end,
  line_ends = function() return core.line.ends(long) end,
  encoded_word = function() return core.encoded_word.encode(long) end,
  encoded_word_decode = function()
    return core.encoded_word.decode("a =?iso-8859-1?Q?=E9?= =?utf-8?B?w5w=?= b")
  end,
  parameter = function() return core.parameter.encode("filename", long) end,
  fallback = function() return core.parameter.encode("filename", long, "fallback") end,
  parameter_parse = function()
    return core.parameter.parse('; a="b"; c*0*=utf-8\'\'%C3%9C; c*1=d; e="=?utf-8?Q?f?="')
  end,
  fold = function() return core.fold.encode("Subject", ("word "):rep(100)) end,
  date = function() return core.date.format(0) end,
  domain = function() return core.domain.format("Example.org") end,
  bare_address = function() return core.bare_address('"a b"@example.org') end,
  address_list = function()
    local list = core.address_list()
    local ok, message, failure = list:parse("Ada <a@b.c>, g: =?utf-8?Q?=C3=9C?= <d@e.f>, x@y.z;")
    if not ok then
      return nil, message, failure
    end
    return list:format()
  end,
}

describe("codecs on strike", function()
  for name, call in pairs(calls) do
    it(name .. " reports limit and loses no memory", function()
      collectgarbage()
      collectgarbage()
      local live = test.live()
      test.strike()
      local expected = assert(call())
      local count = test.allocations()
      for _, and_all in ipairs { false, true } do
        for i = 1, count do
          test.strike(i, and_all)
          local result, message, failure = call()
          test.strike()
          assert.is_nil(result)
          assert.equal("string", type(message))
          assert.equal("limit", failure.kind)
        end
      end
      assert.same(expected, call())
      collectgarbage()
      collectgarbage()
      assert.equal(live, test.live())
    end)
  end
end)
