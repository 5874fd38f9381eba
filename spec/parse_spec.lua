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
    local part, text, failure = parse { read = function() return nil, "disk on fire" end }
    assert.same({ nil, "disk on fire", "io" }, { part, text, failure.kind })
    part, text, failure = parse(("A: b\n"):rep(20000))
    assert.is_nil(part)
    assert.equal(text, tostring(failure))
    assert.equal("limit", failure.kind)
  end)

  it("raises for what is neither octets nor handle", function()
    assert.error(function() parse(nil) end)
    assert.error(function() parse {} end)
    assert.error(function() parse(5) end)
  end)

  it("leaves nothing behind", function()
    local weak = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do weak[parse(message)] = true end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)
end)
