-- message_spec.lua - posthorn.message: fields, structure, refusals.
local files = require "posthorn.file"
local letters = require "posthorn.letter"
local messages = require "posthorn.message"
local parse = require("posthorn.parse").parse
local reread = require "spec.mime.reread"
local message = messages.new

local function crlf(text) return (text:gsub("\n", "\r\n")) end

-- The fields that every message needs, with others over them.
local function fields(more)
  local all = {
    from = "ada@example.org", to = "bob@example.net", subject = "Hi", text = "Hello\n", seed = "s",
  }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local function bytes_of(more) return assert(assert(message(fields(more))):bytes()) end

local id = "dab8c4d9d2cb0fb4c7ef3fb5ae7c7c1d"

describe("posthorn.message", function()
  setup(function() id = assert(message(fields())).id:match("^%x+") end)

  it("writes a text alone without any container", function()
    assert.equal(crlf([[
Date: Thu, 1 Jan 1970 00:00:00 +0000
From: ada@example.org
To: bob@example.net
Subject: Hi
Message-ID: <]] .. id .. [[@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Hello
]]), bytes_of())
  end)

  it("writes alternative, related and mixed, each only where it is needed", function()
    local bytes = bytes_of {
      html = "<p>Grüße <img src=cid:logo></p>\n",
      attachments = {
        { content = "PNG", type = "image/png", cid = "<logo>" },
        { content = "%PDF", filename = "a.pdf" },
      },
    }
    local outer, middle, inner =
      bytes:match('boundary="(.-)".*boundary="(.-)".*boundary="(.-)"')
    local expected = crlf([[
Date: Thu, 1 Jan 1970 00:00:00 +0000
From: ada@example.org
To: bob@example.net
Subject: Hi
Message-ID: <]] .. id .. [[@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed;
 boundary="M"
Content-Transfer-Encoding: 8bit

--M
Content-Type: multipart/alternative;
 boundary="A"
Content-Transfer-Encoding: 8bit

--A
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Hello

--A
Content-Type: multipart/related; type="text/html";
 boundary="R"
Content-Transfer-Encoding: 8bit

--R
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<p>Grüße <img src=cid:logo></p>

--R
Content-Type: image/png
Content-Disposition: inline
Content-ID: <logo>
Content-Transfer-Encoding: base64

UE5H
--R--
--A--
--M
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment; filename=a.pdf
Content-Transfer-Encoding: base64

JVBERg==
--M--
]])
    for short, boundary in pairs { M = outer, A = middle, R = inner } do
      assert.matches("^=_%x+$", boundary)
      assert.equal(34, #boundary)
      expected = expected:gsub("%-%-" .. short, (("--" .. boundary):gsub("%%", "%%%%")))
        :gsub('boundary="' .. short .. '"', 'boundary="' .. boundary .. '"')
    end
    assert.equal(expected, bytes)
  end)

  it("makes no container for one attachment alone", function()
    local m = message(fields { attachments = { { content = "x", filename = "x.bin" } } })
    assert.matches("^multipart/mixed", m:header("Content-Type"))
    local all = fields { attachments = { { content = "x", filename = "x.bin" } } }
    all.text = nil
    m = assert(message(all))
    assert.matches("^application/octet%-stream", m:header("content-type"))
    assert.equal("base64", m:header("Content-Transfer-Encoding"))
    assert.matches("\r\n\r\neA==\r\n$", m:bytes())
  end)

  it("keeps lines with an encoded-word to 76 octets, whatever follows it (RFC 2047, 2)", function()
    for size = 20, 90 do
      local word = ("x"):rep(size) .. "é"
      local m = message(fields {
        to = word .. ":;, " .. word .. ": a@b.example;", headers = { { "Keywords", word .. ", " .. word } },
      })
      for line in m:bytes():match("^(.-)\r\n\r\n"):gmatch("[^\r\n]+") do
        assert.is_true(#line <= 76 or not line:find("=?", 1, true), line)
      end
    end
  end)

  it("is read by another library as it was meant", function()
    local all = {
      from = { { name = "Ada, the 1st", address = "ada@example.org" } },
      to = { "bob@example.net", { name = "Søren", address = "soren@example.dk" } },
      cc = "Team: c@example.com, d@example.com;",
      reply_to = '"quoted local"@example.org', subject = "Grüße " .. ("€ and more "):rep(30),
      in_reply_to = "a@b.example", references = { "<x@y.example>", "z@y.example" },
      text = "Zeile eins\rZeile zwei\r\nDrei: €\n" .. ("lang "):rep(400),
      html = "<p>=?utf-8?q?no?= €</p>",
      attachments = {
        { content = ("\0\1\255\r\n"):rep(100), filename = "Übersicht " .. ("lang "):rep(20) .. ".csv" },
        { content = "a\nb", filename = 'quote".txt' },
        { content = "a;b\r\nc;€\r\n", type = "text/csv; header=present", filename = "c.csv" },
        { content = "GIF", type = "image/gif", cid = "logo@x" },
      },
      headers = { { "X-Literal", "=?utf-8?q?=0D=0ABcc:_x?= typed" }, { "X-Long", ("word "):rep(300) } },
    }
    local m = assert(message(all))
    local bytes = assert(m:bytes())
    local found = reread(bytes)
    assert.same({}, found.defects)
    assert.equal(all.subject, found.headers.subject)
    assert.equal('"Ada, the 1st" <ada@example.org>', found.headers.from)
    assert.equal("bob@example.net, Søren <soren@example.dk>", found.headers.to)
    assert.equal("Team: c@example.com, d@example.com;", found.headers.cc)
    assert.equal("<x@y.example> <z@y.example>", found.headers.references)
    assert.equal("<a@b.example>", found.headers["in-reply-to"])
    assert.equal("=?utf-8?q?=0D=0ABcc:_x?= typed", found.headers["x-literal"])
    assert.equal("<" .. m.id .. ">", found.headers["message-id"])
    assert.is_nil(found.headers.bcc)
    assert.equal("multipart/mixed", found[1].type)
    assert.equal("multipart/alternative", found[2].type)
    assert.equal(crlf("Zeile eins\nZeile zwei\nDrei: €\n") .. ("lang "):rep(400), found[3].content)
    assert.equal("multipart/related", found[4].type)
    assert.equal(all.html, found[5].content)
    assert.equal("GIF", found[6].content)
    assert.equal("<logo@x>", found[6].cid)
    for i = 1, 3 do
      assert.equal(all.attachments[i].content, found[6 + i].content)
      assert.equal(all.attachments[i].filename, found[6 + i].filename)
      assert.equal("attachment", found[6 + i].disposition)
    end
    for line in bytes:gmatch("(.-)\r\n") do
      assert.is_true(#line <= 998)
      assert.is_nil(line:find("[\r\n]"))
    end
  end)

  it("chooses the encoding from the content", function()
    local long, high = ("x"):rep(1200), ("ü"):rep(100)
    local cases = {
      { "plain\n", "7bit" }, { "", "7bit" }, { ("x"):rep(998) .. "\n", "7bit" },
      { ("x"):rep(999), "quoted-printable" }, { "ü und mehr, doch mehr ASCII", "8bit" },
      { high, "8bit" }, { high .. long, "quoted-printable" }, { high .. ("ü"):rep(500), "base64" },
      { "a\0b and some more words", "quoted-printable" }, { "\27[31m and so on, in red", "quoted-printable" },
    }
    for _, case in ipairs(cases) do
      local m = assert(message(fields { text = case[1] }))
      assert.equal(case[2], m:header("Content-Transfer-Encoding"))
      assert.equal(case[1], (parse(m:bytes()):content():gsub("\r\n$", function(tail)
        return case[1]:find("\n$") and "\n" or tail
      end):gsub("\r\n$", case[1]:find("\n$") and "\r\n" or "")))
    end
  end)

  it("encodes 8-bit parts anew for a server without 8BITMIME", function()
    local m = assert(message(fields { text = "Grüße\n", html = "<p>plain</p>" }))
    local reader = assert(m:open { eight_bit = false, smtputf8 = false })
    assert.equal("7bit", reader.body)
    local bytes = reader.machine:output()
    assert.equal(reader.size, #bytes)
    assert.is_nil(bytes:find("[\128-\255]"))
    assert.is_nil(bytes:find("8bit", 1, true))
    assert.equal(crlf("Grüße\n"), parse(bytes).parts[1]:content())
    reader.close()
    reader = m:open { eight_bit = true, smtputf8 = false }
    assert.equal("8bitmime", reader.body)
    reader.close()
    assert.same({ smtputf8 = false, eight_bit = false }, m:needs())
  end)

  it("takes an encoding that was wished, unless it cannot carry the content", function()
    assert.matches("Encoding: base64\r\n\r\nSGVsbG8NCg==\r\n$", bytes_of { encoding = "base64" })
    assert.matches("Hello=20\r\n$", bytes_of { text = { content = "Hello \n", encoding = "quoted-printable" } })
    local _, text, failure = message(fields { text = "ü", encoding = "7bit" })
    assert.equal("text.encoding 7bit cannot carry this content", text)
    assert.equal("text.encoding", failure.field)
    assert.matches("Encoding: base64\r\n\r\nSGVsbG8NCg==\r\n$", bytes_of { encoding = "binary" })
    assert.equal("encoding", select(3, message(fields { encoding = true })).field)
    assert.equal("attachments[1].encoding", select(3, message(fields {
      attachments = { { content = "a", encoding = "rot13" } },
    })).field)
  end)

  it("knows its size before it is written", function()
    for _, text in ipairs { "", "a", "a\n", "ü\r", ("ü"):rep(999), ("=\n"):rep(70000), ("x"):rep(5000) } do
      for _, encoding in ipairs { "auto", "quoted-printable", "base64" } do
        local m = assert(message(fields {
          text = { content = text, encoding = encoding }, html = text ~= "a" and text or nil,
          attachments = #text > 1 and { { content = text, encoding = encoding } } or nil,
        }))
        assert.equal(m:size(), #m:bytes())
        local reader = m:open { eight_bit = false, smtputf8 = false }
        local size = 0
        repeat
          local output = reader.machine:output()
          reader.machine:consume(#output)
          size = size + #output
        until output == ""
        assert.equal(reader.size, size)
        reader.close()
      end
    end
  end)

  it("ends in a line end, whatever its body ends in (E3)", function()
    local bodies = { "", ".", "a", "a\n", "\n.\n", "\r.\r\n", "..\n.", "a\r", "\r\n", "\n\r", "a\r\r\n" }
    for _, body in ipairs(bodies) do
      local bytes = bytes_of { text = body }
      local normal = body:gsub("\r\n", "\n"):gsub("\r", "\n"):gsub("\n", "\r\n")
      if normal ~= "" and not normal:find("\n$") then normal = normal .. "\r\n" end
      assert.equal(normal, bytes:match("\r\n\r\n(.*)$"))
    end
  end)

  it("writes no line over 998 octets (E7)", function()
    local bytes = bytes_of { text = ("x"):rep(1048576), html = ("y"):rep(999) }
    for line in bytes:gmatch("[^\r\n]+") do assert.is_true(#line <= 998) end
    assert.equal(("x"):rep(1048576), parse(bytes).parts[1]:content())
  end)

  it("takes another message, and what is inside it", function()
    local inner = assert(message(fields { text = "Grüße\n", attachments = { { content = "x" } } }))
    local outer = assert(message(fields { attachments = { { content = inner, filename = "mail.eml" } } }))
    local root = parse(outer:bytes())
    assert.equal("message/rfc822", root.parts[2].type)
    assert.matches("Content%-Transfer%-Encoding: 8bit", outer:bytes())
    assert.is_truthy(outer:bytes():find((inner:bytes():gsub("\r\n$", "")), 1, true))
    assert.has_error(function() inner:attach { content = "y" } end)
    -- The same seed, yet no boundary twice.
    local seen = {}
    for boundary in outer:bytes():gmatch('boundary="(.-)"') do
      assert.is_nil(seen[boundary])
      seen[boundary] = true
    end
  end)

  it("is message/global around a message with UTF-8 in its header (RFC 6532, 3.7)", function()
    local raw = require("posthorn.raw").new
    local envelope = { from = "a@b.example", to = { "c@d.example" } }
    local inner = assert(message(fields { from = "s\195\184@b.example", text = "x" }))
    for kind, given in pairs {
      ["message/global"] = { inner, raw("Subject: \195\188\r\n\r\nx\r\n", envelope), {
        content = message(fields { attachments = { inner } }) } },
      ["message/rfc822"] = { message(fields { text = "\195\188" }), raw("Subject: x\r\n\r\n\195\188\r\n", envelope) },
    } do
      for _, letter in ipairs(given) do
        local part = parse(assert(message(fields { attachments = { letter } })):bytes()).parts[2]
        assert.equal(kind, part.type)
        assert.is_truthy(part:message():header("subject"))
      end
    end
  end)

  it("takes no type, encoding or size for another message (RFC 2046, 5.2.1)", function()
    local inner = assert(message(fields()))
    assert.is_truthy(message(fields {
      attachments = { { content = inner, type = "Message/RFC822", encoding = "auto" } },
    }))
    for name, values in pairs {
      type = { "text/plain", "a\r\nBcc: x@y.z", true }, encoding = { "base64", "x", 0 / 0 },
      size = { "3", 3, {} },
    } do
      for _, value in ipairs(values) do
        local built, _, failure =
          message(fields { attachments = { { content = inner, [name] = value } } })
        assert.is_nil(built)
        assert.equal("attachments[1]." .. name, failure.field)
      end
    end
  end)

  it("tells a parameter of the type once, the caller's first", function()
    local function type_of(media_type)
      return bytes_of { attachments = { { content = "grün\n", type = media_type, filename = "b" } } }
        :match("\nContent%-Type: (" .. media_type:match("^[^;]*") .. "; [^\r]*name[^\r]*)")
    end
    assert.equal("text/csv; header=present; charset=utf-8; name=b", type_of("text/csv; header=present"))
    assert.equal("text/csv; charset=utf-16; name=b", type_of("text/csv; charset=utf-16"))
    assert.equal("image/png; name=a", type_of('image/png; NAME="a"'):lower())
  end)

  it("takes a list where a table of names is due for bad data", function()
    for field, given in pairs {
      text = { text = { "x" } }, html = { html = { "x" } }, calendar = { calendar = { "x" } },
      ["alternatives[1]"] = { alternatives = { { "x" } } },
      ["attachments[1]"] = { attachments = { { "x" } } },
    } do
      local built, _, failure = message(fields(given))
      assert.is_nil(built)
      assert.equal(field, failure.field)
    end
    assert.has_error(function() message { "x" } end)
  end)

  it("takes ids with blanks or commas between them, but no comments", function()
    assert.matches("References: <a@b> <c,@d> <e@f> <g@h>\r",
      bytes_of { references = "<a@b>, <c,@d> , e@f,g@h" })
    for _, given in ipairs { "(c) <a@b>", "a@b;", "," } do
      local built, _, failure = message(fields { references = given })
      assert.is_nil(built)
      assert.equal("references", failure.field)
    end
    local built, _, failure = message(fields { message_id = "a@b," })
    assert.is_nil(built)
    assert.equal("message_id", failure.field)
  end)

  it("nests 32 deep at most", function()
    local m, _, failure = assert(message(fields()))
    for _ = 1, 40 do
      local outer
      outer, _, failure = message(fields { attachments = { { content = m } } })
      if not outer then break end
      m = outer
    end
    assert.equal("attachments[1].content", failure.field)
    assert.is_string(m:bytes())
  end)

  it("draws a boundary anew that a part holds", function()
    local parts = { attachments = { { content = "x" } } }
    local boundary = bytes_of(parts):match('boundary="(.-)"')
    parts.text = "a\n--" .. boundary .. "\nb"
    local other = bytes_of(parts):match('boundary="(.-)"')
    assert.not_equal(boundary, other)
    parts.text = "a\nx--" .. boundary:sub(1, 20) .. "\nb"
    assert.equal(boundary, bytes_of(parts):match('boundary="(.-)"'))
  end)

  it("draws ids and boundaries of 128 bits, never twice", function()
    local seen = {}
    for _ = 1, 200 do
      local m = assert(message {
        from = "a@b.example", text = "x", html = "x", attachments = { { content = "y" } },
      })
      assert.matches("^%x+@b%.example$", m.id)
      for word in m:bytes():gmatch("(%x+)[@\"]") do
        if #word == 32 then
          assert.is_nil(seen[word .. m.id])
          seen[word .. m.id] = true
        end
      end
    end
  end)

  it("reads the header back", function()
    local m = assert(message(fields { subject = "Grüße", message_id = "<a@b>" }))
    assert.equal("a@b", m.id)
    assert.equal("Grüße", m:header("subject"))
    assert.equal("1.0", m:header("mime-version"))
    assert.is_nil(m:header("X-None"))
    assert.has_error(function() m:header(5) end)
  end)

  it("writes priority and custom fields, an array in order and a map sorted", function()
    local bytes = bytes_of { priority = "high", headers = { { "X-B", "1" }, { "X-A", "ü" } } }
    assert.matches("Importance: high\r\nX%-Priority: 1\r\nPriority: urgent\r\nX%-B: 1\r\nX%-A: =", bytes)
    assert.matches("X%-A: 2\r\nX%-B: 1\r\n", bytes_of { headers = { ["X-B"] = "1", ["X-A"] = "2" } })
    assert.is_nil(bytes_of { priority = "normal" }:find("Priority", 1, true))
  end)

  it("makes the envelope of sender, to, cc and bcc, each once and in order", function()
    local m = assert(message {
      from = "Ada <ada@example.org>, eve@example.org",
      to = { "b@x.example", { name = "C", address = "c@x.example" } },
      cc = "team: d@x.example, b@X.EXAMPLE;", bcc = { "Secret <s@x.example>", "B@x.example" },
    })
    assert.same({
      from = "ada@example.org",
      to = { "b@x.example", "c@x.example", "d@x.example", "s@x.example", "B@x.example" },
    }, m:envelope())
    assert.is_nil(m:bytes():find("s@x", 1, true))
    assert.is_nil(m:bytes():lower():find("\nbcc:", 1, true)) -- random ids may hold the letters
    assert.matches("\r\nSender: Ada <ada@example.org>\r\n", m:bytes())
    m = message(fields { sender = '"x y"@z.example' })
    assert.equal('"x y"@z.example', m:envelope().from)
    assert.same({ from = "a@b.example", to = {} }, message({ from = "a@b.example" }):envelope())
  end)

  it("needs SMTPUTF8 for a local part outside ASCII", function()
    local m = assert(message(fields { to = "søren@example.dk" }))
    assert.is_true(m:needs().smtputf8)
    local reader, _, failure = m:open { eight_bit = true, smtputf8 = false }
    assert.is_nil(reader)
    assert.equal("unsupported", failure.kind)
    assert.equal("5.6.7", failure.enhanced)
    reader = assert(m:open { eight_bit = true, smtputf8 = true })
    assert.is_true(reader.smtputf8)
    assert.equal("8bitmime", reader.body)
    reader.close()
  end)

  it("refuses more than 100,000 recipients (E8)", function()
    local many = {}
    for i = 1, 100001 do many[i] = "a@b.example" end
    local _, _, failure = message(fields { bcc = many })
    assert.same({ "limit", "bcc[100001]" }, { failure.kind, failure.field })
    many[100001] = nil
    assert.same({ "a@b.example" }, message(fields { to = {}, bcc = many }):envelope().to)
  end)

  it("refuses a header over 1 MiB, which no reader of ours takes either", function()
    local many = {}
    for i = 1, 40000 do many[i] = "recipient" .. i .. "@example.net" end -- of 26 octets at most, and ", "
    local _, _, failure = message(fields { to = many })
    assert.same({ "limit", "to" }, { failure.kind, failure.field })
    _, _, failure = message(fields { to = many[1], cc = table.concat(many, ", ") })
    assert.same({ "limit", "cc" }, { failure.kind, failure.field })
    for i = 36001, 40000 do many[i] = nil end
    local root = assert(parse(bytes_of { to = many, bcc = table.concat(many, ",") }))
    assert.equal(36000, #root:addresses "to")
    local headers = {}
    for i = 1, 20 do headers[i] = { "X-A", ("x "):rep(30000) } end
    _, _, failure = message(fields { headers = headers })
    assert.same({ "limit", "headers[17]" }, { failure.kind, failure.field })
  end)

  it("writes each LF as CRLF, wherever it stands", function()
    for size = 0, 200 do
      for _, ending in ipairs { "\n", "\n\n", "\r\n", "\n--x\n" } do
        local text = ("x"):rep(size) .. ending .. ("y"):rep(200 - size) .. "\n"
        local bytes = assert(message(fields { text = text })):bytes()
        assert.equal(text:gsub("\r\n", "\n"):gsub("\n", "\r\n"), (bytes:match("\r\n\r\n(.*)$")))
      end
    end
  end)

  it("takes attachments of one list alike, tables of strings or not", function()
    local list = {
      { content = "a", filename = "a.txt" }, { content = "b", type = "text/x-b", cid = "b@c" },
      { content = function() end, filename = "c" }, { content = "d", size = 1, filename = "d" },
      files.new("LICENSE"), { content = "e", encoding = "base64", disposition = "inline" },
    }
    local root = parse(assert(message(fields { text = "x", attachments = list })):bytes())
    local told = {}
    for i, part in ipairs(root.parts) do
      told[i] = part.type .. " " .. (part.filename or "-") .. " " .. (part.disposition or "-")
    end
    assert.same({
      "text/plain - -", "text/plain a.txt attachment", "text/x-b - inline", "application/octet-stream c attachment",
      "application/octet-stream d attachment", "application/octet-stream LICENSE attachment",
      "application/octet-stream - inline",
    }, told)
    local good = { content = "a", filename = "a" }
    local faults = {
      { "attachments[2].type", { content = "b", type = "b" } },
      { "attachments[2].type", { content = "b", type = "" } },
      { "attachments[2].type", { content = "b", type = 5 } },
      { "attachments[2].filename", { content = "b", filename = "b\n" } },
      { "attachments[2].encoding", { content = "b", encoding = "b" } },
      { "attachments[2].content", { filename = "b" } },
      { "attachments[2].content", { content = true } },
      { "attachments[2].size", { content = "b", size = 5 } },
      { "attachments[2]", "b" }, { "attachments[2]", { "b" } },
    }
    for _, case in ipairs(faults) do
      local m, _, failure = message(fields { attachments = { good, case[2], good } })
      assert.is_nil(m)
      assert.same({ "invalid", case[1] }, { failure.kind, failure.field })
    end
    for _, none in ipairs { "", "ab", 5, good, { good, x = good }, { [2] = good }, files.new("LICENSE") } do
      assert.equal("attachments", select(3, message(fields { attachments = none })).field)
    end
    local ok, problem = pcall(message, fields { attachments = { good, { content = "b", name = "b" } } })
    assert.is_false(ok)
    assert.matches("unknown field 'name' of an attachment", problem)
    local m = assert(message(fields { attachments = setmetatable({ good }, {}) }))
    m:attach(5)
    assert.equal("attachments[2]", select(3, m:bytes()).field)
    m = assert(message(fields { attachments = { good, good } }))
    m:attach(5)
    assert.equal("attachments[3]", select(3, m:bytes()).field)
  end)

  it("tells too many parts by the field that holds them", function()
    local many = {}
    for i = 1, 10001 do many[i] = { content = "", type = "text/x-a" } end
    for _, name in ipairs { "attachments", "alternatives" } do
      local _, _, failure = message(fields { [name] = many })
      assert.same({ "limit", name }, { failure.kind, failure.field })
    end
  end)

  it("freezes once its octets were asked for", function()
    local m = assert(message(fields()))
    assert.equal(m, m:attach { content = "x" })
    assert.equal(m, m:header("X-A", "b"))
    assert.is_number(m:size())
    m:attach { content = "y" }
    local bytes = m:bytes()
    assert.has_error(function() m:attach { content = "z" } end)
    assert.has_error(function() m:header("X-A", "c") end)
    assert.equal(bytes, m:bytes())
    assert.equal("b", m:header("X-A"))
    assert.equal(3, #parse(bytes).parts)
  end)

  it("tells bad data that was given later to whoever wants octets", function()
    local cases = {
      { "headers[1].value", function(m) return m:header("X-A", nil) end },
      { "headers[1].name", function(m) return m:header("Subject", "x") end },
      { "attachments[1]", function(m) return m:attach(nil) end },
      { "attachments[1].content", function(m) return m:attach { content = true } end },
      { "attachments[1].filename", function(m) return m:attach { content = "", filename = "a\nb" } end },
      { "attachments[1].filename",
        function(m) return m:attach { content = "", filename = ("é"):rep(4000) } end },
    }
    for _, case in ipairs(cases) do
      local m = assert(message(fields()))
      assert.equal(m, case[2](m))
      for _, call in ipairs { "bytes", "check", "size", "chunks", "envelope", "open" } do
        local value, text, failure = m[call](m, call == "open" and { eight_bit = true } or nil)
        assert.is_nil(value)
        assert.is_string(text)
        assert.equal("invalid", failure.kind)
        assert.equal(case[1], failure.field)
      end
    end
  end)

  it("raises for what is misuse, and names it", function()
    for name, given in pairs {
      colour = { colour = 1 }, path = { text = { path = "/etc/passwd" } },
      href = { attachments = { { href = "http://x" } } }, summary = { calendar = { summary = "x" } },
    } do
      local ok, problem = pcall(message, fields(given))
      assert.is_false(ok)
      assert.matches("'" .. name .. "'", problem)
    end
    assert.has_error(function() message("x") end)
    assert.has_error(function() messages.of(nil) end)
    assert.has_error(function() message(fields()):chunks("x") end)
    local closed = io.tmpfile()
    closed:close()
    for _, handle in ipairs { false, 5, "/tmp/x", {}, closed } do
      local ok, problem = pcall(function() message(fields()):write(handle) end)
      assert.is_false(ok)
      assert.matches("message:write takes an open handle", problem)
    end
  end)

  it("tells letters from other values", function()
    local m = assert(message(fields()))
    assert.is_true(letters.is(m))
    assert.is_false(letters.is({}))
    assert.equal(m, messages.of(m))
    assert.is_true(letters.is(messages.of(fields())))
  end)
end)
