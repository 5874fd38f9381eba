-- extension_spec.lua - fault catalogue B20, C35 and D45 to D48, at the public API: what a server lacks.
-- SPDX-License-Identifier: MIT
local peers = require "spec.peer"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

-- Runs fn(first, second, send) in the loop: two peers with these keywords, the second the next
-- server of the transport.
local function with(first, second, fn, options)
  return posthorn.run(function()
    local one, two = peers.start { ehlo = first }, peers.start { ehlo = second }
    local given = { timeout = 5, servers = {} }
    for i, peer in ipairs { one, two } do
      given.servers[i] = { host = "127.0.0.1", port = peer.port, tls = "none",
        extensions = options }
    end
    local transport = posthorn.transport(given)
    local ok, problem = posthorn.driver().pcall(fn, one, two, function(mail, send)
      return transport:send(mail, send)
    end)
    transport:close()
    one:stop()
    two:stop()
    if not ok then error(problem, 0) end
  end)
end

local function is_failure(kind, enhanced, result, message, failure)
  assert.is_nil(result)
  assert.is_string(message)
  assert.same({ kind, "permanent", "mail", enhanced },
    { failure.kind, failure.class, failure.phase, failure.enhanced })
  for _, record in ipairs(failure.recipients) do
    assert.same({ kind, "permanent", false }, { record.kind, record.class, record.accepted })
  end
end

