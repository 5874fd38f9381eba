-- secure_spec.lua - lua/posthorn/secure.lua: engines for options, contexts kept.
local secure = require "posthorn.secure"
local pair = require "spec.tls.pair"

describe("posthorn.secure", function()
  local path

  setup(function()
    path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(pair.authority.certificate)
    file:close()
  end)

  teardown(function()
    os.remove(path)
  end)

  it("verifies the reference name by default", function()
    local client = assert(secure.engine({ ca_file = path, host = "ignored" }, pair.name))
    local mine = pair.shake(client, pair.server())
    assert.equal("secured", mine[1])
    assert.equal("pkix", mine[2].verified)
    client = assert(secure.engine({ ca_file = path }, "other.test"))
    mine = pair.shake(client, pair.server())
    assert.equal("failed", mine[1])
    assert.equal("hostname mismatch", mine[2].text)
  end)

  it("puts server_name before the reference name", function()
    local options = { ca_file = path, server_name = pair.name }
    local client = assert(secure.engine(options, "127.0.0.1"))
    local mine = pair.shake(client, pair.server())
    assert.equal("secured", mine[1])
  end)

  it("verifies a name with U-labels by its A-labels (RFC 6125, 6.4.2)", function()
    local certificate = pair.certificate { names = { "xn--bcher-kva.test" } }
    for _, given in ipairs { { nil, "Bücher.test" }, { "bücher.test", "127.0.0.1" } } do
      local client = assert(secure.engine({ ca_file = path, server_name = given[1] }, given[2]))
      local mine = pair.shake(client, pair.server(certificate))
      assert.equal("secured", mine[1])
      assert.equal("pkix", mine[2].verified)
    end
    local client = assert(secure.engine({ ca_file = path }, "büche.test"))
    assert.equal("failed", pair.shake(client, pair.server(certificate))[1])
    local none, _, failure = secure.engine({ server_name = "a\205\184.test" }, "127.0.0.1")
    assert.is_nil(none)
    assert.same({ "invalid", "server_name" }, { failure.kind, failure.field })
  end)

  it("takes the deadline of the handshake from the timeouts", function()
    local client = assert(secure.engine({ ca_file = path, timeouts = { tls = 7 } }, pair.name))
    assert.equal(7, (client:deadline()))
    client = assert(secure.engine({ ca_file = path }, pair.name))
    assert.equal(60, (client:deadline()))
  end)

  it("keeps one context for one set of options, and another for another (security.md, 23)",
    function()
      local one = assert(secure.context { ca_file = path })
      assert.equal(one, secure.context { ca_file = path, verify = true, host = "x" })
      assert.not_equal(one, secure.context { ca_file = path, verify = false })
      assert.not_equal(one, secure.context { verify = false })
    end)

  it("keeps a bounded number of contexts, those used last", function()
    local one = assert(secure.context { ca_file = path })
    for i = 1, 40 do
      assert(secure.context { ca_file = ("/"):rep(i) .. path, verify = false })
      if i == 10 then assert.equal(one, secure.context { ca_file = path }) end
    end
    assert.not_equal(one, secure.context { ca_file = path })
  end)

  it("gives a trust store that cannot be read as a failure, each time", function()
    for _ = 1, 2 do
      local engine, message, failure = secure.engine({ ca_file = "/nonexistent" }, pair.name)
      assert.is_nil(engine)
      assert.equal(message, failure.message)
      assert.equal("io", failure.kind)
      assert.equal("permanent", failure.class)
      assert.equal("ca_file", failure.field)
    end
  end)

  it("needs a name to verify", function()
    local engine, _, failure = secure.engine { ca_file = path }
    assert.is_nil(engine)
    assert.equal("server_name", failure.field)
    assert(secure.engine { verify = false })
  end)

  it("raises for misuse of the public form", function()
    assert.error_matches(function() secure.engine { host = "x" } end, "unknown option 'host'")
    assert.error_matches(function() secure.engine { verify = 1 } end, "'verify'")
    assert.error_matches(function() secure.engine { server_name = 1, verify = false } end,
      "'server_name'")
    assert.error_matches(function() secure.engine "x" end, "table")
  end)
end)
