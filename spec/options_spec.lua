-- options_spec.lua - lua/posthorn/options.lua.
local options = require "posthorn.options"

local function problem_of(...)
  local ok, problem = pcall(options.transport, ...)
  assert.is_false(ok)
  return problem
end

describe("posthorn.options", function()
  it("requires and verifies STARTTLS on 587 by default", function()
    local o = options.transport "smtp://mail.example.org"
    assert.equal("starttls", o.tls)
    assert.equal(587, o.port)
    assert.is_true(o.verify)
  end)

  it("takes implicit TLS from smtps: and from port 465", function()
    assert.equal("implicit", options.transport("smtps://mail.example.org").tls)
    assert.equal(465, options.transport("smtps://mail.example.org").port)
    assert.equal("implicit", options.transport({ host = "mail.example.org", port = 465 }).tls)
  end)

  it("is opportunistic only where the host as written is loopback", function()
    for _, host in ipairs { "localhost", "127.0.0.1", "127.9.9.9", "[::1]" } do
      local o = options.transport("smtp://" .. host .. ":2525")
      assert.equal("opportunistic", o.tls)
      assert.is_false(o.verify)
    end
    for _, host in ipairs { "localhost.example.org", "127.0.0.1.example.org", "128.0.0.1" } do
      assert.equal("starttls", options.transport("smtp://" .. host).tls)
    end
    assert.is_true(options.transport("smtp://localhost", { ca_file = "ca.pem" }).verify)
    assert.is_true(options.transport("smtp://localhost?verify=true").verify)
  end)

  it("shows a place as a URL does, without whoever logs in", function()
    local transports = require "posthorn.transport"
    for url, shown in pairs {
      ["smtp://u:s3cret@[2001:db8::25]"] = "smtp://[2001:db8::25]:587", ["smtps://h.example"] = "smtps://h.example:465",
    } do
      assert.equal("posthorn.transport (" .. shown .. ")", tostring(transports.new(url)))
    end
    assert.equal("::1", options.transport({ host = "[::1]" }).host)
    for _, host in ipairs { "[zz]", "[127.0.0.1]", "[]" } do
      assert.matches("^option 'host' has brackets", problem_of { host = host })
    end
  end)

  it("takes scalars in the URL and options beside it", function()
    local o = options.transport("smtp://u:p@h?timeout=2.5&hello_name=me.example", { ca_file = "x" })
    assert.equal(2.5, o.timeout)
    assert.equal("me.example", o.hello_name)
    assert.equal("x", o.ca_file)
    assert.equal("u", o.user)
  end)

  it("copies: a later change of the caller's table changes nothing", function()
    local given = { host = "h", timeouts = { greeting = 3 } }
    local o = options.transport(given)
    given.host, given.timeouts.greeting = "other", 9
    assert.equal("h", o.host)
    assert.equal(3, o.timeouts.greeting)
  end)

  it("raises with the option's name and what was expected", function()
    assert.equal("unknown option 'hots'", problem_of { hots = "h" })
    assert.equal("unknown option 'dane'", problem_of { host = "h", dane = "prefer" })
    assert.equal("option 'port' must be a whole number from 1 to 65535", problem_of { host = "h", port = "25" })
    assert.matches("option 'tls' must be one of implicit", problem_of { host = "h", tls = "yes" })
    assert.matches("option 'timeouts.greeting' must be", problem_of { host = "h", timeouts = { greeting = 0 } })
    assert.matches("unknown option 'timeouts.greet'", problem_of { host = "h", timeouts = { greet = 1 } })
    assert.matches("option 'timeout' must be", problem_of { host = "h", timeout = 0 / 0 })
    assert.matches("option 'verify' must be a boolean", problem_of { host = "h", verify = "no" })
    assert.matches("option 'user' is given twice", problem_of("smtp://u:p@h", { user = "v" }))
    assert.matches("option 'user' is missing", problem_of { host = "h", password = "p" })
    assert.matches("option 'password' is missing", problem_of { host = "h", user = "p" })
    assert.matches("option 'host' or 'url' is missing", problem_of {})
    assert.matches("unknown scheme", problem_of "http://h")
    assert.equal("unknown option 'respond'", problem_of("smtp://h", { respond = print }))
    assert.equal("unknown option 'host'", problem_of("capture:", { host = "h" }))
    assert.matches("option 'trace' must be a handle", problem_of { host = "h", trace = 7 })
  end)

  it("takes false in a URL", function()
    assert.is_false(options.transport("smtp://h?verify=false").verify)
    assert.is_false(options.transport("smtp://h?pool=false").pool)
  end)

  it("raises at once for what only the session and the look-up know", function()
    assert.matches("^option 'auth' must be an array of", problem_of { host = "h", auth = { "x" } })
    assert.matches("^option 'auth' must name", problem_of { host = "h", auth = {} })
    assert.matches("^option 'extensions' has no 'x'", problem_of { host = "h", extensions = { x = "off" } })
    for option, value in pairs {
      servers = { "ns.example" }, hosts = { h = "999.1.1.1" },
    } do
      assert.matches("^option '" .. option .. "' must be", problem_of { host = "h", resolver = { [option] = value } })
    end
    assert.matches("^option 'hosts'", problem_of { host = "h", resolver = { hosts = { h = {} } } })
    assert.matches("^option 'servers'", problem_of { host = "h", resolver = { servers = {} } })
  end)

  it("takes LMTP to a host, on port 24, and never on 25 (RFC 2033, 5)", function()
    local o = options.transport "lmtp://mail.example.org"
    assert.same({ "lmtp", 24, "starttls", true }, { o.scheme, o.port, o.tls, o.verify })
    assert.equal("opportunistic", options.transport("lmtp://127.0.0.1:2400").tls)
    assert.equal("starttls", options.transport("lmtp://mail.example.org:465").tls)
    local text = "option 'port' must not be 25 for LMTP (RFC 2033, 5)"
    assert.equal(text, problem_of "lmtp://mail.example.org:25")
    assert.equal(text, problem_of("lmtp://mail.example.org", { port = 25 }))
    assert.matches("^option 'servers%[1%].port' must not be 25", problem_of { servers = { "lmtp://h:25" } })
  end)

  it("takes LMTP to the path of a Unix socket, in clear by default", function()
    local o = options.transport "lmtp:///run/mail%20box/lmtp.sock?timeout=3"
    assert.same({ "/run/mail box/lmtp.sock", "none", 3 }, { o.path, o.tls, o.timeout })
    assert.equal(o.path, o.host)
    assert.is_nil(o.port)
    assert.equal("starttls", options.transport("lmtp:///s", { tls = "starttls", server_name = "h" }).tls)
    assert.equal("option 'server_name' is missing", problem_of("lmtp:///s", { tls = "starttls" }))
    for _, url in ipairs { "lmtp:", "lmtp://", "lmtp:///", "lmtp:///run/", "lmtp:run/s", "lmtp://h/run/s",
      "smtp:///run/s", "smtp://h/run/s", "lmtp:///" .. ("x"):rep(107), "lmtp:///a%00b" } do
      assert.matches("^option 'url' is malformed", problem_of(url))
    end
    assert.is_truthy(options.transport("lmtp:///" .. ("x"):rep(106)))
    for name, value in pairs { host = "h", port = 24, local_address = "127.0.0.1" } do
      assert.matches("'" .. name .. "'", problem_of("lmtp:///s", { [name] = value }))
    end
    o = options.transport { servers = { "lmtp:///s", "lmtp://h" }, port = 2400, local_address = "::1" }
    assert.is_nil(o.servers[1].port)
    assert.is_nil(o.servers[1].local_address)
    assert.same({ 2400, "::1" }, { o.servers[2].port, o.servers[2].local_address })
  end)

  it("takes names of this host, as greetings bear them", function()
    assert.same({ "mx.example", "192.0.2.1", "2001:db8::1" }, options.transport { host = "h",
      self_names = { "mx.example.", "192.0.2.1", "2001:db8::1" } }.self_names)
    assert.same({ "xn--bcher-kva.example" }, options.transport { host = "h",
      self_names = { "bücher.example" } }.self_names)
    for _, name in ipairs { "", ".", "a b", "a\nb", "a\0", 7, "a\205\184.example" } do
      assert.matches("^option 'self_names%[1%]' must be", problem_of { host = "h", self_names = { name } })
    end
    assert.matches("^option 'self_names' must be an array", problem_of { host = "h", self_names = "mx" })
  end)

  it("takes an address to talk from", function()
    assert.equal("192.0.2.1", options.transport("smtp://h?local_address=192.0.2.1").local_address)
    assert.equal("2001:db8::1", options.transport { host = "h", local_address = "2001:DB8::1" }.local_address)
    for _, value in ipairs { "localhost", "", "192.0.2.1:25", "[::1]", 7 } do
      assert.matches("^option 'local_address' must be", problem_of { host = "h", local_address = value })
    end
  end)

  it("gives each of several servers its own options and the common ones", function()
    local o = options.transport {
      servers = { "smtps://a.example", { host = "b.example", port = 2525, verify = false },
        { url = "smtp://127.0.0.1", timeouts = { greeting = 5 } } },
      user = "u", password = "p", ca_file = "ca.pem", timeout = 9,
    }
    assert.equal("failover", o.balance)
    local a, b, c = o.servers[1], o.servers[2], o.servers[3]
    assert.same({ "a.example", 465, "implicit", true }, { a.host, a.port, a.tls, a.verify })
    assert.same({ "b.example", 2525, "starttls", false }, { b.host, b.port, b.tls, b.verify })
    assert.same({ "127.0.0.1", 587, "opportunistic", true }, { c.host, c.port, c.tls, c.verify })
    for _, server in ipairs(o.servers) do
      assert.same({ "u", "p", "ca.pem", 9 },
        { server.user, server.password, server.ca_file, server.timeout })
      assert.is_nil(server.servers)
    end
    assert.equal(5, c.timeouts.greeting)
  end)

  it("never pairs one server's user with the password of all", function()
    local o = options.transport { servers = { "smtp://a:b@h", "smtp://h" }, user = "u",
      password = "p" }
    assert.same({ "a", "b" }, { o.servers[1].user, o.servers[1].password })
    assert.equal("option 'servers[1].password' is missing",
      problem_of { servers = { "smtp://a@h" }, user = "u", password = "p" })
  end)

  it("lets the scheme of a server's URL decide over a common tls", function()
    local o = options.transport { servers = { "smtps://a", "smtp://b" }, tls = "none" }
    assert.equal("implicit", o.servers[1].tls)
    assert.equal("none", o.servers[2].tls)
  end)

  it("raises with the place of the server", function()
    local function of(...)
      return problem_of { servers = { "smtp://h", ... } }
    end
    assert.equal("option 'servers[2].port' must be a whole number from 1 to 65535",
      of { host = "h", port = 0 })
    assert.equal("unknown option 'servers[2].hots'", of { hots = "h" })
    assert.matches("^option 'servers%[2%].host' or 'url' is missing", of {})
    assert.matches("^option 'servers%[2%].url' is malformed", of "nonsense")
    assert.matches("^option 'servers%[2%].url' has an unknown scheme; known are smtp", of "capture:")
    assert.matches("^option 'servers%[2%].url' must be a URL or a table, not a boolean", of(true))
    assert.matches("^option 'servers%[2%].auth", of { host = "h", auth = { "x" } })
    for _, name in ipairs { "timeout", "concurrency", "pool", "driver", "resolver", "trace",
      "servers", "balance" } do
      assert.equal(("unknown option 'servers[2].%s'"):format(name), of { host = "h", [name] = 1 })
    end
    assert.is_nil(of("smtp://u:secret@h:port"):find("secret", 1, true))
    assert.equal("option 'servers' must name a server", problem_of { servers = {} })
    assert.matches("^option 'servers' must be an array", problem_of { servers = "smtp://h" })
    assert.equal("unknown option 'servers.host'", problem_of { servers = { "smtp://h", host = "h" } })
    assert.matches("^option 'servers' stands instead", problem_of("smtp://h", { servers = { "smtp://h" } }))
    assert.equal("option 'balance' wants 'servers'", problem_of { host = "h", balance = "failover" })
    assert.matches("^option 'balance' must be one of failover, round_robin",
      problem_of { servers = { "smtp://h" }, balance = "random" })
    assert.matches("^option 'auth'", problem_of { servers = { "smtp://h" }, auth = { "x" } })
  end)

  it("checks send options alike", function()
    assert.same({}, options.send(nil))
    assert.same({ timeout = 5, require_all = true }, options.send { timeout = 5, require_all = true })
    assert.has_error(function() options.send { hold_til = 5 } end, "unknown option 'hold_til'")
    assert.has_error(function() options.send { cancel = true } end,
      "option 'cancel' must be a posthorn.canceller(), not a boolean")
    assert.has_error(function() options.send { cancel = { cancel = print } } end,
      "option 'cancel' must be a posthorn.canceller(), not a table")
  end)
end)
