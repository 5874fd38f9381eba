-- idn_spec.lua - domains outside ASCII: csrc/idn/idn.c, and how they travel in
-- messages and envelopes (A30; security.md, rows 17 and 18).
-- SPDX-License-Identifier: MIT
local address = require "posthorn.address"
local idn = require "posthorn.idn"
local posthorn = require "posthorn"

local build, host = os.getenv("POSTHORN_BUILD"), os.getenv("POSTHORN_LUA")

describe("ph_idn", function()
  it("gives A-labels, non-transitional, in lower case and NFC", function()
    for given, ascii in pairs {
      ["Bücher.Example"] = "xn--bcher-kva.example", ["faß.de"] = "xn--fa-hia.de",
      ["日本語.jp"] = "xn--wgv71a119e.jp", ["ς.gr"] = "xn--3xa.gr", ["אב1.de"] = "xn--1-zhcd.de",
      ["\195\169.fr"] = "xn--9ca.fr", ["e\204\129.fr"] = "xn--9ca.fr",
      ["xn--bcher-kva.bücher.de"] = "xn--bcher-kva.xn--bcher-kva.de", ["Plain.example"] = "plain.example",
    } do
      assert.equal(ascii, (idn.to_ascii(given)), given)
    end
  end)

  -- By code points, so that what cannot be seen can be read here.
  for what, domain in pairs {
    ["the Kelvin sign"] = "\226\132\170elvin.example",
    ["full width letters"] = "\239\189\129\239\189\130.example",
    ["a full width dot"] = "ü\239\188\142example",
    ["an ideographic full stop"] = "ü\227\128\130example",
    ["ß in capitals, which is ss"] = "stra\225\186\158e.example",
    ["a zero width joiner"] = "a\226\128\141b.example", ["a zero width space"] = "a\226\128\139b.example",
    ["a bidi override"] = "\226\128\174ü.example", ["a byte order mark"] = "\239\187\191ü.example",
    ["a soft hyphen"] = "b\194\173ook.example", ["an unassigned code point"] = "\205\184x.example",
    ["a false A-label"] = "xn--0.example", ["a sign that is no letter"] = "i\226\157\164.ws",
    ["hyphens at 3 and 4"] = "ab--ü.example", ["an empty label"] = "ü..example", ["nothing"] = "",
    ["a control"] = "ü\0.example", ["no UTF-8"] = "\255.example", ["a slash"] = "ü/.example", ["a blank with a mark"] = "ü\194\168.example",
    ["mixed direction"] = "1א.example", ["a long label"] = ("ü"):rep(60) .. ".example",
    ["a long name"] = ("ü."):rep(600),
  } do
    it("refuses " .. what, function()
      local ascii, message, failure = idn.to_ascii(domain, "to[2]")
      assert.is_nil(ascii)
      assert.same({ "invalid", "to[2]", "permanent", "build" },
        { failure.kind, failure.field, failure.class, failure.phase })
      assert.truthy(message:find("to[2]", 1, true))
    end)
  end

  it("lets no character vanish", function()
    local function utf8_of(point)
      if point < 0x800 then
        return string.char(0xc0 + math.floor(point / 64), 0x80 + point % 64)
      end
      return string.char(0xe0 + math.floor(point / 4096), 0x80 + math.floor(point / 64) % 64,
        0x80 + point % 64)
    end
    local without = assert(idn.to_ascii("üü.example"))
    for point = 0x80, 0x33ff do
      local character = utf8_of(point)
      assert.not_equal(without, (idn.to_ascii("ü" .. character .. "ü.example")), character)
    end
  end)

  it("is no valid mailbox either", function()
    assert.is_true(address.valid("a@bücher.example"))
    assert.is_false(address.valid("a@\205\184x.example"))
    assert.is_false(address.valid(("a"):rep(64) .. "@" .. ("漢."):rep(40) .. "example"))
  end)
end)

local function sent(fields, options)
  local transport = posthorn.transport "capture:"
  local result, message, failure = transport:send(fields, options)
  return transport.messages[1], result or failure, message
end

local function letter(fields)
  local all = { from = "a@b.example", to = "c@d.example", text = "x", seed = "1" }
  for name, value in pairs(fields) do all[name] = value end
  return all
end

