-- structured_field_spec.lua - ph_structured_field: fields of the user's that programs read.
local message = require("posthorn.message").new
local parse = require("posthorn.parse").parse
local vectors = require "spec.codec.vectors"

local function build(name, value)
  return message { from = "a@b.example", text = "x", seed = "s", headers = { { name, value } } }
end

-- The field as it is written, folds and all.
local function written(name, value)
  local bytes = assert(assert(build(name, value)):bytes())
  return ("\r\n" .. bytes):match("\r\n" .. name:gsub("%-", "%%-") .. ": (.-)\r\n[^ ]")
end

describe("ph_structured_field", function()
  it("writes the examples of the RFCs as they stand", function()
    for _, vector in ipairs(vectors "list_field") do
      local section, name, value = vector[1], vector[2], vector[3]
      assert.equal(value, (written(name, value):gsub("\r\n", "")), section)
    end
  end)

  it("makes no encoded-word of a URI, and folds between two of them alone", function()
    local uris = {}
    for i = 1, 20 do uris[i] = ("<https://x.example/?a=?utf-8?q?%d?=&b=%s>"):format(i, ("y"):rep(i * 10)) end
    local value = written("List-Unsubscribe", table.concat(uris, ","))
    assert.equal(table.concat(uris, ", "), (value:gsub("\r\n", "")))
    for line in (value .. "\r\n"):gmatch("(.-)\r\n") do
      assert.is_true(#line <= 78 or select(2, line:gsub("<", "")) == 1)
    end
  end)

  it("encodes the name of a list and of a mailbox", function()
    assert.matches("^=%?utf%-8%?.%?[^ ]+%?= <x.y.example>$", written("List-Id", '"Größe" <x.y.example>'))
    assert.equal('"a.b, c" <x.y>', written("List-Id", '"a.b, c" <x.y>'))
    assert.equal("<x.y>", written("List-Id", "<x.y>"))
    local m = assert(build("Disposition-Notification-To", "Søren <s@x.example>, b@c.example"))
    assert.same({ { name = "Søren", address = "s@x.example" }, { address = "b@c.example" } },
      parse(m:bytes()):addresses("Disposition-Notification-To"))
    assert.is_true(build("Errors-To", "sø@x.example"):needs().smtputf8)
    assert.is_false(m:needs().smtputf8)
  end)

  it("refuses what breaks the grammar, its field named", function()
    for _, case in ipairs {
      { "List-Unsubscribe", "https://x.example" }, { "List-Unsubscribe", "" },
      { "List-Unsubscribe", "<x>" }, { "List-Unsubscribe", "<:x>" }, { "List-Unsubscribe", "<https:>" },
      { "List-Unsubscribe", "<https://x y>" }, { "list-unsubscribe", "<https://ü>" },
      { "List-Unsubscribe", "<a:b>," }, { "List-Unsubscribe", ",<a:b>" }, { "List-Unsubscribe", "<a:b> <c:d>" },
      { "List-Unsubscribe", "<a:b" }, { "List-Unsubscribe", "<a:b<c>" }, { "List-Unsubscribe", "<a:b> (x" },
      { "List-Help", "<a:" .. ("x"):rep(1000) .. ">" }, { "List-Help", "=?utf-8?q?<a:b>?=" },
      { "List-Post", "no" }, { "List-Post", "x" }, { "List-Id", "x" }, { "List-Id", "<x>" },
      { "List-Id", "<x..y>" }, { "List-Id", "<x.y> z" }, { "List-Id", "<ü.y>" },
      { "List-Unsubscribe-Post", "List-Unsubscribe=one-click" }, { "List-Unsubscribe-Post", "" },
      { "Auto-Submitted", "ü" }, { "Auto-Submitted", "" }, { "Precedence", "ü" },
      { "Disposition-Notification-To", "x" }, { "Errors-To", "" },
    } do
      local m, text, failure = build(case[1], case[2])
      assert.is_nil(m, case[1] .. ": " .. case[2])
      assert.is_string(text)
      assert.equal("invalid", failure.kind)
      assert.equal("headers[1].value", failure.field)
    end
  end)

  it("costs linear time", function()
    for _, piece in ipairs { "<", "(", "<a:b>,", "\\", " ", "(x)", '"', "a@b," } do
      for _, name in ipairs { "List-Help", "List-Id", "Errors-To", "List-Post" } do
        local before = os.clock()
        build(name, piece:rep(math.floor(65536 / #piece)))
        assert.is_true(os.clock() - before < 0.5, name .. piece)
      end
    end
  end)
end)
