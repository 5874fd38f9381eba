-- secure_spec.lua - lua/posthorn/secure.lua: engines for options, sessions resumed.
local secure = require "posthorn.secure"
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"
local posthorn = require "posthorn"
local test = require "posthorn.test"
local tls = require "posthorn.tls"

local peer = { host = pair.name, ip = "192.0.2.1", port = 587 }

describe("posthorn.secure", function()
  local path

  setup(function()
    path = files.new(pair.authority.certificate)
  end)

  teardown(function()
    os.remove(path)
  end)

  -- Options as posthorn.options completes them.
  local function options(fields)
    local all = { verify = true, ca_file = path, tls = "starttls", timeouts = {} }
    for name, value in pairs(fields or {}) do all[name] = value end
    return all
  end

  local function client(fields, place)
    return secure.client(options(fields), place or peer, { driver = posthorn.driver() })
  end

  describe("for a transport", function()
    it("verifies the host's name", function()
      local mine = pair.shake(assert(client()), pair.server())
      assert.equal("secured", mine[1])
      assert.equal("pkix", mine[2].verified)
      mine = pair.shake(assert(client({}, { host = "other.test", port = 587 })), pair.server())
      assert.equal("failed", mine[1])
      assert.equal("hostname mismatch", mine[2].text)
    end)

    it("puts server_name before it", function()
      local mine = pair.shake(assert(client({ server_name = pair.name }, { host = "127.0.0.1", port = 1 })), pair.server())
      assert.equal("secured", mine[1])
    end)

    it("takes the deadline of the handshake from the timeouts", function()
      assert.equal(7, (assert(client { timeouts = { tls = 7 } }):deadline()))
      assert.equal(60, (assert(client()):deadline()))
    end)

    it("gives what cannot be read as a failure, each time", function()
      for _ = 1, 2 do
        local engine, message, failure = client { ca_file = "/nonexistent" }
        assert.is_nil(engine)
        assert.equal(message, failure.message)
        assert.equal("io", failure.kind)
        assert.equal("permanent", failure.class)
        assert.equal("ca_file", failure.field)
      end
    end)

    it("asks a function for the passphrase, whose error tells nothing", function()
      local own = pair.certificate { names = { "ada.example.test" }, is_client = true }
      local fields = { client_certificate = own.certificate, client_key = files.encrypted(own.key, "s3cret") }
      posthorn.run(function()
        local calls = require "posthorn.call"
        local function attempt(fn)
          fields.client_key_password = fn
          return secure.client(options(fields), peer, calls.new(posthorn.driver()))
        end
        local function give() return "s3cret" end
        assert(attempt(give))
        for _, fn in ipairs { function() error "s3cret" end, function() return nil end } do
          local engine, message, failure = attempt(fn)
          assert.is_nil(engine)
          assert.equal("tls", failure.kind)
          assert.equal("tls", failure.phase)
          assert.equal("temporary", failure.class)
          assert.is_nil(message:find("s3cret", 1, true))
        end
        assert(attempt(function()
          posthorn.sleep(0.01)
          return "s3cret"
        end))
      end)
    end)

    it("has no TLS of the host's, where none is", function()
      local engine, _, failure = client { tls_engine = "host" }
      assert.is_nil(engine)
      assert.equal("unsupported", failure.kind)
      assert.equal("permanent", failure.class)
      assert.equal("tls", failure.phase)
    end)
  end)

  describe("resumes", function()
    local server = assert(tls.context {
      side = "server", certificate = pair.own.certificate, key = pair.own.key, resumption = true,
    })
    local own = pair.certificate { names = { "ada.example.test" }, is_client = true }

    -- Whether a connection with these options is resumed.
    local function is_resumed(fields, place)
      local mine_engine = assert(client(fields, place))
      local their_engine = assert(tls.engine { context = server })
      local mine = pair.shake(mine_engine, their_engine)
      assert.equal("secured", mine[1])
      mine_engine:attach(test.echo():machine())
      pair.run(mine_engine, their_engine)
      mine_engine:close()
      return mine[2].resumed
    end

    it("what the last connection there left", function()
      assert.is_false(is_resumed())
      for _ = 1, 3 do assert.is_true(is_resumed()) end
    end)

    it("not when told so", function()
      is_resumed()
      assert.is_false(is_resumed { tls_resumption = false })
      assert.is_true(is_resumed { tls_resumption = true })
    end)

    -- C37: whatever differs, no session crosses. The name itself must stay the certificate's.
    for what, other in pairs {
      ["the host"] = { { server_name = pair.name }, { host = "other.test", ip = peer.ip, port = 587 } },
      ["the address"] = { {}, { host = pair.name, ip = "192.0.2.2", port = 587 } },
      ["the port"] = { {}, { host = pair.name, ip = peer.ip, port = 465 } },
      ["the mode"] = { { tls = "implicit" } },
      ["verify"] = { { verify = false } },
      ["pin"] = { { pin = ("x"):rep(32) .. require("posthorn.core").base64.decode(
        pair.shake(pair.client(), pair.server())[2].pin) } },
      ["min_tls"] = { { min_tls = "1.3" } },
      ["the client's certificate"] = { { client_certificate = own.certificate, client_key = own.key } },
    } do
      it("nothing of another policy: " .. what .. " (C37)", function()
        is_resumed()
        assert.is_false(is_resumed(other[1], other[2]))
        is_resumed(other[1], other[2])
        assert.is_true(is_resumed(other[1], other[2]))
        assert.is_true(is_resumed())
      end)
    end

    it("nothing of another trust store, or another server name (C37)", function()
      is_resumed()
      files.with({ pair.authority.certificate }, function(copy)
        assert.is_false(is_resumed { ca_file = copy })
      end)
      assert.is_false(is_resumed { verify = false, server_name = "other.test" })
    end)
  end)

  describe("as posthorn.tls.engine", function()
    it("verifies by default, and needs a name to do so", function()
      local mine = pair.shake(assert(secure.engine { ca_file = path, server_name = pair.name }), pair.server())
      assert.equal("secured", mine[1])
      local engine, _, failure = secure.engine { ca_file = path }
      assert.is_nil(engine)
      assert.equal("server_name", failure.field)
      assert(secure.engine { verify = false })
    end)

    it("takes pins and a certificate", function()
      local own = pair.certificate { names = { "ada.example.test" }, is_client = true }
      local pin = pair.shake(pair.client(), pair.server())[2].pin
      local mine = pair.shake(assert(secure.engine {
        verify = false, pin = pin, client_certificate = own.certificate .. own.key,
      }), pair.server())
      assert.equal("pin", mine[2].verified)
      mine = pair.shake(assert(secure.engine {
        verify = false, pin = { ("0"):rep(64) }, client_certificate = own.certificate,
        client_key = files.encrypted(own.key, "s3cret"), client_key_password = function() return "s3cret" end,
      }), pair.server())
      assert.equal("failed", mine[1])
    end)

    it("raises for misuse", function()
      assert.error_matches(function() secure.engine { host = "x" } end, "unknown option 'host'")
      assert.error_matches(function() secure.engine { verify = 1 } end, "'verify'")
      assert.error_matches(function() secure.engine { server_name = 1, verify = false } end, "'server_name'")
      assert.error_matches(function() secure.engine { client_key = "x" } end, "wants 'client_certificate'")
      assert.error_matches(function() secure.engine { verify = false, timeout = 0 } end, "'timeout'")
      assert.error_matches(function() secure.engine "x" end, "table")
    end)
  end)
end)
