-- secured_spec.lua - fault catalogue C2, C5, C8 to C10, C18 to C20, C37: TLS with a scripted peer.
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"
local setting = require "spec.faults.setting"
local tls = require "posthorn.tls"

local function context(certificate, options)
  local all = { side = "server", certificate = certificate.certificate, key = certificate.key, resumption = true }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(tls.context(all))
end

local authority = files.new(pair.authority.certificate)
local good = pair.certificate { names = { "localhost", "127.0.0.1" } }
local login = { ehlo = { "PIPELINING", "AUTH PLAIN" } }

-- The options of a transport that verifies, and of one that does not care.
local function strict(fields)
  local all = { host = "localhost", tls = "starttls", ca_file = authority, user = "user", password = "s3cret" }
  for name, value in pairs(fields or {}) do
    if value == pair.absent then value = nil end
    all[name] = value
  end
  return all
end

local function lax(fields)
  local all = { host = "localhost", tls = "opportunistic" }
  for name, value in pairs(fields or {}) do all[name] = value end
  return all
end

local function script(server, secured)
  return { ehlo = { "STARTTLS" }, tls = server, secured = secured or login }
end

-- One mail: result, failure, and the peer.
local function send(what, options, mails)
  local outcomes = {}
  setting.with(what, options, function(peer, transport)
    for i = 1, mails or 1 do
      local result, message, failure = transport:send(setting.mail())
      outcomes[i] = { result = result, message = message, failure = failure }
    end
    outcomes.peer = peer
  end)
  return outcomes[1].result, outcomes[1].failure, outcomes.peer, outcomes
end

local function never_showed(peer)
  assert.equal(0, peer:count "AUTH")
  assert.equal(0, peer:count "MAIL")
end

