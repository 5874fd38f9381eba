-- utf8_spec.lua - csrc/base/utf8.c, through posthorn.test.
local test = require "posthorn.test"

local function first(text)
  return { select(2, test.utf8(text)) }
end

describe("ph_utf8", function()
  it("reads the first character of each length, at its ends (RFC 3629, 4)", function()
    assert.same({ 1, 0x00 }, first("\0x"))
    assert.same({ 1, 0x7f }, first("\127"))
    assert.same({ 2, 0x80 }, first("\194\128"))
    assert.same({ 2, 0x7ff }, first("\223\191"))
    assert.same({ 3, 0x800 }, first("\224\160\128"))
    assert.same({ 3, 0xd7ff }, first("\237\159\191"))
    assert.same({ 3, 0xe000 }, first("\238\128\128"))
    assert.same({ 3, 0xffff }, first("\239\191\191"))
    assert.same({ 4, 0x10000 }, first("\240\144\128\128"))
    assert.same({ 4, 0x10ffff }, first("\244\143\191\191"))
  end)

  it("knows no character in what RFC 3629 forbids", function()
    local forbidden = {
      continuation = "\128", overlong_2 = "\192\175", overlong_2b = "\193\191",
      overlong_3 = "\224\159\191", overlong_4 = "\240\143\191\191", surrogate = "\237\160\128",
      last_surrogate = "\237\191\191", too_high = "\244\144\128\128", five = "\248\136\128\128\128",
      cut_2 = "\194", cut_3 = "\226\130", cut_4 = "\240\159\152", none = "\255",
      wrong_middle = "\226x\172", wrong_end = "\226\130x",
    }
    for name, octets in pairs(forbidden) do
      assert.is_false(test.utf8("ok " .. octets), name)
      assert.equal(0, first(octets)[1], name)
    end
    assert.same({ 0, 0 }, first(""))
  end)

  it("sees a broken octet wherever it stands", function()
    for size = 1, 70 do
      for at = 1, size do
        local before, behind = ("x"):rep(at - 1), ("x"):rep(size - at)
        assert.is_false((test.utf8(before .. "\255" .. behind)))
        assert.is_true((test.utf8(before .. "\195\164" .. behind)))
      end
    end
  end)

  it("takes whole texts", function()
    assert.is_true((test.utf8("")))
    assert.is_true((test.utf8("Gr\195\188\195\159e, \240\159\147\175!\0")))
  end)
end)
