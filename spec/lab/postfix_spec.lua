-- postfix_spec.lua - posthorn against a real Postfix (lab.sh); numbers of the fault catalogue.
local lab_of = require "spec.lab.lab"
local posthorn = require "posthorn"

local missing = lab_of.missing()

local function octets_of(size)
  local seed, list = 7, {}
  for i = 1, size do
    seed = (seed * 1103515245 + 12345) % 2147483648
    list[i] = string.char(math.floor(seed / 65536) % 256)
  end
  return table.concat(list)
end

describe("posthorn and Postfix", function()
  if missing ~= "" then
    it("has its servers", function() pending("skipped: missing " .. missing) end)
    return
  end

  local lab
  setup(function() lab = lab_of.start() end)
  teardown(function() lab:stop() end)
  before_each(function() lab:clear() end)

  local function to(port, options)
    options = options or {}
    options.host, options.port, options.timeout = options.host or "localhost", port, 20
    options.ca_file = lab.ca_file
    return options
  end

  local function member(options)
    options = options or {}
    options.user, options.password, options.tls = "user", "s3cret", "starttls"
    return to(2587, options)
  end

  local function plain(fields)
    local letter = { from = "ada@example.org", to = "tom@posthorn.test", subject = "hello",
      text = "one line\n" }
    for name, value in pairs(fields or {}) do letter[name] = value end
    return letter
  end

  local function send(server, fields, options)
    local transport = posthorn.transport(server)
    local result, message, failure = transport:send(plain(fields), options)
    transport:close()
    return result, message, failure
  end

  it("delivers through STARTTLS and AUTH what message:bytes() gives, each octet", function()
    local picture, file = octets_of(3000), octets_of(200000)
    local message = assert(posthorn.message {
      from = "Ada Łovelace <ada@example.org>",
      to = { { name = "Søren", address = "tom@posthorn.test" }, "perm@posthorn.test" },
      subject = "Grüße – 世界", text = "ein Gruß\n.\n..zwei Punkte\n", html = "<p>Gruß <img src='cid:logo'></p>",
      attachments = {
        { content = picture, filename = "logo.png", cid = "logo" },
        { content = file, filename = "Übersicht.bin" },
      },
    })
    local bytes = assert(message:bytes())
    local result, problem = posthorn.transport(member()):send(message)
    assert(result, problem)
    assert.same({ "tom@posthorn.test" }, result.accepted)
    assert.equal("perm@posthorn.test", result.refused[1].address)
    assert.equal(550, result.refused[1].code)
    assert.equal("5.1.1", result.refused[1].enhanced)
    assert.equal("permanent", result.refused[1].class)
    assert.equal("pkix", result.tls.verified)
    assert.is_string(result.queue_id)
    local arrived = lab:arrived(1)
    assert.equal(1, #arrived)
    assert.equal(bytes, lab.as_sent(arrived[1].octets))
    local seen = lab:read_by_python(arrived[1].path)
    assert.equal("Grüße – 世界", seen.subject)
    assert.equal("Søren=tom@posthorn.test,=perm@posthorn.test", seen.to)
    local by_name = {}
    for _, part in ipairs(seen.parts) do by_name[part.filename] = part end
    assert.equal(lab:sha256(picture), by_name["logo.png"].sha256)
    assert.equal("<logo>", by_name["logo.png"].cid)
    assert.equal(lab:sha256(file), by_name["Übersicht.bin"].sha256)
  end)

  it("logs in by LOGIN too, and over implicit TLS", function()
    assert(send(member { auth = { "LOGIN" } }))
    assert(send(to(2465, { user = "user", password = "s3cret", tls = "implicit" })))
    assert.equal(2, #lab:arrived(2))
  end)

  it("tells a wrong password from all else, and shows it nowhere (E14)", function()
    local shown = {}
    local server = member { trace = function(event) shown[#shown + 1] = event.text end }
    server.password = "wr0ng-s3cret"
    local result, message, failure = send(server)
    assert.is_nil(result)
    assert.equal("auth", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal(535, failure.code)
    local all = table.concat(shown, "\n") .. message .. tostring(failure.text)
    assert.is_nil(all:find("wr0ng-s3cret", 1, true))
    assert.is_nil(all:find("AHVzZXIAd3IwbmctczNjcmV0", 1, true))
    assert.is_truthy(all:find("***", 1, true))
  end)

  it("C1: does not send where STARTTLS is required and not offered", function()
    local result, _, failure = send(to(2526, { tls = "starttls" }))
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal("starttls", failure.phase)
    assert.equal(0, #lab_of.output_of(("grep 'from=<ada@' %s/postfix.log | grep 2526"):format(lab.folder)))
  end)

  for port, reason in pairs { [2528] = "expired", [2529] = "hostname mismatch" } do
    it(("C7: refuses the certificate on %d: %s"):format(port, reason), function()
      local result, message, failure = send(to(port, { tls = "starttls" }))
      assert.is_nil(result)
      assert.equal("tls", failure.kind)
      assert.equal("temporary", failure.class)
      assert.is_truthy(message:lower():find(reason, 1, true), message)
    end)
  end

  it("C7: refuses an authority that it does not know", function()
    local server = to(2525, { tls = "starttls" })
    server.ca_file = nil
    local result, _, failure = send(server)
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
  end)

  it("D1: MAIL refused, for ever and for now", function()
    for from, class in pairs { ["badfrom@example.org"] = "permanent", ["tempfrom@example.org"] = "temporary" } do
      local result, _, failure = send(to(2525), { from = from })
      assert.is_nil(result)
      assert.equal("refused", failure.kind)
      assert.equal(class, failure.class)
      assert.equal(class, failure.recipients[1].class)
    end
  end)

  it("D2: one of three recipients refused", function()
    local result = assert(send(to(2525),
      { to = { "tom@posthorn.test", "perm@posthorn.test", "ann@posthorn.test" } }))
    assert.same({ "tom@posthorn.test", "ann@posthorn.test" }, result.accepted)
    assert.equal("5.1.1", result.refused[1].enhanced)
    assert.equal(2, #lab:arrived(2))
  end)

  it("D3: all recipients refused by a server without PIPELINING", function()
    local result, _, failure = send(to(2526, { tls = "none" }),
      { to = { "perm@posthorn.test", "full@posthorn.test" } })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
    assert.equal(2, #failure.recipients)
  end)

  it("D4: all recipients refused with DATA in flight: the connection serves the next mail", function()
    local transport = posthorn.transport(to(2525))
    local result, _, failure = transport:send(plain { to = { "perm@posthorn.test", "full@posthorn.test" } })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
    assert.equal(550, failure.recipients[1].code)
    assert.equal(552, failure.recipients[2].code)
    assert(transport:send(plain()))
    transport:close()
    local log = lab_of.output_of(("grep -c 'connect from' %s/postfix.log"):format(lab.folder))
    assert.is_truthy(tonumber(log))
    assert.equal(1, #lab:arrived(1))
  end)

  it("D6: more recipients than the server takes at once: the rest follows in a transaction of its own", function()
    local all = {}
    for i = 1, 12 do all[i] = ("box%d@posthorn.test"):format(i) end
    local result = assert(send(to(2525), { to = all }))
    assert.same(all, result.accepted)
    assert.equal(12, #lab:arrived(12))
  end)

  it("D8: a full mailbox is permanent for that recipient", function()
    local result = assert(send(to(2525), { to = { "tom@posthorn.test", "full@posthorn.test" } }))
    assert.equal("permanent", result.refused[1].class)
    assert.equal("5.2.2", result.refused[1].enhanced)
  end)

  it("D9: the first recipient refused with 452 is a verdict on it, without a loop", function()
    local result, _, failure = send(to(2525), { to = "many452@posthorn.test" })
    assert.is_nil(result)
    assert.equal("temporary", failure.class)
    assert.equal(452, failure.code)
  end)

  it("D11: 421 at the second of three recipients", function()
    local result, _, failure = send(to(2525),
      { to = { "tom@posthorn.test", "close@posthorn.test", "ann@posthorn.test" } })
    assert.is_nil(result)
    for i = 1, 3 do assert.equal("temporary", failure.recipients[i].class) end
    assert.equal(421, failure.recipients[2].code)
  end)

  it("D26: refused after the dot, for ever and for now", function()
    for local_part, class in pairs { spam = "permanent", grey = "temporary" } do
      local result, _, failure = send(to(2525), { to = local_part .. "@posthorn.test" })
      assert.is_nil(result)
      assert.equal(class, failure.class)
      assert.equal("dot", failure.phase)
    end
  end)

  it("E3: hostile bodies arrive as one message each, normalised", function()
    local bodies = { "\n.\n", "\r.\r\n", "a\n.\nb", ".", "", "..", ".\n..\n...", "no end", "ends in CR\r",
      "x\r\n.\r\nMAIL FROM:<evil@example.org>\r\n" }
    local transport = posthorn.transport(to(2525))
    for _, body in ipairs(bodies) do
      lab:clear()
      local message = assert(posthorn.message(plain { text = body }))
      assert(transport:send(message))
      local arrived = lab:arrived(1)
      assert.equal(1, #arrived)
      local bytes = message:bytes()
      if bytes:sub(-2) ~= "\r\n" then bytes = bytes .. "\r\n" end
      assert.equal(bytes, lab.as_sent(arrived[1].octets))
    end
    transport:close()
  end)

  it("E10: the null reverse-path is MAIL FROM:<>", function()
    assert(send(to(2525), nil, { envelope = { from = "", to = { "tom@posthorn.test" } } }))
    assert.is_truthy(lab:arrived(1)[1].octets:find("Return-Path: <>\n", 1, true))
  end)

  it("falls back to HELO's plain SMTP where nothing is offered, with 8-bit text encoded anew", function()
    local message = assert(posthorn.message(plain { text = "Grüße\n", encoding = "8bit" }))
    local transport = posthorn.transport(to(2526, { tls = "none" }))
    assert(transport:send(message))
    transport:close()
    local arrived = lab:arrived(1)[1].octets
    assert.is_nil(arrived:find "[\128-\255]")
  end)
end)