describe("faults C: TLS with a scripted peer", function()
  teardown(function()
    os.remove(authority)
  end)

  it("C2: STARTTLS answered with 454 where TLS is opportunistic: sent in clear text", function()
    local result, _, peer = send({ ehlo = { "STARTTLS", "PIPELINING" }, starttls = "454 4.7.0 not now" }, lax())
    assert(result)
    assert.is_nil(result.tls)
    assert.equal(1, peer.connections)
    assert.equal(1, #peer.bodies)
  end)

  -- A host of its own: what is remembered of a port shall meet no other spec.
  for how, answer in pairs { closes = { raw = "220 go\r\n", close = true }, resets = { raw = "220 go\r\n", reset = true } } do
    it("C5: the server " .. how .. " in the handshake, TLS is opportunistic: temporary", function()
      local result, failure, peer = send({ ehlo = { "STARTTLS" }, starttls = answer }, lax { host = "127.0.0.1" })
      assert.is_nil(result)
      assert.equal("temporary", failure.class)
      assert.equal(1, peer.connections)
      assert.equal(0, peer:count "MAIL")
    end)

    it("C5: the server " .. how .. ": a later attempt is made in clear text, if that is allowed", function()
      local what = { ehlo = { "STARTTLS", "AUTH PLAIN" }, starttls = answer }
      local _, _, peer, outcomes = send(what, lax { host = "127.0.0.1" }, 2)
      assert.is_nil(outcomes[1].result)
      local result = assert(outcomes[2].result, outcomes[2].message)
      assert.is_nil(result.tls)
      assert.equal(2, peer.connections)
      assert.equal(1, peer:count "STARTTLS")
      for _, fields in ipairs { { user = "user", password = "s3cret" }, { verify = true }, { pin = ("0"):rep(64) },
        { tls = "starttls" } } do
        fields.host = "127.0.0.1"
        _, _, peer, outcomes = send(what, lax(fields), 3)
        for _, outcome in ipairs(outcomes) do
          assert.is_nil(outcome.result)
          assert.equal("temporary", outcome.failure.class)
        end
        assert.equal(3, peer:count "STARTTLS")
        assert.equal(0, peer:count "MAIL")
        assert.equal(0, peer:count "AUTH")
      end
    end)
  end

  local bad = {
    ["expired"] = pair.certificate { names = { "localhost" }, now = os.time() - 864000, days = 5 },
    ["of another name"] = pair.certificate { names = { "other.test" } },
    ["of an unknown authority"] = assert(tls.certificate { names = { "localhost" }, now = os.time(), days = 5 }),
  }
  for what, certificate in pairs(bad) do
    it("C8: a certificate " .. what .. " where TLS is opportunistic: sent, verified is none", function()
      local result, failure, peer = send(script(context(certificate)), lax())
      assert(result, failure and failure.message)
      assert.equal("none", result.tls.verified)
      assert.is_string(result.tls.reason)
      assert.equal(1, #peer.bodies)
      assert.equal(1, #peer.handshakes)
    end)
  end

  -- A ServerHello that chooses TLS 1.0 (RFC 2246, 7.4.1.3).
  local hello = "\3\1" .. ("r"):rep(32) .. "\0\192\19\0"
  local old = "\22\3\1\0" .. string.char(#hello + 4) .. "\2\0\0" .. string.char(#hello) .. hello
  for mode, options in pairs { starttls = strict(), opportunistic = lax() } do
    it("C9: a server that knows TLS 1.0 alone, " .. mode .. ": temporary", function()
      local what = { ehlo = { "STARTTLS", "AUTH PLAIN" }, starttls = { raw = "220 go\r\n", hears = old } }
      local result, failure, peer = send(what, options)
      assert.is_nil(result)
      assert.equal("tls", failure.kind)
      assert.equal("temporary", failure.class)
      assert.matches("^4%.7%.", failure.enhanced)
      assert.matches("protocol", failure.message)
      never_showed(peer)
    end)
  end

  describe("C10", function()
    local function at(certificate, host, hosts)
      local server = context(pair.certificate(certificate))
      local result, failure, peer = send(script(server), strict {
        host = host, resolver = { hosts = hosts or { [host] = "127.0.0.1" } },
      })
      if failure then never_showed(peer) end
      return result and result.tls.verified or failure.text
    end

    it("the name stands in CN only: refused", function()
      assert.equal("hostname mismatch", at({ names = { "mail.test" }, cn_only = true }, "mail.test"))
    end)

    it("a wildcard counts for one label, and for the whole of it", function()
      assert.equal("pkix", at({ names = { "*.example.test" } }, "mail.example.test"))
      assert.equal("hostname mismatch", at({ names = { "*.example.test" } }, "a.mail.example.test"))
      assert.equal("hostname mismatch", at({ names = { "*.example.test" } }, "example.test"))
      assert.equal("hostname mismatch", at({ names = { "m*.example.test" } }, "mail.example.test"))
    end)

    it("a wildcard for a whole top-level domain counts for nothing", function()
      for _, name in ipairs { "*.test", "m*.test", "*" } do
        assert.equal("hostname mismatch", at({ names = { name } }, "mail.test"))
      end
    end)

    it("an address is sought among addresses alone", function()
      local function by_address(names)
        local server = context(pair.certificate { names = names })
        local result, failure = send(script(server), strict { host = "127.0.0.1" })
        return result and result.tls.verified or failure.text
      end
      assert.equal("pkix", by_address { "127.0.0.1" })
      assert.equal("IP address mismatch", by_address { "127.0.0.2" })
      assert.equal("IP address mismatch", by_address { "localhost" })
    end)
  end)

  it("C18: closed without close_notify behind the 250 to the dot: sent", function()
    local secured = { ehlo = { "PIPELINING" }, dot = { reply = "250 2.0.0 queued as 1", close = true } }
    local result, failure, peer = send(script(context(good), secured), strict { user = pair.absent, password = pair.absent })
    assert(result, failure and failure.message)
    assert.equal("1", result.queue_id)
    assert.equal(1, #peer.bodies)
  end)

  for how, end_of in pairs { ["without close_notify"] = { close = true }, ["with close_notify"] = { notify = true, close = true } } do
    it("C18: closed " .. how .. " before the reply to the dot: unknown", function()
      local secured = { ehlo = { "PIPELINING" }, dot = end_of }
      local result, failure = send(script(context(good), secured), strict { user = pair.absent, password = pair.absent })
      assert.is_nil(result)
      assert.equal("unknown", failure.class)
      assert.equal("dot", failure.phase)
      assert.equal("closed", failure.kind)
    end)
  end

  it("C19: an alert at the first read behind the handshake: temporary, of kind tls", function()
    for _, secured in ipairs { { ehlo = { alert = true, close = true } }, { ehlo = { alert = true, silence = true } } } do
      local result, failure, peer = send(script(context(good), secured), strict())
      assert.is_nil(result)
      assert.equal("tls", failure.kind)
      assert.equal("temporary", failure.class)
      assert.matches("alert", failure.message)
      never_showed(peer)
    end
  end)

  it("C19: the same before the greeting of implicit TLS", function()
    local what = { implicit = true, tls = context(good), secured = { greeting = { alert = true, close = true } } }
    local result, failure, peer = send(what, strict { tls = "implicit" })
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
    assert.equal("temporary", failure.class)
    never_showed(peer)
  end)

  it("C20: a reply that nobody asked for waits before our MAIL: temporary, and closed", function()
    for _, extra in ipairs { "250 2.1.0 ok", "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 queued", "2" } do
      local secured = { ehlo = { raw = "250-peer\r\n250 PIPELINING\r\n" .. extra .. "\r\n", silence = true } }
      local result, failure, peer = send(script(context(good), secured), strict { user = pair.absent, password = pair.absent })
      assert.is_nil(result)
      assert.equal("temporary", failure.class)
      assert.equal("protocol", failure.kind)
      assert.equal(0, peer:count "MAIL")
    end
  end)

  describe("C37", function()
    local function resumed_by(options, mails)
      local _, _, _, outcomes = send(script(context(good)), options, mails)
      local list = {}
      for i, outcome in ipairs(outcomes) do list[i] = assert(outcome.result, outcome.message).tls.resumed end
      return list
    end

    it("a new connection goes on with the session of the last one, behind STARTTLS", function()
      assert.same({ false, true, true }, resumed_by(strict { pool = false }, 3))
      assert.same({ false, false }, resumed_by(strict { pool = false, tls_resumption = false }, 2))
    end)

    it("and with implicit TLS", function()
      local what = { implicit = true, tls = context(good), ehlo = { "PIPELINING", "AUTH PLAIN" } }
      local _, _, peer, outcomes = send(what, strict { tls = "implicit", pool = false }, 2)
      assert.is_true(assert(outcomes[2].result, outcomes[2].message).tls.resumed)
      assert.equal("pkix", outcomes[2].result.tls.verified)
      assert.is_true(peer.handshakes[2].resumed)
    end)

    it("a session of another policy is never gone on with", function()
      local posthorn = require "posthorn"
      setting.with(script(context(good)), lax { pool = false }, function(peer, transport)
        local function by(options)
          options.port, options.timeout, options.pool = peer.port, 5, false
          local other = posthorn.transport(options)
          local result, message = other:send(setting.mail())
          other:close()
          return assert(result, message).tls
        end
        assert(transport:send(setting.mail()))
        assert.is_true(assert(transport:send(setting.mail())).tls.resumed)
        local facts = by(strict())
        assert.is_false(facts.resumed)
        assert.equal("pkix", facts.verified)
        assert.is_true(by(strict()).resumed)
        assert.is_false(by(strict { pin = facts.pin }).resumed)
        assert.is_false(by(strict { min_tls = "1.3" }).resumed)
        assert.is_false(by(strict { host = "127.0.0.1" }).resumed)
        assert.is_true(assert(transport:send(setting.mail())).tls.resumed)
      end)
    end)

    it("a session that the server cannot stand costs no mail: it is asked again without one", function()
      local well = script(context(good))
      for _, answer in ipairs { { raw = "220 go\r\n", hears = "", close = true }, { raw = "220 go\r\n", hears = "", reset = true },
        { raw = "220 go\r\n", hears = "\21\3\3\0\2\2\40", silence = true } } do
        local what = { per_connection = { well, { ehlo = { "STARTTLS" }, starttls = answer }, well } }
        local _, _, peer, outcomes = send(what, strict { pool = false, host = "127.0.0.1" }, 2)
        assert(outcomes[1].result, outcomes[1].message)
        local result = assert(outcomes[2].result, outcomes[2].message)
        assert.is_false(result.tls.resumed)
        assert.equal(3, peer.connections)
        assert.equal(2, #peer.bodies)
        _, _, _, outcomes = send(what, lax { pool = false, host = "127.0.0.1" }, 2)
        assert.equal("none", assert(outcomes[2].result, outcomes[2].message).tls.verified)
      end
    end)

    it("a server that breaks every handshake is asked again no more than once", function()
      local broken = { ehlo = { "STARTTLS" }, starttls = { raw = "220 go\r\n", hears = "", close = true } }
      local what = { per_connection = { script(context(good)), broken } }
      local _, _, peer, outcomes = send(what, strict { pool = false, host = "127.0.0.1" }, 3)
      assert.equal("tls", outcomes[2].failure.kind)
      assert.equal("tls", outcomes[3].failure.kind)
      assert.equal(4, peer.connections)
    end)

    it("a certificate that is refused leaves none", function()
      local what = script(context(bad.expired))
      for _ = 1, 2 do
        local _, _, peer, outcomes = send(what, strict { pool = false }, 2)
        for _, outcome in ipairs(outcomes) do
          assert.equal("tls", outcome.failure.kind)
          assert.matches("expired", outcome.message)
        end
        never_showed(peer)
      end
    end)
  end)
end)
