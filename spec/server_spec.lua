-- server_spec.lua - lua/posthorn/server.lua; and transports that have several, at the public API.
local options_of = require "posthorn.options"
local patiently = require "spec.patience"
local peers = require "spec.peer"
local posthorn = require "posthorn"
local servers = require "posthorn.server"
local setting = require "spec.faults.setting"

describe("posthorn.server", function()
  local function key(given)
    given.host = given.host or "mail.test"
    return servers.new(options_of.transport(given)).key
  end

  it("has one key for equal options, another for any difference (security.md, 23)", function()
    assert.equal(key {}, key {})
    for _, given in ipairs {
      { host = "other.test" }, { port = 2525 }, { tls = "implicit" }, { verify = false },
      { ca_file = "a" }, { ca_path = "a" }, { server_name = "a" }, { user = "a", password = "b" },
      { hello_name = "a.test" }, { allow_plaintext_auth = true }, { auth = { "PLAIN" } },
      { extensions = { pipelining = "off" } },
    } do
      assert.not_equal(key {}, key(given))
    end
    assert.not_equal(key { user = "a", password = "b" }, key { user = "a", password = "c" })
    local own = { client_certificate = "a", client_key = "b", client_key_password = "c" }
    for name in pairs(own) do
      local other = { client_certificate = "a", client_key = "b", client_key_password = "c" }
      other[name] = "d"
      assert.not_equal(key(own), key(other))
    end
  end)

  it("forgets no option: each makes a difference, or is known to make none", function()
    local pin = ("0"):rep(64)
    local differing = {
      host = "other.test", port = 2525, tls = "implicit", hello_name = "a.test", allow_plaintext_auth = true,
      user = "a", password = "b", auth = { "PLAIN" }, extensions = { pipelining = "off" },
      verify = false, ca_file = "a", ca_path = "a", server_name = "a", pin = pin, min_tls = "1.3",
      client_certificate = "a", client_key = "a", client_key_password = "a", tls_engine = "host",
      tls_resumption = false, local_address = "192.0.2.9", self_names = { "a.test" },
    }
    local companions = {
      user = { password = "b" }, password = { user = "a" }, client_key = { client_certificate = "a" },
      client_key_password = { client_certificate = "a" },
    }
    -- What says how a transport works, not what a connection is.
    local indifferent = { driver = true, resolver = true, timeout = true, timeouts = true, concurrency = true,
      pool = true, rate = true, bulk = true, trace = true, servers = true, balance = true }
    for name in pairs(options_of.transport_names) do
      if not indifferent[name] then
        assert(differing[name] ~= nil, "is it part of the key? option " .. name)
        local plain, other = {}, { [name] = differing[name] }
        for companion, value in pairs(companions[name] or {}) do
          plain[companion], other[companion] = value, value
        end
        if name == "user" or name == "password" then plain = {} end
        assert.not_equal(key(plain), key(other), name)
      end
    end
  end)
end)

describe("transports with a local address", function()
  -- One mail to mail.test at these addresses, from there.
  local function send(port, from, addresses)
    local transport = posthorn.transport { host = "mail.test", port = port, tls = "none",
      local_address = from, timeout = 5, resolver = { hosts = { ["mail.test"] = addresses } } }
    local result, message, failure = transport:send(setting.mail())
    transport:close()
    return result, message, failure
  end

  -- A listener that tells whence each connection came.
  local function with_listener(ip, fn)
    local problem
    posthorn.run(function()
      local peer = peers.start({}, ip)
      local ok, err = posthorn.driver().pcall(fn, peer)
      peer:stop()
      problem = not ok and err
    end)
    if problem then error(problem, 0) end
  end

  it("talk from there, IPv4 and IPv6", function()
    local driver = posthorn.driver()
    local six = driver.listen { ip = "::1", port = 0 }
    for ip, from in pairs { ["127.0.0.1"] = "127.0.0.9", ["::1"] = six and "::1" } do
      with_listener(ip, function(peer)
        local connection = assert(driver.connect({ ip = ip, port = peer.port, local_address = from },
          driver.now() + 5))
        assert.equal(from, connection:local_ip())
        connection:close()
        local result, message = send(peer.port, from, { ip })
        assert(result, message)
      end)
    end
    if six then six:close() end
  end)

  it("go to addresses of its family alone", function()
    with_listener("127.0.0.1", function(peer)
      local result, message = send(peer.port, "127.0.0.9", { "::1", "127.0.0.1" })
      assert(result, message)
      assert.equal("127.0.0.1", result.ip)
      local _, _, failure = send(peer.port, "::1", { "127.0.0.1" })
      assert.equal("connect", failure.kind)
      assert.equal("temporary", failure.class)
      assert.matches("no address that can be reached from ::1", failure.message)
      assert.equal("mail.test", failure.host)
    end)
  end)

  it("tell one that is none of this host's, and do not hold it against the server", function()
    with_listener("127.0.0.1", function(peer)
      local _, message, failure = send(peer.port, "192.0.2.9", { "127.0.0.1" })
      assert.equal("the local address cannot be used: address not available", message)
      assert.equal("connect", failure.kind)
      assert.equal("temporary", failure.class)
      assert.equal("127.0.0.1", failure.ip)
      assert.is_false(require("posthorn.down").of(posthorn.driver())
        :has(("127.0.0.1 port %d from 192.0.2.9"):format(peer.port)))
      assert.equal(0, peer.connections)
    end)
  end)
end)