describe("a domain outside ASCII", function()
  it("travels as A-labels in header, envelope and Message-ID, and is shown as given", function()
    local mail, result = sent(letter {
      from = "Ada <ada@bücher.example>", to = { "c@d.example", "Bob <bob@Faß.example>" },
      cc = { { name = "Ö", address = "eve@日本語.example" } }, reply_to = "team: x@bücher.example;",
      bcc = "hidden@ü.example",
    })
    assert.is_nil(mail.bytes:find("\195", 1, true))
    assert.truthy(mail.bytes:find("From: Ada <ada@xn--bcher-kva.example>\r\n", 1, true))
    assert.truthy(mail.bytes:find("Bob <bob@xn--fa-hia.example>", 1, true))
    assert.truthy(mail.bytes:find("<eve@xn--wgv71a119e.example>", 1, true))
    assert.truthy(mail.bytes:find("Reply-To: team: x@xn--bcher-kva.example;", 1, true))
    assert.truthy(mail.bytes:find("Message%-ID: <%x+@xn%-%-bcher%-kva.example>"))
    assert.equal("ada@xn--bcher-kva.example", mail.envelope.from)
    assert.same({ "c@d.example", "bob@xn--fa-hia.example", "eve@xn--wgv71a119e.example",
      "hidden@xn--tda.example" }, mail.envelope.to)
    assert.is_false(mail.envelope.smtputf8)
    assert.same({ "c@d.example", "bob@Faß.example", "eve@日本語.example", "hidden@ü.example" },
      result.accepted)
  end)

  it("is the same recipient in either form", function()
    local mail = sent(letter { to = "c@bücher.example", cc = "c@XN--Bcher-kva.example" })
    assert.same({ "c@xn--bcher-kva.example" }, mail.envelope.to)
    assert.same({ "c@bücher.example" }, mail.envelope.given)
  end)

  it("goes into a given envelope and that of finished octets likewise", function()
    local envelope = { from = "a@ü.example", to = { "c@bücher.example", { address = "é@é.example" } } }
    for _, case in ipairs {
      { letter {}, { envelope = envelope } }, { assert(posthorn.raw("Subject: x\r\n\r\n", envelope)) },
    } do
      local mail, result = sent(case[1], case[2])
      assert.equal("a@xn--tda.example", mail.envelope.from)
      assert.same({ "c@xn--bcher-kva.example", "é@xn--9ca.example" }, mail.envelope.to)
      assert.is_true(mail.envelope.smtputf8)
      assert.same({ "c@bücher.example", "é@é.example" }, result.accepted)
    end
  end)

  it("needs no SMTPUTF8; a local part outside ASCII does", function()
    assert.is_false((assert(posthorn.message(letter { to = "c@bücher.example" })).core:needs()))
    assert.is_true((assert(posthorn.message(letter { to = "ç@bücher.example" })).core:needs()))
  end)

  it("is refused with its field, before anything is sent", function()
    local bad = "c@\205\184x.example" -- not assigned
    for _, case in ipairs {
      { letter { from = bad }, nil, "from" }, { letter { to = { "a@b.example", bad } }, nil, "to[2]" },
      { letter { cc = { { address = bad } } }, nil, "cc[1]" }, { letter { bcc = bad }, nil, "bcc" },
      { letter {}, { envelope = { from = bad, to = { "a@b.example" } } }, "envelope.from" },
      { letter {}, { envelope = { from = "", to = { "a@b.example", bad } } }, "envelope.to[2]" },
    } do
      local mail, failure = sent(case[1], case[2])
      assert.is_nil(mail)
      assert.same({ "invalid", case[3] }, { failure.kind, failure.field })
    end
    -- Too long only once it is mapped.
    local long = ("a"):rep(64) .. "@" .. ("漢."):rep(40) .. "example"
    local mail, failure = sent(letter { to = long })
    assert.is_nil(mail)
    assert.same({ "invalid", "to" }, { failure.kind, failure.field })
  end)
end)

describe("without libidn2", function()
  -- The loader finds a file of that name which is no library.
  it("such a domain is unsupported, and says what is missing", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    assert(io.open(folder .. "/libidn2.so.0", "w")):close()
    local script = folder .. "/script.lua"
    local handle = assert(io.open(script, "w"))
    handle:write([[
      local posthorn = require "posthorn"
      local fields = { from = "a@b.example", to = "c@bücher.example", text = "x" }
      local message, text, failure = posthorn.message(fields)
      assert(message == nil and failure.kind == "unsupported" and failure.class == "permanent")
      assert(failure.field == "to" and failure.phase == "build" and text:find("libidn2-0", 1, true))
      fields.to = "c@xn--bcher-kva.example"
      assert(posthorn.message(fields))
      local result, _, bad = posthorn.transport("capture:"):send(fields,
        { envelope = { from = "a@ü.example", to = { "c@d.example" } } })
      assert(result == nil and bad.kind == "unsupported" and bad.field == "envelope.from")
      assert(posthorn.address.valid("a@ü.example"))
      fields.headers = { { "Errors-To", "a@ü.example" } }
      message, text, failure = posthorn.message(fields)
      assert(message == nil and failure.kind == "unsupported" and failure.field == "headers[1].value")
      fields.headers = nil
      result, text, bad = posthorn.transport("smtp://bücher.example"):send(fields)
      assert(result == nil and bad.kind == "unsupported" and bad.class == "permanent" and bad.field == "host")
      assert(bad.host == "bücher.example" and text:find("libidn2-0", 1, true), text)
      print "as it should be"
    ]])
    handle:close()
    local pipe = io.popen(("LD_LIBRARY_PATH=%s LUA_CPATH='%s/?.so;;' %s %s 2>&1")
      :format(folder, build, host, script))
    local output = pipe:read("*a")
    pipe:close()
    os.execute("rm -r " .. folder)
    assert.equal("as it should be\n", output)
  end)
end)
