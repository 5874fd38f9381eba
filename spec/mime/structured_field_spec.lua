-- structured_field_spec.lua - ph_structured_field: fields of the user's that programs read.
local message = require("posthorn.message").new
local parse = require("posthorn.parse").parse
local vectors = require "spec.codec.vectors"

local function build(name, value)
  return message { from = "a@b.example", text = "x", seed = "s", headers = { { name, value } } }
end

-- The field as it is written, folds and all.
local function written(name, value)
  local m = assert(message { from = "a@b.example", text = "x" }):header(name, value)
  if name == "List-Unsubscribe-Post" then m:header("List-Unsubscribe", "<https://x.example>") end
  local bytes = assert(m:bytes())
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
    for i = 1, 20 do uris[i] = ("<https://x.example/?a=?%d?=&b=%s>"):format(i, ("y"):rep(i * 10)) end
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

  it("writes U-labels as A-labels, so that local parts alone need SMTPUTF8 (RFC 5891)", function()
    for _, name in ipairs { "Disposition-Notification-To", "Errors-To", "Mail-Reply-To", "Mail-Followup-To",
      "Return-Receipt-To", "X-Confirm-Reading-To" } do
      local m = assert(build(name, "Søren <s@bücher.example>, x@BÜCHER.example, y@z.example"))
      assert.is_false(m:needs().smtputf8)
      assert.same({ { name = "Søren", address = "s@xn--bcher-kva.example" }, { address = "x@xn--bcher-kva.example" },
        { address = "y@z.example" } }, parse(m:bytes()):addresses(name))
      assert.is_true(build(name, "sø@bücher.example"):needs().smtputf8)
      local none, _, failure = build(name, "a@b.example, x@a‍b.example")
      assert.is_nil(none)
      assert.equal("headers[1].value", failure.field)
    end
  end)

  local function refuse(fields, field)
    fields.from, fields.text = "a@b.example", "x"
    local m, text, failure = message(fields)
    assert.is_nil(m)
    assert.matches(field, text, 1, true)
    assert.same({ "invalid", field }, { failure.kind, failure.field })
  end

  it("puts a field once that may stand once, a priority's too", function()
    for name, value in pairs {
      ["List-Id"] = "<a.b>", ["List-Unsubscribe"] = "<mailto:a@b>", ["List-Post"] = "NO", ["List-Help"] = "<a:b>",
      ["Auto-Submitted"] = "auto-generated", ["Importance"] = "low", ["Precedence"] = "bulk",
      ["Disposition-Notification-To"] = "a@b.example", ["Feedback-ID"] = "a:b",
    } do
      refuse({ headers = { { name, value }, { "X-A", "b" }, { name:upper(), value } } }, "headers[3].name")
    end
    for _, name in ipairs { "Importance", "x-priority", "PRIORITY" } do
      refuse({ priority = "high", headers = { { name, "1" } } }, "headers[1].name")
      assert(message { from = "a@b.example", priority = "normal", headers = { { name, "1" } } })
    end
    local m = assert(build("Archived-At", "<http://a.example/1>"))
    m:header("Archived-At", "<http://b.example/1>"):header("X-A", "b"):header("X-A", "c")
    assert.equal(2, select(2, assert(m:bytes()):gsub("\nArchived%-At: ", "")))
  end)

  it("wants an HTTPS URI beside one click, in whatever order (RFC 8058, 3.1)", function()
    local click = { "List-Unsubscribe-Post", "List-Unsubscribe=One-Click" }
    local function with(uris) return { "List-Unsubscribe", uris } end
    refuse({ headers = { click } }, "headers[1].value")
    refuse({ headers = { with "<mailto:a@b>", click } }, "headers[2].value")
    refuse({ headers = { click, with "<http://a> (<https://b>)" } }, "headers[1].value")
    refuse({ headers = { click, { "List-Help", "<https://b>" } } }, "headers[1].value")
    assert(message { from = "a@b.example", headers = { click, with "<mailto:a@b>, <HTTPS://b/c>" } })
    local m = assert(message { from = "a@b.example" })
    m:header(click[1], click[2])
    assert.equal("headers[1].value", select(3, m:envelope()).field)
    m:header("X-A", "b")
    assert.equal("headers[1].value", select(3, m:envelope()).field)
    m:header("List-Unsubscribe", "<https://b/c>")
    assert(m:bytes())
    m = assert(message { from = "a@b.example" })
    m:header("X-A", "\1"):header(click[1], click[2]):header("List-Unsubscribe", "<https://b/c>")
    assert.equal("headers[1].value", select(3, m:bytes()).field)
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
      { "Auto-Submitted", "ü" }, { "Auto-Submitted", "" }, { "TLS-Required", "Yes" },
      { "TLS-Required", "No, thanks" }, { "TLS-Required", "" }, { "Precedence", "ü" },
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
