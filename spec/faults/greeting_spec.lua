-- greeting_spec.lua - fault catalogue B6 to B20 at the public API: what servers say before the first
-- mail. connect_spec.lua has B1 to B5, B8 and B9.
local peers = require "spec.peer"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

-- One mail to one server with that script: result or failure, and the peer.
local function send(script, options, fields)
  local result, message, failure, there
  setting.with(script, options or {}, function(peer, transport)
    result, message, failure = transport:send(setting.mail(fields))
    there = peer
    if failure then assert.equal(message, tostring(failure)) end
  end)
  return result, failure, there
end

-- The failure where that server is the only one, and the peer.
local function refused_by(script, options)
  local result, failure, peer = send(script, options)
  assert.is_nil(result)
  return failure, peer
end

local function sent_by(script, options, fields)
  local result, failure, peer = send(script, options, fields)
  assert(result, failure)
  return result, peer
end

-- Asserts that a mail goes on to the next server where the first has that script. The first peer.
local function goes_on(script, options)
  local first, second = nil, nil
  posthorn.run(function()
    first = peers.start(script)
    second = peers.start(options and options.second or {})
    local all = { tls = "none", timeout = 5, servers = {
      { host = "127.0.0.1", port = first.port }, { host = "127.0.0.1", port = second.port } } }
    for name, value in pairs(options or {}) do
      if name ~= "second" then all[name] = value end
    end
    local transport = posthorn.transport(all)
    local result, message = transport:send(setting.mail())
    transport:close()
    first:stop()
    second:stop()
    assert(result, message)
    assert.equal(second.port, result.port)
    assert.equal(1, first.connections)
    assert.equal(1, #second.bodies)
  end)
  return first
end

local function says(peer, verb)
  return peer:count(verb) > 0
end

describe("faults B: greeting and EHLO", function()
  for greeting, code in pairs { ["554 5.7.1 not you"] = 554, ["521 5.3.2 no mail here"] = 521 } do
    it("B6: greeting " .. code .. ": next host", function()
      local first = goes_on { greeting = greeting }
      assert.is_false(says(first, "EHLO"))
    end)

    it("B6: greeting " .. code .. " of the last: temporary", function()
      local failure, peer = refused_by { greeting = greeting }
      assert.same({ "refused", "temporary", "greeting", code }, { failure.kind, failure.class,
        failure.phase, failure.code })
      assert.equal("temporary", failure.recipients[1].class)
      assert.is_false(says(peer, "MAIL"))
    end)
  end

  it("B7: greeting 421: next host; of the last: temporary", function()
    goes_on { greeting = "421 4.3.2 busy" }
    local failure = refused_by { greeting = "421 4.3.2 busy" }
    assert.same({ "refused", "temporary", "greeting", 421, "4.3.2" }, { failure.kind, failure.class,
      failure.phase, failure.code, failure.enhanced })
  end)

  for what, greeting in pairs {
    ["closes at once"] = { close = true }, ["resets"] = { reset = true },
    ["speaks another protocol"] = { raw = "SSH-2.0-x\r\n", silence = true },
    ["stops inside its greeting"] = { raw = "220-hello\r\n", close = true },
  } do
    it("B5, B8: a server that " .. what .. ": next host", function()
      goes_on { greeting = greeting }
    end)
  end

  it("B3: a server that never greets: next host, after the greeting's time", function()
    goes_on({ greeting = { silence = true } }, { timeouts = { greeting = 0.2 } })
  end)

  it("B10: a greeting of several lines, and one without text", function()
    for _, greeting in ipairs { "220-peer.test\r\n220-no spam\r\n220 ready", "220", "220 " } do
      assert.equal(1, #sent_by({ greeting = greeting }).accepted)
    end
  end)

  it("B10: the last line of a greeting never comes: temporary, next host", function()
    local greeting = { raw = "220-peer.test\r\n", silence = true }
    local failure = refused_by({ greeting = greeting }, { timeouts = { greeting = 0.2 } })
    assert.same({ "timeout", "temporary", "greeting" }, { failure.kind, failure.class, failure.phase })
    goes_on({ greeting = greeting }, { timeouts = { greeting = 0.2 } })
  end)

  it("B11: a greeting that names us is a loop: permanent 5.4.6, nothing said", function()
    for _, greeting in ipairs { "220 Peer.Test ESMTP", "220 peer.test.", "220 [192.0.2.7] hello" } do
      local failure, peer = refused_by({ greeting = greeting },
        { self_names = { "mx.example", "192.0.2.7", "PEER.test." } })
      assert.same({ "permanent", "5.4.6", "greeting" }, { failure.class, failure.enhanced, failure.phase })
      assert.equal("permanent", failure.recipients[1].class)
      assert.matches("^the connection leads to ourselves", failure.message)
      assert.same({}, peer.lines)
    end
    assert.equal(1, #sent_by({}, { self_names = { "test", "peer" } }).accepted)
  end)

  it("B12: a greeting of asterisks: sent, the body and its end in one write", function()
    local _, peer = sent_by({
      greeting = "220 " .. ("*"):rep(40) .. "2******0*", ehlo = "250 peer.test" })
    local whole = 0
    for _, octets in ipairs(peer.octets) do
      if octets:find("\r\none\r\n.\r\n", 1, true) then whole = whole + 1 end
    end
    assert.equal(1, whole)
  end)

  it("B13: EHLO 502: HELO, and no extension", function()
    local _, peer = sent_by({ ehlo = "502 5.5.1 what?" }, nil, { text = "Grüße\n" })
    assert.is_true(says(peer, "HELO"))
    assert.equal("MAIL FROM:<ada@example.org>", peer.lines[3])
    assert.is_nil(peer.bodies[1]:find "[\128-\255]")
  end)

  for what, options in pairs {
    ["TLS is required"] = { tls = "starttls" },
    ["a login is required"] = { user = "u", password = "p", allow_plaintext_auth = true },
    ["an extension is required"] = { extensions = { dsn = "require" } },
  } do
    it("B14: EHLO 502 where " .. what .. ": no HELO, temporary", function()
      local failure, peer = refused_by({ ehlo = "502 5.5.1 what?" }, options)
      assert.same({ "temporary", "ehlo", 502 }, { failure.class, failure.phase, failure.code })
      assert.is_false(says(peer, "HELO"))
      assert.is_false(says(peer, "AUTH"))
      assert.is_false(says(peer, "MAIL"))
    end)
  end

  it("B14: EHLO 502 where a login is required: next host", function()
    local first = goes_on({ ehlo = "502 5.5.1 what?" }, { user = "u", password = "p",
      allow_plaintext_auth = true, second = { ehlo = { "AUTH PLAIN" } } })
    assert.is_false(says(first, "HELO"))
  end)

  it("B15: EHLO 421: next host; of the last: temporary", function()
    local first = goes_on { ehlo = "421 4.3.2 later" }
    assert.is_false(says(first, "HELO"))
    local failure = refused_by { ehlo = "421 4.3.2 later" }
    assert.same({ "refused", "temporary", "ehlo", 421 }, { failure.kind, failure.class, failure.phase,
      failure.code })
  end)

  it("B16: 500 lines, a long one, NUL, UTF-8, keywords in lower case and twice: found", function()
    local lines = { "250-peer.test", "250-size 1000000", "250-SIZE 7", "250-X-\0 a\0b", "250-X-\195\164 \255",
      "250-X-LONG " .. ("x"):rep(3980) }
    for i = #lines + 1, 499 do lines[i] = "250-X-FILL-" .. i .. " y" end
    lines[500] = "250 8bitmime"
    local _, peer = sent_by({ ehlo = table.concat(lines, "\r\n") }, nil, { text = "Grüße\n", encoding = "8bit" })
    assert.matches("^MAIL FROM:<ada@example.org> .*BODY=8BITMIME", peer.lines[2])
    assert.matches(" SIZE=%d+", peer.lines[2])
  end)

  for what, ehlo in pairs {
    ["513 lines"] = ("250-x\r\n"):rep(512) .. "250 x",
    ["a line of 5,000 octets"] = "250-X " .. ("x"):rep(5000) .. "\r\n250 x",
  } do
    it("B16: EHLO with " .. what .. ": a protocol error, next host", function()
      local failure, peer = refused_by { ehlo = ehlo }
      assert.same({ "protocol", "temporary", "ehlo" }, { failure.kind, failure.class, failure.phase })
      assert.is_false(says(peer, "MAIL"))
      assert.is_true(#failure.message < 1024)
      goes_on { ehlo = ehlo }
    end)
  end

  it("B17: AUTH=LOGIN and two AUTH lines are one list", function()
    local login = { user = "u", password = "p", allow_plaintext_auth = true }
    for _, ehlo in ipairs {
      { "AUTH=LOGIN PLAIN" }, { "AUTH CRAM-MD5", "AUTH PLAIN" }, { "AUTH=CRAM-MD5", "AUTH plain" },
    } do
      local _, peer = sent_by({ ehlo = ehlo }, login)
      assert.equal("AUTH PLAIN AHUAcA==", peer.lines[2])
    end
  end)

  it("B18: a SIZE that tells nothing is no limit", function()
    for _, size in ipairs { "SIZE", "SIZE x", "SIZE 0", "SIZE 99999999999999999999", "SIZE -1" } do
      local _, peer = sent_by { ehlo = { size } }
      assert.matches("^MAIL FROM:<ada@example.org> SIZE=%d+$", peer.lines[2])
    end
  end)

  it("B19: SMTPUTF8 without 8BITMIME: 8BITMIME is assumed", function()
    local _, peer = sent_by({ ehlo = { "SMTPUTF8" } }, nil,
      { to = "søren@example.dk", text = "Grüße\n", encoding = "8bit" })
    assert.matches("BODY=8BITMIME", peer.lines[2])
    assert.matches("SMTPUTF8", peer.lines[2])
    assert.is_truthy(peer.bodies[1]:find("Grüße", 1, true))
  end)

  local five = { "a@example.net", "b@example.net", "c@example.net", "d@example.net", "e@example.net" }

  it("B20: LIMITS RCPTMAX=2 and five recipients: three transactions (RFC 9422)", function()
    for _, pipelining in ipairs { "PIPELINING", "X-NONE" } do
      local result, peer = sent_by({ ehlo = { "LIMITS RCPTMAX=2", pipelining } }, nil, { to = five })
      assert.same(five, result.accepted)
      assert.equal(3, peer:count "MAIL")
      assert.equal(5, peer:count "RCPT")
      assert.equal(3, #peer.bodies)
    end
  end)

  it("B20: LIMITS that are malformed are none", function()
    for _, limits in ipairs { "LIMITS", "LIMITS RCPTMAX", "LIMITS RCPTMAX=", "LIMITS RCPTMAX=x",
      "LIMITS RCPTMAX=0", "LIMITS RCPTMAX=-2", "LIMITS =2", "LIMITS RCPTMAX=99999999999" } do
      local result, peer = sent_by({ ehlo = { limits, "PIPELINING" } }, nil, { to = five })
      assert.same(five, result.accepted)
      assert.equal(1, peer:count "MAIL", limits)
    end
  end)
end)
