-- hostile_spec.lua - bad data in every field of posthorn.message (security.md, 1a): refused with
-- the field named, never raised, and nothing reaches the wire.
local message = require("posthorn.message").new
local transport = require("posthorn.transport").new

-- The fields that every message needs, with others over them.
local function fields(more)
  local all = {
    from = "ada@example.org", to = "bob@example.net", subject = "Hi", text = "Hello\n", seed = "s",
  }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

describe("a hostile message", function()
  -- Every control, and the line ends that would begin a field or a command.
  local controls = { "\r\n", "\127", "\r\n ", "\n.\n" }
  for octet = 0, 31 do controls[#controls + 1] = string.char(octet) end
  local places = {
    from = function(bad) return { from = "a" .. bad .. "@b.example" } end,
    ["from/name"] = function(bad) return { from = { name = "a" .. bad .. "b", address = "a@b.example" } }, "from" end,
    ["to[2]"] = function(bad) return { to = { "a@b.example", "a@b.example" .. bad } } end,
    ["to[1]"] = function(bad) return { to = { { name = "x" .. bad, address = "a@b.example" } } } end,
    ["cc[1]"] = function(bad) return { cc = { { address = bad .. "a@b.example" } } } end,
    bcc = function(bad) return { bcc = "a@b.example>" .. bad .. "RCPT TO:<c@d.example" } end,
    reply_to = function(bad) return { reply_to = '"x' .. bad .. '"@y.example' } end,
    sender = function(bad) return { sender = "a@b.exam" .. bad .. "ple" } end,
    subject = function(bad) return { subject = "Hi" .. bad .. "Bcc: x@y.example" } end,
    message_id = function(bad) return { message_id = "<a" .. bad .. "@b>" } end,
    in_reply_to = function(bad) return { in_reply_to = "a@b" .. bad } end,
    ["references[2]"] = function(bad) return { references = { "a@b", "c@d" .. bad } } end,
    priority = function(bad) return { priority = "high" .. bad } end,
    seed = function(bad) return { seed = "a" .. bad } end,
    ["headers[1].name"] = function(bad) return { headers = { { "X-A" .. bad .. "B", "c" } } } end,
    ["headers[1].value"] = function(bad) return { headers = { { "X-A", "c" .. bad .. "d" } } } end,
    ["headers[2].value"] = function(bad) return { headers = { ["X-A"] = "", ["X-B"] = bad } } end,
    ["attachments[1].filename"] = function(bad)
      return { attachments = { { content = "", filename = "a" .. bad } } }
    end,
    ["attachments[1].type"] = function(bad) return { attachments = { { content = "", type = "a/b" .. bad } } } end,
    ["attachments[2].cid"] = function(bad)
      return { attachments = { { content = "" }, { content = "", cid = "a" .. bad } } }
    end,
    ["attachments[1].disposition"] = function(bad)
      return { attachments = { { content = "", disposition = "inline" .. bad } } }
    end,
    ["attachments[1].encoding"] = function(bad)
      return { attachments = { { content = "", encoding = "base64" .. bad } } }
    end,
    ["headers[1].value/List-Unsubscribe"] = function(bad)
      return { headers = { { "List-Unsubscribe", "<https://x.example/" .. bad .. ">" } } },
        "headers[1].value"
    end,
    ["headers[1].value/List-Id"] = function(bad)
      return { headers = { { "List-Id", "x" .. bad .. "<a.b>" } } }, "headers[1].value"
    end,
    ["headers[1].value/Errors-To"] = function(bad)
      return { headers = { { "Errors-To", '"x' .. bad .. '" <a@b.example>' } } }, "headers[1].value"
    end,
    ["alternatives[1].type"] = function(bad)
      return { alternatives = { { content = "x", type = "text/x-amp-html" .. bad } } }
    end,
    ["alternatives[1].encoding"] = function(bad)
      return { alternatives = { { content = "x", type = "a/b", encoding = "7bit" .. bad } } }
    end,
    ["calendar.method"] = function(bad)
      return { calendar = { content = "BEGIN:VCALENDAR\nMETHOD:X\nEND:VCALENDAR", method = "X" .. bad } }
    end,
    encoding = function(bad) return { encoding = "8bit" .. bad } end,
    ["text.encoding"] = function(bad) return { text = { content = "", encoding = bad .. "8bit" } } end,
  }

  local function refused(place, given)
    local ok, m, text, failure = pcall(message, fields(given))
    assert.is_true(ok, tostring(m))
    assert.is_nil(m, place)
    assert.is_string(text)
    assert.is_nil(text:find("[%c]"))
    assert.is_nil(text:find(".lua:", 1, true))
    assert.equal("invalid", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal("build", failure.phase)
    assert.equal(place, failure.field)
    assert.equal(text, tostring(failure))
  end

  it("with a control in any string is refused, its field named (E1, E2)", function()
    local capture, count = transport "capture:", 0
    for place, make in pairs(places) do
      for _, bad in ipairs(controls) do
        local given, field = make(bad)
        refused(field or place, given)
        local result, _, failure = capture:send(fields(given))
        assert.is_nil(result)
        assert.equal(field or place, failure.field)
        count = count + 1
      end
    end
    assert.equal(0, #capture.messages)
    assert.is_true(count >= 900)
    assert.is_truthy(capture:send(fields()))
    assert.equal(1, #capture.messages)
  end)

  it("with invalid UTF-8 is refused", function()
    for _, place in ipairs { "from", "from/name", "to[2]", "to[1]", "subject", "in_reply_to",
      "headers[1].name", "headers[1].value", "attachments[1].filename", "attachments[1].type",
      "attachments[2].cid" } do
      for _, bad in ipairs { "\255", "\192\175", "\237\160\128", "\226\130" } do
        local given, field = places[place](bad)
        refused(field or place, given)
      end
    end
    refused("text", { text = "a\255" })
    refused("html", { html = { content = "\226\130" } })
  end)

  it("with what a reader would decode, where nothing can be encoded, is refused (row 6)", function()
    local function field(name, value) return { headers = { { name, value } } }, "headers[1].value" end
    local make = {
      message_id = function(word) return { message_id = "<" .. word .. "@x>" }, "message_id" end,
      reply = function(word) return { in_reply_to = { "<a@b>", "<" .. word .. ">" } }, "in_reply_to[2]" end,
      references = function(word) return { references = "a" .. word .. "@b" }, "references" end,
      cid = function(word)
        return { attachments = { { content = "x", cid = word } } }, "attachments[1].cid"
      end,
      uri = function(word) return field("List-Unsubscribe", "<https://x.example/?a" .. word .. ">") end,
      comment = function(word) return field("List-Help", "<mailto:a@b.example> (" .. word .. ")") end,
      list = function(word) return field("List-Id", "<a." .. word .. ">") end,
      word = function(word) return field("Auto-Submitted", word) end,
    }
    for _, place in pairs(make) do
      for _, word in ipairs { "=?utf-8?q?x?=", "=?utf-8?Q?=0D=0ABcc=3Ax?=", "=?=?a?B?eA==?=", "=?utf-8*en?q?=41?=" } do
        local given, name = place(word)
        refused(name, given)
      end
      for _, text in ipairs { "=?", "=?utf-8?q?x", "=?utf-8?x?x?=", "=?a?=" } do
        assert(message(fields((place(text)))), text)
      end
    end
    refused("headers[1].value", (make.word "=?utf-8?q?a b?=")) -- Python reads that too
  end)

  it("with a value of any other type is refused, never raised", function()
    local null = io.stdout
    local values = { true, 5, null, coroutine.create(function() end), { {} }, { true }, { "a", b = 1 }, {} }
    local function each(names, wrap, except)
      for _, name in ipairs(names) do
        for _, value in ipairs(values) do
          if not (except and except[type(value)] and except[type(value)](value)) then
            local ok, m, _, failure = pcall(message, fields(wrap(name, value)))
            assert.is_true(ok, name .. ": " .. tostring(m))
            if m then assert.same({}, value) else assert.equal("invalid", failure.kind) end
          end
        end
      end
    end
    each({ "from", "to", "cc", "bcc", "reply_to", "sender", "subject", "message_id", "in_reply_to",
      "references", "priority", "seed", "encoding", "headers", "attachments" },
      function(name, value) return { [name] = value } end,
      { table = function(value) return value.b end })
    assert.equal("date", select(3, message(fields { date = true })).field)
    assert.equal("date", select(3, message(fields { date = 0 / 0 })).field)
    assert.equal("date", select(3, message(fields { date = 1e300 })).field)
    assert.equal("text", select(3, message(fields { text = true })).field)
    assert.equal("text", select(3, message(fields { text = 5 })).field)
    assert.equal("html", select(3, message(fields { html = coroutine.create(function() end) })).field)
    assert.equal("text", select(3, message(fields { text = {} })).field)
    assert.equal("attachments[1].content", select(3, message(fields { attachments = { {} } })).field)
    assert.equal("attachments[2]",
      select(3, message(fields { attachments = { { content = "" }, "/etc/passwd" } })).field)
    assert.equal("headers[1].value", select(3, message(fields { headers = { { "X-A", true } } })).field)
    assert.equal("headers[2]", select(3, message(fields { headers = { { "X-A", "b" }, true } })).field)
    assert.equal("from", select(3, message { to = "a@b.example" }).field)
  end)

  it("may not set the fields that are ours or the carriers'", function()
    for _, name in ipairs { "From", "TO", "bcc", "Subject", "Message-ID", "Content-Type", "content-x",
      "MIME-Version", "Received", "Return-Path", "DKIM-Signature", "Resent-To", "ARC-Seal",
      "Authentication-Results", "", "a b", "a:b", "ü", ("x"):rep(77) } do
      refused("headers[1].name", { headers = { { name, "x" } } })
    end
    assert.is_truthy(message(fields { headers = { ["List-Unsubscribe"] = "<https://x.example/u>" } }))
  end)

  it("has a type whose parameters can all be read, or is refused", function()
    for _, bad in ipairs { "a/b;", "a/b; c", "a/b; c=", "a/b; =d", 'a/b; c="d', "a/b; c=d e", "a/b; c=d;", "a/b c=d",
      "a/b; c=d; c=e", "a/b; c = d", "a/b; c=d; e", 'a/b; c="d"e', "a/b; c=d (comment)", "a/b;; c=d" } do
      refused("attachments[1].type", { attachments = { { content = "", type = bad } } })
    end
    for _, good in ipairs { "text/csv; header=present; charset=utf-8", 'a/b;c="d; \\"e"', "a/b ; c=d", "a/b;  c=d  ;e=f" } do
      local m = assert(message(fields { attachments = { { content = "", type = good } } }))
      assert.is_string(m:bytes())
    end
  end)

  it("takes one mailbox in a table, never a list", function()
    for _, bad in ipairs {
      "a@b.example, c@d.example", "A <a@b.example>", "a@b.example (x)",
      "g: a@b.example;", "", "x",
    } do
      refused("to", { to = { address = bad } })
    end
    refused("sender", { sender = "a@b.example, c@d.example" })
    refused("from", { from = "g: a@b.example;" })
    refused("to", { to = { address = "a@b.example", colour = "x" } })
  end)

  it("is refused for text over 64 KiB", function()
    refused("subject", { subject = ("x "):rep(40000) })
    refused("headers[1].value", { headers = { { "X-A", ("ü"):rep(40000) } } })
    refused("in_reply_to", { in_reply_to = ("x"):rep(901) .. "@b" })
  end)
end)
