-- charset_spec.lua - character sets in UTF-8, as text of a part has them.
local core = require "posthorn.core"

local function decode(charset, octets)
  return core.parser("Content-Type: text/plain; charset=\"" .. charset .. "\"\r\n\r\n" .. octets):text(1)
end

describe("ph_charset", function()
  it("knows names without case and whatever joins their parts", function()
    for name, text in pairs {
      ["ISO-8859-1"] = "\195\188", ["latin1"] = "\195\188", ["iso8859_1"] = "\195\188",
      ["Windows-1252"] = "\195\188", ["cp1252"] = "\195\188", ["iso-8859-15"] = "\195\188",
      ["x-cp1251"] = "\209\140", ["KOI8-R"] = "\208\173", ["utf-8"] = "\252",
      ["us-ascii"] = "\195\188", [""] = "\195\188", ["ISO-8859-2"] = "\195\188",
      ["iso-2022-jp"] = "\252", ["-"] = "\252", ["windows"] = "\252", ["cp"] = "\252",
      ["iso-8859-12"] = "\252", ["windows-1252-and-no-set-at-all"] = "\252",
    } do
      assert.equal(text, decode(name, "\252"), name)
    end
  end)

  it("has the tables that Python's codecs have", function()
    local script = os.tmpname()
    local handle = assert(io.open(script, "w"))
    handle:write([[
for name in ["iso8859-%d" % i for i in (2,3,4,5,6,7,8,9,10,13,14,15,16)] + ["koi8-r", "koi8-u"] + \
        ["cp%d" % i for i in (874,1250,1251,1252,1253,1254,1255,1256,1257,1258)]:
    for b in range(128, 256):
        try:
            text = bytes([b]).decode(name)
        except UnicodeDecodeError:
            text = chr(b if b < 0xa0 else 0xfffd)
        print(name, b, text.encode("utf-8").hex())
]])
    handle:close()
    local count = 0
    local pipe = assert(io.popen("/usr/bin/python3 " .. script))
    for line in pipe:lines() do
      local name, octet, hex = line:match("^(%S+) (%d+) (%x+)$")
      local text = hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)
      assert.equal(text, decode(name, string.char(tonumber(octet))), line)
      count = count + 1
    end
    pipe:close()
    os.remove(script)
    assert.equal(25 * 128, count)
  end)

  it("reads UTF-16 in either order, pairs, and what is none (RFC 2781)", function()
    for _, case in ipairs {
      { "utf-16", "\254\255\0a\1\2", "a\196\130" }, { "utf-16", "\255\254a\0\2\1", "a\196\130" },
      { "utf-16", "\0a", "a" }, { "utf-16le", "a\0", "a" }, { "UTF-16BE", "\32\172", "\226\130\172" },
      { "utf-16be", "\216\61\222\0", "\240\159\152\128" },
      { "utf-16be", "\216\61\0a", "\239\191\189a" }, { "utf-16be", "\222\0\0a", "\239\191\189a" },
      { "utf-16be", "\0a\0", "a\239\191\189" }, { "utf-16be", "\216\61\222", "\239\191\189\239\191\189" },
      { "utf-16", "", "" }, { "utf-16", "\254", "\239\191\189" },
    } do
      assert.equal(case[3], decode(case[1], case[2]), ("%s %q"):format(case[1], case[2]))
    end
  end)

  it("keeps UTF-8 where no charset is named, and takes other octets for windows-1252", function()
    assert.equal("\195\188", decode("", "\195\188"))
    assert.equal("\226\128\156x\226\128\157", decode("us-ascii", "\147x\148"))
  end)
end)