local function nothing_was_said(...)
  for _, peer in ipairs { ... } do
    assert.equal(0, peer:count "MAIL")
    assert.equal(0, #peer.bodies)
  end
end

describe("faults, extensions", function()
  it("D45: a message over SIZE goes to the next server", function()
    with({ "SIZE 100" }, { "SIZE 1000000" }, function(one, two, send)
      local result = assert(send(setting.mail()))
      assert.equal(two.port, result.port)
      nothing_was_said(one)
      assert.truthy(two.lines[2]:find "SIZE=%d+$")
    end)
  end)

  it("D45: a message over the SIZE of all: permanent, limit, and no body is sent", function()
    with({ "SIZE 100" }, { "SIZE 200" }, function(one, two, send)
      is_failure("limit", "5.3.4", send(setting.mail { to = { "a@example.net", "b@example.net" } }))
      nothing_was_said(one, two)
      assert.same({ 1, 1 }, { one.connections, two.connections })
    end)
  end)

  it("D45: SIZE without a number, or with a senseless one, is no limit", function()
    for _, word in ipairs { "SIZE", "SIZE 0", "SIZE x", "SIZE 99999999999999999999" } do
      local result = setting.fault { ehlo = { word } }
      assert.equal(1, #(result.accepted or {}), word)
    end
  end)

  it("D45: the server's own 552 at MAIL is permanent", function()
    local failure = setting.fault { mail = "552 5.3.4 too large" }
    assert.same({ "refused", "permanent", "5.3.4", "mail" },
      { failure.kind, failure.class, failure.enhanced, failure.phase })
  end)

  it("D46: 8-bit content is encoded anew if it is ours", function()
    with({}, {}, function(one, _, send)
      assert(send(setting.mail { text = "Grüße\n", encoding = "8bit" }))
      assert.is_nil(one.bodies[1]:find "[\128-\255]")
      assert.equal("Gr\195\188\195\159e\r\n", posthorn.parse(one.bodies[1]):text())
    end)
  end)

  it("D46: 8-bit content that is not ours goes to a server that takes it, or nowhere", function()
    local octets = "Subject: x\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\195\188\195\159e\r\n"
    local envelope = { from = "ada@example.org", to = { "bob@example.net" } }
    with({}, { "8BITMIME" }, function(one, two, send)
      assert(send(posthorn.raw(octets, envelope)))
      nothing_was_said(one)
      assert.equal(octets, two.bodies[1])
      assert.truthy(two.lines[2]:find("BODY=8BITMIME", 1, true))
    end)
    with({}, {}, function(one, two, send)
      is_failure("unsupported", "5.6.3", send(posthorn.raw(octets, envelope)))
      nothing_was_said(one, two)
    end)
  end)

  it("D47: a UTF-8 address goes to a server with SMTPUTF8, or nowhere", function()
    local mail = setting.mail { to = { "j\195\188rg@example.net" } }
    with({ "8BITMIME" }, { "SMTPUTF8" }, function(one, two, send)
      assert(send(mail))
      nothing_was_said(one)
      assert.truthy(two.lines[2]:find(" SMTPUTF8$"))
      assert.equal("RCPT TO:<j\195\188rg@example.net>", two.lines[3])
    end)
    with({ "8BITMIME" }, {}, function(one, two, send)
      is_failure("unsupported", "5.6.7", send(mail))
      nothing_was_said(one, two)
    end)
  end)

  it("D47: SMTPUTF8 is not said where nothing needs it", function()
    with({ "SMTPUTF8" }, {}, function(one, _, send)
      assert(send(setting.mail { subject = "Grüße", to = "bob@b\195\188cher.example" }))
      assert.is_nil(one.lines[2]:find("SMTPUTF8", 1, true))
      assert.equal("RCPT TO:<bob@xn--bcher-kva.example>", one.lines[3])
    end)
  end)

  it("D48: DSN parameters are left out where DSN is not offered, with a warning", function()
    with({ "PIPELINING" }, { "DSN" }, function(one, two, send)
      local result = assert(send(setting.mail(), { dsn = { notify = { "success" }, envid = "x" } }))
      assert.equal(one.port, result.port)
      assert.equal("MAIL FROM:<ada@example.org>", one.lines[2])
      assert.equal("RCPT TO:<bob@example.net>", one.lines[3])
      assert.equal(1, #result.warnings)
      assert.truthy(result.warnings[1]:find("DSN", 1, true))
      assert.equal(0, two.connections)
    end)
  end)

  it("D48: required, DSN is asked of the next server, and unsupported if none has it", function()
    with({ "PIPELINING" }, { "DSN" }, function(one, two, send)
      local result = assert(send(setting.mail(), { dsn = { ret = "full" } }))
      assert.equal(two.port, result.port)
      assert.same({}, result.warnings)
      assert.equal("MAIL FROM:<ada@example.org> RET=FULL", two.lines[2])
      nothing_was_said(one)
    end, { dsn = "require" })
    with({}, { "SIZE" }, function(one, two, send)
      local result, message, failure = send(setting.mail())
      assert.is_nil(result)
      assert.truthy(message:find("DSN", 1, true))
      assert.same({ "unsupported", "permanent", "ehlo" }, { failure.kind, failure.class, failure.phase })
      assert.equal("unsupported", failure.recipients[1].kind)
      nothing_was_said(one, two)
    end, { dsn = "require" })
  end)

  it("off: DSN is not used although it is offered, with a warning", function()
    with({ "DSN" }, {}, function(one, _, send)
      local result = assert(send(setting.mail(), { dsn = { ret = "full" } }))
      assert.equal("MAIL FROM:<ada@example.org>", one.lines[2])
      assert.equal(1, #result.warnings)
    end, { dsn = "off" })
  end)

  it("C35: REQUIRETLS where no server offers it: permanent, and nothing is said", function()
    with({ "DSN" }, { "REQUIRETLS" }, function(one, two, send)
      is_failure("unsupported", "5.7.10", send(setting.mail(), { require_tls = true }))
      nothing_was_said(one, two)
      assert.same({ 1, 1 }, { one.connections, two.connections })
    end)
  end)

  it("a release is asked of the next server, and unsupported if none has it", function()
    with({}, { "FUTURERELEASE 86400 2099-01-01T00:00:00Z" }, function(one, two, send)
      local result = assert(send(setting.mail(), { hold_until = os.time() + 600 }))
      assert.equal(two.port, result.port)
      nothing_was_said(one)
    end)
    with({}, { "FUTURERELEASE 86400 2020-01-01T00:00:00Z" }, function(one, two, send)
      local result, _, failure = send(setting.mail(), { hold_until = os.time() + 600 })
      assert.is_nil(result)
      assert.equal("permanent", failure.class)
      assert.truthy(failure.kind == "unsupported" or failure.kind == "limit")
      nothing_was_said(one, two)
    end)
  end)

  it("less time than a server's minimum is asked of the next", function()
    with({ "DELIVERBY 3600" }, { "DELIVERBY" }, function(one, two, send)
      assert(send(setting.mail(), { deliver_by = { seconds = 60 } }))
      nothing_was_said(one)
      assert.equal("MAIL FROM:<ada@example.org> BY=60;R", two.lines[2])
    end)
  end)

  for limits, connections in pairs { ["RCPTMAX=2"] = 1, ["MAILMAX=2"] = 3, ["RCPTDOMAINMAX=1"] = 6,
    ["MAILMAX=x RCPTMAX= =3"] = 1 } do
    it("B20: LIMITS " .. limits .. " with six mails: connections " .. connections, function()
      setting.with({ ehlo = { "PIPELINING", "LIMITS " .. limits } }, { concurrency = 1 }, function(peer, transport)
        local items, told = {}, 0
        for i = 1, 6 do items[i] = setting.mail { to = { "a@one.example", "b@one.example" } } end
        for _, result, problem in transport:send_many(items) do
          assert(result, problem)
          assert.equal(2, #result.accepted)
          told = told + 1
        end
        assert.equal(6, told)
        assert.equal(6, #peer.bodies)
        assert.equal(connections, peer.connections)
      end)
    end)
  end

  it("B20: LIMITS RCPTMAX=2 with five recipients: three transactions", function()
    setting.with({ ehlo = { "PIPELINING", "LIMITS RCPTMAX=2" } }, function(peer, transport)
      local all = {}
      for i = 1, 5 do all[i] = ("u%d@example.net"):format(i) end
      local result = assert(transport:send(setting.mail { to = all }))
      assert.same(all, result.accepted)
      assert.equal(3, #peer.bodies)
      assert.equal(1, peer.connections)
    end)
  end)

  it("S31: of many mails none follows a reply of x0z over the same connection", function()
    setting.with({ ehlo = { "PIPELINING" }, per_connection = {
      { ehlo = { "PIPELINING" }, rcpt = { "250 ok", "501 5.5.4 what?" } }, { ehlo = { "PIPELINING" } },
    } }, { concurrency = 1 }, function(peer, transport)
      local items, refused = {}, 0
      for i = 1, 4 do items[i] = setting.mail { to = { "a@one.example", "b@one.example" } } end
      for _, result, problem in transport:send_many(items) do
        assert(result, problem)
        refused = refused + #result.refused
      end
      assert.equal(1, refused)
      assert.equal(4, #peer.bodies)
      assert.equal(2, peer.connections)
    end)
  end)
end)
