-- printable_spec.lua - csrc/base/printable.c, through posthorn.test.
local test = require "posthorn.test"

local function shown(text, limit)
  local buf = test.buf(4096)
  assert.is_true(test.printable(buf, text, limit or 1000))
  return buf:content()
end

describe("ph_printable_put", function()
  it("leaves harmless text as it is", function()
    local text = "550 5.1.1 <b@example.net>: Gr\195\188\195\159e %s %d [[x]]"
    assert.equal(text, shown(text))
  end)

  it("makes one line of many", function()
    assert.equal("a  b c", shown("a\r\nb\tc"))
  end)

  it("escapes controls, invalid octets and marks that turn text around (E17)", function()
    assert.equal("\\x1b[2J\\x07\\x00\\x7f", shown("\27[2J\7\0\127"))
    assert.equal("\\xff\\xc3x", shown("\255\195x"))
    assert.equal("\\xe2\\x80\\xae", shown("\226\128\174"))
    assert.equal("\\xc2\\x9b", shown("\194\155"))
    assert.equal("\\xef\\xbb\\xbf", shown("\239\187\191"))
  end)

  it("never writes past its limit nor cuts a character", function()
    for limit = 3, 40 do
      local text = shown(("\195\188\27"):rep(100), limit)
      assert.is_true(#text <= limit)
      assert.equal("...", text:sub(-3))
      assert.is_true((test.utf8(text)))
      assert.is_nil(text:find("\\x?1?%.%.%.$"))
    end
  end)

  it("fills its limit exactly without a mark", function()
    assert.equal("abcdef", shown("abcdef", 6))
    assert.equal("ab...", shown("abcdef", 5))
  end)

  it("is a limit's failure where no room is left", function()
    local buf = test.buf(10)
    assert.same({ nil, "limit" }, { test.printable(buf, "abc", 10) })
    assert.equal("", buf:content())
  end)
end)
