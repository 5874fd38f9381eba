-- parse_spec.lua - posthorn.parse.
local parse = require("posthorn.parse").parse

local message = ([[
From: =?utf-8?Q?S=C3=B8ren?= <soren@example.dk>
Subject: Hello
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Hi
--a
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>=FC</p>
--a--
--r
Content-Type: image/png
Content-ID: <logo@example.org>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

AAEC
--r--
--m
Content-Type: text/plain; name=note.txt
Content-Disposition: attachment

a note
--m
Content-Type: message/rfc822

Subject: inner

inner text
--m--
]]):gsub("\n", "\r\n")

describe("posthorn.parse", function()
  local root = assert(parse(message))

  it("gives the tree of parts", function()
    assert.equal("multipart/mixed", root.type)
    assert.equal("m", root.parameters.boundary)
    assert.equal(3, #root.parts)
    assert.equal("multipart/alternative", root.parts[1].parts[1].type)
    assert.equal("S\195\184ren <soren@example.dk>", root:header("from"))
    assert.same({ "Subject", "Hello" }, root:headers()[2])
    assert.same({}, root.parts[2].parts)
  end)

  it("finds text and html", function()
    assert.equal("Hi", root:text())
    assert.equal("<p>\195\188</p>", root:html())
    assert.equal("Hi", root.parts[1].parts[1]:text())
    assert.is_nil(root.parts[2]:text())
    assert.is_nil(root.parts[1].parts[2]:html())
  end)

  it("finds attachments, pictures and messages among them", function()
    local found = root:attachments()
    assert.equal(3, #found)
    assert.same({ "logo.png", "logo@example.org", "inline", "\0\1\2" },
      { found[1].filename, found[1].cid, found[1].disposition, found[1]:content() })
    assert.same({ "note.txt", "a note" }, { found[2].filename, found[2]:content() })
    assert.equal("inner text", parse(found[3]:content()):text())
  end)

  it("reads the mailboxes of a field", function()
    assert.same({ { name = "S\195\184ren", address = "soren@example.dk" } }, root:addresses("From"))
    assert.same({}, root:addresses("To"))
    local list = parse("To: a@b.c,\r\n =?utf-8?Q?=C3=A4?= <d@e.f>\r\n\r\n"):addresses("to")
    assert.same({ "a@b.c", "d@e.f", "\195\164" },
      { list[1].address, list[2].address, list[2].name })
    assert.is_nil((parse("To: <<\n\n"):addresses("To")))
  end)

  it("reads addresses whose names came in Latin-1, or as words of RFC 2047", function()
    local list = assert(parse("To: J\252rgen <a@b.c>, =?koi8-r?B?8A==?= <d@e.f>\n\n"):addresses("to"))
    assert.same({ "J\195\188rgen", "\208\159" }, { list[1].name, list[2].name })
  end)

  it("opens a message within the message, and no other part", function()
    local inner = assert(root:attachments()[3]:message())
    assert.same({ "inner", "inner text" }, { inner:header("subject"), inner:text() })
    assert.is_nil(root:message())
    local encoded = parse("Content-Type: message/global\nContent-Transfer-Encoding: base64\n\n" ..
      "U3ViamVjdDogeAoKeQ==")
    assert.equal("y", encoded:message():text())
  end)

  it("tells alternatives of the text from text that is attached", function()
    local function kinds(subtype)
      local found = {}
      for i, one in ipairs(parse(("Content-Type: multipart/%s; boundary=b\n\n"):format(subtype) ..
        "--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: text/calendar\n\ny\n" ..
        "--b\nContent-Type: text/csv; name=a.csv\n\nz\n--b--"):attachments()) do
        found[i] = one.type
      end
      return table.concat(found, " ")
    end
    assert.equal("text/csv", kinds "alternative")
    assert.equal("text/calendar text/csv", kinds "mixed")
  end)

  it("reads the report of a bounce (RFC 3462, RFC 3464)", function()
    local report = parse(([[
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; a@b.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <1@example.org>
--b--
]]):gsub("\n", "\r\n"))
    assert.equal("delivery-status", report.parameters["report-type"])
    assert.equal("It did not work.", report:text())
    local found = report:attachments()
    assert.same({ "message/delivery-status", "text/rfc822-headers" },
      { found[1].type, found[2].type })
    local groups = found[1]:content()
    assert.equal("5.1.1", parse(groups:match("\r\n\r\n(.*)")):header("status"))
    assert.same({ "Message-ID", " <1@example.org>" }, parse(found[2]:content()):fields()[1])
  end)

  it("gives content in pieces of bounded size", function()
    local octets = ("0123456789"):rep(50000)
    for head, body in pairs {
      ["base64"] = ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5\r\n"):rep(16666) ..
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODk=",
      ["quoted-printable"] = ("01234=\r\n56789"):rep(50000), ["7bit"] = octets,
    } do
      local pieces, largest = {}, 0
      local whole = parse("Content-Transfer-Encoding: " .. head .. "\r\n\r\n" .. body)
      for piece in whole:chunks() do
        pieces[#pieces + 1] = piece
        largest = math.max(largest, #piece)
      end
      assert.is_true(table.concat(pieces) == octets, head)
      assert.is_true(whole:content() == octets, head)
      assert.is_true(largest <= 65536 + 128 and #pieces > 3)
    end
    assert.is_nil(parse(""):chunks()())
  end)

  it("reads an open handle", function()
    local handle = assert(io.tmpfile())
    handle:write(message)
    handle:seek("set")
    assert.equal("Hi", parse(handle):text())
    handle:close()
  end)

  it("gives a handle's failure, and a limit's", function()
    local part, text, failure = parse { read = function() error("disk on fire", 0) end }
    assert.same({ nil, "the handle cannot be read: disk on fire", "io" }, { part, text, failure.kind })
    part, text, failure = parse { read = function() return nil, "disk on fire" end }
    assert.same({ nil, "the handle cannot be read: disk on fire", "io", "disk on fire" },
      { part, text, failure.kind, failure.text })
    for problem, read in pairs {
      ["it gives no octets"] = function() return "" end,
      ["it gave a number"] = function() return 5 end,
    } do
      part, text, failure = parse { read = read }
      assert.same({ nil, "the handle cannot be read: " .. problem, "io" },
        { part, text, failure.kind })
    end
    local closed = assert(io.tmpfile())
    closed:close()
    part, text, failure = parse(closed)
    assert.same({ nil, "the handle was closed", "io" }, { part, text, failure.kind })
    local octets, given = ("x"):rep(65536), 0
    part, text, failure = parse {
      read = function()
        given = given + 1
        return octets
      end,
    }
    assert.same({ nil, "the message is larger than 64 MiB", "limit", 1025 },
      { part, text, failure.kind, given })
    part, text, failure = parse(("A: b\n"):rep(20000))
    assert.is_nil(part)
    assert.equal(text, tostring(failure))
    assert.equal("limit", failure.kind)
  end)

  it("raises for what is neither octets nor handle", function()
    assert.error(function() parse(nil) end)
    assert.error(function() parse {} end)
    assert.error(function() parse(5) end)
    local null = require("posthorn.core").address_list() -- a userdata whose `read` nobody can ask for
    debug.setmetatable(null, nil)
    local _, text = pcall(function() parse(null) end)
    assert.matches("^spec/parse_spec.*octets or an open handle, not a userdata$", text)
  end)

  it("raises for a name that is none, at the caller's line", function()
    local plain = parse("To: a@b.example\r\n\r\n")
    for _, call in ipairs { "header", "addresses" } do
      for _, name in ipairs { 1, true, {} } do
        local _, text = pcall(function() plain[call](plain, name) end)
        assert.matches("^spec/parse_spec.*part:" .. call .. " takes a name, not a ", text)
      end
    end
  end)

  it("leaves nothing behind", function()
    local weak = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do weak[parse(message)] = true end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  local function vector(name)
    local handle = assert(io.open("spec/vectors/mail/" .. name .. ".eml", "rb"))
    local octets = handle:read("*a")
    handle:close()
    return assert(parse(octets))
  end

  it("reads the example of RFC 2046, 5.1.1", function()
    local simple = vector "rfc2046_5_1_1"
    assert.equal("This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
      simple.parts[1]:content())
    assert.equal("This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
      simple.parts[2]:content())
    assert.equal(2, #simple.parts)
  end)

  it("reads the example of RFC 2049, appendix A", function()
    local complex, types = vector "rfc2049_a", {}
    for i, one in ipairs(complex.parts) do types[i] = one.type end
    assert.same({ "text/plain", "text/plain", "multipart/parallel", "text/enriched", "message/rfc822" }, types)
    assert.equal("base64-encoded audio", complex.parts[3].parts[1]:content())
    assert.equal("base64-encoded image", complex.parts[3].parts[2]:content())
    local inner = complex.parts[5]:message()
    assert.equal("(subject in US-ASCII)", inner:header("subject"))
    assert.equal("  ... Additional text in ISO-8859-1 goes here ...\r\n", inner:text())
  end)
end)