describe("transports over Unix sockets", function()
  local function path()
    local name = os.tmpname()
    os.remove(name)
    return name
  end

  -- fn(peer, transport) with an LMTP peer at a path; options of the transport.
  local function with(script, options, fn)
    local problem
    posthorn.run(function()
      local place = path()
      local peer = peers.start(script, place)
      local transport = posthorn.transport("lmtp://" .. place, options)
      local ok, err = posthorn.driver().pcall(fn, peer, transport, place)
      transport:close()
      peer:stop()
      os.remove(place)
      problem = not ok and err
    end)
    if problem then error(problem, 0) end
  end

  it("speak LMTP, one verdict for each recipient (RFC 2033, 4.2)", function()
    with({ ehlo = { "PIPELINING", "8BITMIME" }, dot = "250 2.0.0 taken\r\n452 4.2.2 full" },
      { timeout = 5 }, function(peer, transport, place)
        local result = assert(transport:send(setting.mail { to = { "a@example.net", "b@example.net" } }))
        assert.same({ "a@example.net" }, result.accepted)
        assert.equal("temporary", result.refused[1].class)
        assert.equal("4.2.2", result.refused[1].enhanced)
        for _, record in ipairs { result, result.recipients[1], result.recipients[2] } do
          assert.same({ host = place }, { host = record.host, ip = record.ip, port = record.port })
        end
        assert.is_nil(result.tls)
        assert.matches("^LHLO ", peer.lines[1])
        assert.equal(1, #peer.bodies)
      end)
  end)

  it("take TLS where it is offered and wanted", function()
    with({ ehlo = { "PIPELINING" } }, { tls = "opportunistic", server_name = "mail.test", timeout = 5 },
      function(peer, transport)
        assert(transport:send(setting.mail()))
        assert.equal(0, peer:count "STARTTLS")
      end)
  end)

  it("are kept for the next mail, and end with QUIT", function()
    with({ ehlo = { "PIPELINING" } }, { timeout = 5 }, function(peer, transport, place)
      for _ = 1, 2 do assert(transport:send(setting.mail())) end
      assert.equal(1, peer.connections)
      assert.equal(("posthorn.transport (lmtp://%s)"):format(place), tostring(transport))
      transport:close()
      assert.equal(1, peer:count "QUIT")
    end)
  end)

  it("tell that nobody is there", function()
    local place = path()
    local transport = posthorn.transport("lmtp://" .. place)
    local result, message, failure = transport:send(setting.mail())
    assert.is_nil(result)
    assert.equal("the connection failed: no such path", message)
    assert.same({ "connect", "temporary", "4.4.1", place }, { failure.kind, failure.class,
      failure.enhanced, failure.host })
    assert.is_nil(failure.ip)
    assert.is_nil(failure.port)
    transport:close()
  end)

  it("are a server among others, tried before the next", function()
    posthorn.run(function()
      local peer = peers.start { ehlo = { "PIPELINING" } }
      local transport = posthorn.transport { tls = "none", port = 2525, timeout = 5,
        servers = { "lmtp://" .. path(), "lmtp://127.0.0.1:" .. peer.port } }
      assert.equal(peer.port, assert(transport:send(setting.mail())).port)
      transport:close()
      peer:stop()
    end)
  end)

  it("wait for room in a full queue until the connection's time is over", function()
    posthorn.run(function()
      local driver, place = posthorn.driver(), path()
      local listener = assert(driver.listen { path = place, backlog = 0 })
      local first = assert(driver.connect({ path = place }, driver.now() + 5))
      local transport = posthorn.transport("lmtp://" .. place, { timeouts = { connect = 0.1 } })
      local result, _, failure = transport:send(setting.mail())
      assert.is_nil(result)
      assert.same({ "timeout", "temporary", "connect" }, { failure.kind, failure.class, failure.phase })
      transport:close()
      first:close()
      listener:close()
      os.remove(place)
    end)
  end)
end)

describe("transports by LMTP", function()
  it("take TLS with STARTTLS, over TCP", function()
    local problem
    posthorn.run(function()
      local sink = assert(require("posthorn.sink").new { lmtp = true, tls = true }:start())
      local transport = posthorn.transport("lmtp://127.0.0.1:" .. sink.port,
        { tls = "starttls", verify = false, timeout = 20 })
      local ok, err = posthorn.driver().pcall(function()
        local result = assert(transport:send(setting.mail { to = { "a@example.net", "b@example.net" } }))
        assert.equal("TLSv1.3", result.tls.version)
        assert.equal(2, #result.accepted)
        assert.equal(sink.port, result.port)
      end)
      transport:close()
      sink:stop()
      problem = not ok and err
    end)
    if problem then error(problem, 0) end
  end)
end)

describe("transports with several servers", function()
  -- fn(transport, first, second) in the loop; both peers are new, so that neither is known as down.
  local function with_two(scripts, options, fn)
    local problem
    posthorn.run(function()
      local first, second = peers.start(scripts[1] or {}), peers.start(scripts[2] or {})
      local all = { tls = "none", timeout = 5, servers = {
        "smtp://127.0.0.1:" .. first.port, { host = "127.0.0.1", port = second.port } } }
      for name, value in pairs(options) do all[name] = value end
      local transport = posthorn.transport(all)
      local ok, err = posthorn.driver().pcall(fn, transport, first, second)
      transport:close()
      first:stop()
      second:stop()
      problem = not ok and err
    end)
    if problem then error(problem, 0) end
  end

  it("send through the first one that is well, over kept connections (failover)", function()
    with_two({}, {}, function(transport, first, second)
      for _ = 1, 3 do
        local result = assert(transport:send(setting.mail()))
        assert.equal(first.port, result.port)
        assert.equal("127.0.0.1", result.host)
      end
      assert.equal(1, first.connections)
      assert.equal(0, second.connections)
      first:stop()
      local result = assert(transport:send(setting.mail()))
      assert.equal(second.port, result.port)
      assert.equal(second.port, result.recipients[1].port)
    end)
  end)

  it("send through each in turn, over kept connections (round_robin)", function()
    with_two({}, { balance = "round_robin" }, function(transport, first, second)
      local ports = {}
      for i = 1, 6 do ports[i] = assert(transport:send(setting.mail())).port end
      assert.same({ first.port, second.port, first.port, second.port, first.port, second.port },
        ports)
      assert.same({ 1, 1 }, { first.connections, second.connections })
    end)
  end)

  it("go on after a temporary verdict, not after a permanent one", function()
    with_two({ { mail = "450 4.3.2 later" } }, {}, function(transport, first, second)
      assert.equal(second.port, assert(transport:send(setting.mail())).port)
      assert.equal(1, first:count "MAIL")
    end)
    with_two({ { rcpt = "550 5.1.1 nobody" } }, {}, function(transport, first, second)
      local result, _, failure = transport:send(setting.mail())
      assert.is_nil(result)
      assert.equal("permanent", failure.class)
      assert.equal(first.port, failure.port)
      assert.equal(0, second.connections)
    end)
  end)

  it("tell of all when none takes the mail, in the failure and in the trace (B1)", function()
    local seen = {}
    local function trace(event) seen[#seen + 1] = event.text end
    with_two({ { greeting = "421 4.3.2 busy" }, { mail = "450 4.3.2 later" } }, { trace = trace },
      function(transport, first, second)
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.same({ "refused", "temporary", "mail", second.port },
          { failure.kind, failure.class, failure.phase, failure.port })
        assert.same({ { first.port, "greeting", 421 }, { second.port, "mail", 450 } }, {
          { failure.tries[1].port, failure.tries[1].phase, failure.tries[1].code },
          { failure.tries[2].port, failure.tries[2].phase, failure.tries[2].code } })
        local record = failure.recipients[1]
        assert.same({ "bob@example.net", false, "temporary", 450, second.port },
          { record.address, record.accepted, record.class, record.code, record.port })
        local all = table.concat(seen, "\n")
        for _, port in ipairs { first.port, second.port } do
          assert.is_truthy(all:find("connecting to 127.0.0.1 port " .. port, 1, true))
        end
      end)
  end)

  it("go on when some are refused for a while, not when one was accepted", function()
    with_two({ { rcpt = { "250 ok", "450 4.2.1 later" } } }, {}, function(transport, _, second)
      local result = assert(transport:send(setting.mail { to = { "a@example.net", "b@example.net" } }))
      assert.equal(1, #result.accepted)
      assert.equal("temporary", result.refused[1].class)
      assert.equal(0, second.connections)
    end)
  end)

  it("never go on after the dot", function()
    for _, dot in ipairs { { close = true }, "451 4.3.0 later" } do
      with_two({ { dot = dot } }, {}, function(transport, first, second)
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("dot", failure.phase)
        assert.equal(first.port, failure.port)
        assert.equal(0, second.connections)
      end)
    end
  end)

  it("log in with each server's own credential", function()
    with_two({}, {}, function(_, first, second)
      first.script.ehlo, second.script.ehlo = { "AUTH PLAIN" }, { "AUTH PLAIN" }
      first.script.mail = "450 4.3.2 later"
      local transport = posthorn.transport {
        servers = { ("smtp://a:b@127.0.0.1:%d"):format(first.port),
          "smtp://127.0.0.1:" .. second.port },
        user = "c", password = "d", tls = "none", allow_plaintext_auth = true, timeout = 5,
      }
      assert(transport:send(setting.mail()))
      transport:close()
      assert.equal("AUTH PLAIN AGEAYg==", first.lines[2])
      assert.equal("AUTH PLAIN AGMAZA==", second.lines[2])
    end)
  end)

  it("end in time when all of them are silent, and at once by a cancel", patiently(function(in_time)
    local silent = { greeting = { silence = true } }
    with_two({ silent, silent }, { timeout = 0.4 }, function(transport)
      local driver = transport.driver
      local began = driver.now()
      local result, _, failure = transport:send(setting.mail())
      local seconds = driver.now() - began
      assert.is_nil(result)
      assert.same({ "timeout", "temporary", "greeting" }, { failure.kind, failure.class, failure.phase })
      assert.is_true(seconds >= 0.4, tostring(seconds))
      in_time(seconds, 0.5)
    end)
    with_two({ { greeting = { close = true } }, silent }, {}, function(transport, _, second)
      local driver, canceller = transport.driver, posthorn.canceller()
      local task = driver.spawn(function()
        local result, _, failure = transport:send(setting.mail(), { cancel = canceller })
        return result, failure, driver.now()
      end)
      local limit = driver.now() + 5
      while second.connections == 0 and driver.now() < limit do driver.sleep(0.005) end
      local began = driver.now()
      canceller:cancel()
      local result, failure, ended = task:wait()
      assert.is_nil(result)
      assert.same({ "cancelled", "temporary", second.port }, { failure.kind, failure.class, failure.port })
      in_time(ended - began, 0.1)
    end)
  end))

  it("go on where the first takes the connection and says nothing (B3)", function()
    with_two({ { greeting = { silence = true } } }, { timeout = 0.8 }, function(transport, _, second)
      local began = transport.driver.now()
      assert.equal(second.port, assert(transport:send(setting.mail())).port)
      local seconds = transport.driver.now() - began
      assert.is_true(seconds >= 0.4 and seconds < 0.7, tostring(seconds))
    end)
  end)

  it("share the time of a send among their addresses", function()
    posthorn.run(function()
      local deaf, stop = setting.deaf "127.0.0.2"
      local peer = peers.start {}
      local transport = posthorn.transport { timeout = 0.8, tls = "none", servers = {
        { host = "127.0.0.2", port = deaf }, { host = "127.0.0.1", port = peer.port } } }
      local began = transport.driver.now()
      local result = assert(transport:send(setting.mail()))
      local seconds = transport.driver.now() - began
      assert.equal(peer.port, result.port)
      assert.is_true(seconds >= 0.4 and seconds < 0.7, tostring(seconds))
      transport:close()
      peer:stop()
      stop()
    end)
  end)

  it("serve sessions, and name their servers without a credential", function()
    with_two({ { greeting = "421 4.3.2 later" } }, {}, function(_, first, second)
      local session = assert(posthorn.session { tls = "none", servers = {
        { host = "127.0.0.1", port = first.port }, { host = "127.0.0.1", port = second.port } } })
      assert.equal(("posthorn.session (127.0.0.1:%d)"):format(second.port), tostring(session))
      session:quit()
      local named = posthorn.transport { servers = { "smtp://u:secret@a:25", "smtps://b" },
        user = "v", password = "w" }
      assert.equal("posthorn.transport (smtp://a:25, smtps://b:465)", tostring(named))
      assert.equal("posthorn.transport (capture:)", tostring(posthorn.transport "capture:"))
    end)
  end)
end)
