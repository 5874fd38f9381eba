-- content_spec.lua - what is counted of a body, against a reading that goes octet by octet.
local property = require "spec.property"
local test = require "posthorn.test"

local function is_utf8(text)
  return (test.utf8(text))
end

-- Each line and its end, an octet at a time.
local function read(text)
  local told = {
    size = #text, crlf = 0, lf = 0, cr = 0, longest = 0, high = 0, controls = 0, has_nul = false,
    has_dashes = false, is_ended = text == "" or text:find("[\r\n]$") ~= nil,
  }
  local at = 1
  while at <= #text do
    local line, ending = text:match("^([^\r\n]*)(\r?\n?)", at)
    told.longest = math.max(told.longest, #line)
    told.has_dashes = told.has_dashes or line:sub(1, 2) == "--"
    local kind = ({ ["\r\n"] = "crlf", ["\n"] = "lf", ["\r"] = "cr" })[ending]
    if kind then told[kind] = told[kind] + 1 end
    at = at + #line + #ending
  end
  for octet in text:gmatch("[%z\1-\31\127-\255]") do
    if octet:byte() >= 128 then
      told.high = told.high + 1
    elseif not octet:find("[\t\r\n]") then
      told.controls = told.controls + 1
    end
    told.has_nul = told.has_nul or octet == "\0"
  end
  told.is_broken = told.high > 0 and not is_utf8(text)
  return told
end

describe("ph_content", function()
  it("counts what stands at every place of a block and across two", function()
    for size = 0, 200 do
      local plain = ("x"):rep(size)
      assert.same(read(plain), test.content(plain))
      for _, piece in ipairs { "\n", "\r", "\r\n", "\n--", "\n-", "\0", "\t", "\127", "ü", "\195", "\r\r\n" } do
        local text = plain .. piece .. ("y"):rep(200 - size)
        assert.same(read(text), test.content(text))
        assert.same(read(plain .. piece), test.content(plain .. piece))
      end
    end
  end)

  it("counts texts at random as a slow reader does", function()
    local pieces = {
      "\r", "\n", "\r\n", "-", "--", "\n--", "a", "word ", ("x"):rep(63), ("y"):rep(64), "ü", "漢", "\195", "\128",
      "\240\159\152\128", "\0", "\t", "\127", "\31", " ",
    }
    property.each(20261125, 2000, function(draw)
      local text = draw.text(pieces, 60)
      assert.same(read(text), test.content(text))
    end)
  end)
end)
