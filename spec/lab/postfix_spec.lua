-- postfix_spec.lua - posthorn against a real Postfix (postfix.sh); numbers of the fault catalogue.
local common = require "spec.lab.common"
local lab_of = require "spec.lab.lab"
local posthorn = require "posthorn"

local box = "postfix/mail/all/new"

lab_of.describe("posthorn and Postfix", "postfix dovecot", function(lab)
  local function mx(options) return lab:to("mx", options) end

  local function member(options)
    local all = lab:to("submission", { user = "user", password = "s3cret", tls = "starttls" })
    for name, value in pairs(options or {}) do all[name] = value end
    return all
  end

  common.specs(lab, { to = mx, box = box, perm = "perm@posthorn.test", takes_smtputf8 = true,
    takes_chunks = true })

  common.tells_of_deliveries(lab, { to = mx, box = box })
  common.answers(lab, "mx", {}, { ["VRFY tom@posthorn.test"] = "252", ["EXPN staff"] = "500 502", NOOP = "250",
    HELP = "500 502", ["ETRN example.org"] = "459 458 502 554" })

  describe("its submission server", function()
    common.specs(lab, { to = member, box = box, perm = "perm@posthorn.test", takes_smtputf8 = true })
    common.tells_of_deliveries(lab, { to = member, box = box })
  end)

  it("D48: leaves DSN out where it is not offered, with a warning", function()
    local result = assert(common.send(lab:to("bare", { tls = "none" }), nil,
      { dsn = { notify = { "success" }, envid = "x" } }))
    assert.equal(1, #result.warnings)
    assert.truthy(result.warnings[1]:find("DSN", 1, true))
  end)

  -- It has none of them; REQUIRETLS came with Postfix 3.11.
  it("offers no DELIVERBY, MT-PRIORITY, FUTURERELEASE and REQUIRETLS", function()
    local result = assert(common.send(mx(), nil, { deliver_by = { seconds = 3600 }, mt_priority = 3 }))
    assert.equal(2, #result.warnings)
    for _, send in ipairs { { hold_until = os.time() + 60 }, { require_tls = true } } do
      local _, _, failure = common.send(mx { tls = "starttls" }, nil, send)
      assert.same({ "unsupported", "permanent" }, { failure.kind, failure.class })
    end
  end)

  it("takes a login by PLAIN and LOGIN, over STARTTLS and implicit TLS", function()
    for port, tls in pairs { submission = "starttls", submissions = "implicit" } do
      for _, mechanism in ipairs { "PLAIN", "LOGIN" } do
        local result, problem = common.send(lab:to(port, { tls = tls, auth = { mechanism },
          user = "user", password = "s3cret" }))
        assert(result, problem)
        assert.equal("pkix", result.tls.verified)
        assert.is_string(result.queue_id)
        assert.equal(1, #lab:arrived(result.message_id, 1, box))
      end
    end
  end)

  it("E14: tells a wrong password from all else, and shows it nowhere", function()
    common.refuses_login(lab:to("submission", { tls = "starttls" }))
  end)

  -- Its two lines are AUTH and, from an old draft, AUTH= (broken_sasl_auth_clients).
  it("B17: takes a login in the clear where that is allowed", function()
    local options = lab:to("clear_login", { tls = "none", user = "user", password = "s3cret" })
    local result, _, failure = common.send(options)
    assert.is_nil(result)
    assert.equal("auth", failure.kind)
    options.allow_plaintext_auth = true
    assert(common.send(options))
  end)

  it("C1: does not send where STARTTLS is required and not offered", function()
    local result, _, failure = common.send(lab:to("bare", { tls = "starttls" }))
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal("starttls", failure.phase)
  end)

  for port, reason in pairs { expired = "expired", wrongname = "hostname mismatch" } do
    it("C7: refuses a certificate: " .. reason, function()
      local result, message, failure = common.send(lab:to(port, { tls = "starttls" }))
      assert.is_nil(result)
      assert.equal("tls", failure.kind)
      assert.equal("temporary", failure.class)
      assert.is_truthy(message:lower():find(reason, 1, true), message)
    end)

    it("C8: sends over such a one unverified where that is asked for: " .. reason, function()
      local result, problem = common.send(lab:to(port, { tls = "starttls", verify = false }))
      assert(result, problem)
      assert.equal("none", result.tls.verified)
    end)
  end

  it("C7: refuses an authority that it does not know", function()
    local options = mx { tls = "starttls" }
    options.ca_file = nil
    local result, _, failure = common.send(options)
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
  end)

  for port, tls in pairs { submission = "starttls", submissions = "implicit" } do
    it("resumes, TLS " .. tls, function()
      common.resumes(lab:to(port, { tls = tls, user = "user", password = "s3cret" }))
    end)
  end

  it("knows us by our certificate, and takes nothing without one", function()
    local options = lab:to("members", { tls = "starttls" })
    assert.is_nil((common.send(options)))
    options.client_certificate = posthorn.file(lab.folder .. "/keys/member.pem")
    options.client_key = posthorn.file(lab.folder .. "/keys/member.locked")
    options.client_key_password = "s3cret"
    local result, problem = common.send(options)
    assert(result, problem)
    options.pool = false
    common.resumes(options)
  end)

  it("is known by its key alone", function()
    local pin = assert(common.send(mx { tls = "starttls" })).tls.pin
    local options = mx { tls = "starttls", verify = false, pin = pin }
    options.ca_file = nil
    assert.equal("pin", assert(common.send(options)).tls.verified)
    options.pin = ("0"):rep(64)
    local result, _, failure = common.send(options)
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
  end)

  it("D1: MAIL refused, for ever and for now", function()
    for from, class in pairs { ["badfrom@example.org"] = "permanent", ["tempfrom@example.org"] = "temporary" } do
      local result, _, failure = common.send(mx(), { from = from })
      assert.is_nil(result)
      assert.equal("refused", failure.kind)
      assert.equal(class, failure.class)
      assert.equal(class, failure.recipients[1].class)
    end
  end)

  it("D2: one of three recipients refused", function()
    local result = assert(common.send(mx(),
      { to = { "tom@posthorn.test", "perm@posthorn.test", "ann@posthorn.test" } }))
    assert.same({ "tom@posthorn.test", "ann@posthorn.test" }, result.accepted)
    assert.equal("5.1.1", result.refused[1].enhanced)
    assert.equal(2, #lab:arrived(result.message_id, 2, box))
  end)

  it("D3: all recipients refused by a server without PIPELINING", function()
    local result, _, failure = common.send(lab:to("bare", { tls = "none" }),
      { to = { "perm@posthorn.test", "full@posthorn.test" } })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
    assert.equal(2, #failure.recipients)
  end)

  -- A lone dot would be answered by "221 I can break rules, too. Goodbye." and the end.
  it("D4: all recipients refused with DATA in flight: the connection serves the next mail", function()
    local connections = {}
    local transport = posthorn.transport(mx {
      trace = function(event) connections[event.connection] = true end,
    })
    local result, _, failure = transport:send(common.mail { to = { "perm@posthorn.test", "full@posthorn.test" } })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
    assert.equal(550, failure.recipients[1].code)
    assert.equal(552, failure.recipients[2].code)
    result = assert(transport:send(common.mail()))
    transport:close()
    assert.equal(1, #connections)
    assert.equal(1, #lab:arrived(result.message_id, 1, box))
  end)

  it("D6: more recipients than the server takes at once: the rest follows in a transaction of its own", function()
    local all = {}
    for i = 1, 12 do all[i] = ("box%d@posthorn.test"):format(i) end
    local result = assert(common.send(mx(), { to = all }))
    assert.same(all, result.accepted)
    assert.equal(12, #lab:arrived(result.message_id, 12, box))
  end)

  it("D8: a full mailbox is permanent for that recipient", function()
    local result = assert(common.send(mx(), { to = { "tom@posthorn.test", "full@posthorn.test" } }))
    assert.equal("permanent", result.refused[1].class)
    assert.equal("5.2.2", result.refused[1].enhanced)
  end)

  it("D9: the first recipient refused with 452 is a verdict on it, without a loop", function()
    local result, _, failure = common.send(mx(), { to = "many452@posthorn.test" })
    assert.is_nil(result)
    assert.equal("temporary", failure.class)
    assert.equal(452, failure.code)
  end)

  it("D11: 421 at the second of three recipients", function()
    local result, _, failure = common.send(mx(),
      { to = { "tom@posthorn.test", "close@posthorn.test", "ann@posthorn.test" } })
    assert.is_nil(result)
    for i = 1, 3 do assert.equal("temporary", failure.recipients[i].class) end
    assert.equal(421, failure.recipients[2].code)
  end)

  it("D26: refused after the dot, for ever and for now", function()
    for local_part, class in pairs { spam = "permanent", grey = "temporary" } do
      local result, _, failure = common.send(mx(), { to = local_part .. "@posthorn.test" })
      assert.is_nil(result)
      assert.equal(class, failure.class)
      assert.equal("dot", failure.phase)
    end
  end)

  it("D45: more than SIZE allows is a limit, and no octet of it goes out", function()
    local message = assert(posthorn.message(common.mail {
      attachments = { { content = ("x"):rep(15 * 1024 * 1024), filename = "x" } },
    }))
    local transport = posthorn.transport(mx())
    local result, _, failure = transport:send(message)
    transport:close()
    assert.is_nil(result)
    assert.equal("limit", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal("5.3.4", failure.enhanced)
  end)

  it("D45 to D47: goes on to a server that takes what the first one cannot", function()
    local id = "d46." .. os.time() .. "@posthorn.test"
    local raw = posthorn.raw("Message-ID: <" .. id .. ">\r\n\r\nGrüße\r\n",
      { from = "ada@example.org", to = { "tom@posthorn.test" } })
    for _, item in ipairs { raw, common.mail { to = "tömås@posthorn.test" } } do
      local servers = { lab:to("bare", { tls = "none" }), mx() }
      for _, server in ipairs(servers) do server.timeout = nil end
      local transport = posthorn.transport { timeout = 20, servers = servers }
      local result, problem = transport:send(item)
      transport:close()
      assert(result, problem)
      assert.equal(lab.ports.mx, result.port)
      assert.equal(1, #lab:arrived(result.message_id or id, 1, box))
    end
  end)

  it("E10: the null reverse-path is MAIL FROM:<>", function()
    local result = assert(common.send(mx(), nil, { envelope = { from = "", to = { "tom@posthorn.test" } } }))
    local arrived = lab:arrived(result.message_id, 1, box)
    assert.is_truthy(arrived[1].octets:find("Return-Path: <>\n", 1, true))
  end)

  it("D46: 8-bit text is encoded anew where no extension is offered, but not octets of others", function()
    local message = assert(posthorn.message(common.mail { text = "Grüße\n", encoding = "8bit" }))
    local transport = posthorn.transport(lab:to("bare", { tls = "none" }))
    assert(transport:send(message))
    local result, _, failure = transport:send(posthorn.raw("Subject: x\r\n\r\nGrüße\r\n",
      { from = "ada@example.org", to = { "tom@posthorn.test" } }))
    transport:close()
    assert.is_nil(result)
    assert.equal("unsupported", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal("5.6.3", failure.enhanced)
    assert.is_nil(lab:arrived(message.id, 1, box)[1].octets:find "[\128-\255]")
  end)

  it("D47: an address outside ASCII is unsupported where SMTPUTF8 is not offered", function()
    local result, _, failure = common.send(lab:to("bare", { tls = "none" }), { to = "tömås@posthorn.test" })
    assert.is_nil(result)
    assert.equal("unsupported", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal("5.6.7", failure.enhanced)
  end)
end)
