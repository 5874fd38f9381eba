-- tls_spec.lua - fault catalogue C1, C3, C4, C7: what ends before a credential is shown.
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

local login = { tls = "starttls", user = "user", password = "s3cret", timeout = 5 }

local client_hello = "\22\3\1"

local function failure_of(script, options)
  local failure, lines, octets
  setting.with(script, options or login, function(peer, transport)
    local result, _
    result, _, failure = transport:send(setting.mail())
    assert.is_nil(result)
    lines, octets = table.concat(peer.lines, "\n"), table.concat(peer.octets)
  end)
  assert.is_nil(lines:find("MAIL", 1, true))
  assert.is_nil(lines:find("AUTH", 1, true))
  return failure, octets
end

describe("faults C: TLS", function()
  it("C1: STARTTLS not offered though required: no MAIL, no AUTH", function()
    local failure = failure_of { ehlo = { "PIPELINING", "AUTH PLAIN LOGIN" } }
    assert.equal("tls", failure.kind)
    assert.equal("4.7.4", failure.enhanced)
    assert.equal("temporary", failure.class)
    assert.equal("starttls", failure.phase)
  end)

  it("C2: STARTTLS answered with 454 though required", function()
    local failure = failure_of { ehlo = { "STARTTLS", "AUTH PLAIN" } }
    assert.equal("temporary", failure.class)
    assert.equal("starttls", failure.phase)
  end)

  it("C3: octets behind the 220 end the session before a ClientHello", function()
    for _, injected in ipairs { "250-evil\r\n", "250 evil\r\n", "2", "\22\3\1" } do
      local failure, octets = failure_of {
        ehlo = { "STARTTLS", "AUTH PLAIN" }, starttls = { raw = "220 go\r\n" .. injected, silence = true },
      }
      assert.equal("tls", failure.kind)
      assert.equal("starttls", failure.phase)
      assert.equal("temporary", failure.class)
      assert.is_nil(failure.message:find("evil", 1, true))
      assert.is_nil(octets:find(client_hello, 1, true))
    end
  end)

  it("C4: the same 50 ms later is a broken handshake", function()
    local failure = failure_of({
      ehlo = { "STARTTLS", "AUTH PLAIN" }, starttls = { raw = "220 go\r\n", drip = "250-evil\r\n", every = 0.05 },
    })
    assert.equal("tls", failure.kind)
    assert.equal("tls", failure.phase)
    assert.equal("temporary", failure.class)
    assert.is_nil(failure.message:find("evil", 1, true))
  end)

  it("C5: the server closes in the handshake", function()
    local failure = failure_of { ehlo = { "STARTTLS", "AUTH PLAIN" }, starttls = { raw = "220 go\r\n", close = true } }
    assert.equal("tls", failure.kind)
    assert.equal("temporary", failure.class)
  end)

  it("C6: a handshake that never ends", function()
    local options = {}
    for name, value in pairs(login) do options[name] = value end
    options.timeouts = { tls = 0.3 }
    local failure = failure_of({ ehlo = { "STARTTLS" }, starttls = { raw = "220 go\r\n", silence = true } }, options)
    assert.equal("timeout", failure.kind)
    assert.equal("temporary", failure.class)
  end)

  describe("C7", function()
    local tls = require "posthorn.tls"

    -- A sink whose certificate is as bad as asked for, and what became of a login at it: the last
    -- value is what the client said, in the trace's words.
    local function at_sink(certificate, trusted)
      return posthorn.run(function()
        local sink = assert(sinks.new({ tls = certificate, users = { user = "s3cret" } }):start())
        local path = os.tmpname()
        local handle = assert(io.open(path, "wb"))
        handle:write(trusted or certificate.certificate)
        handle:close()
        local said = {}
        local transport = posthorn.transport {
          trace = function(event)
            if event.direction == "sent" then said[#said + 1] = event.text end
          end,
          host = "localhost", port = sink.port, tls = "starttls", ca_file = path,
          user = "user", password = "s3cret", timeout = 5,
        }
        local result, message, failure = transport:send(setting.mail())
        transport:close()
        sink:stop()
        os.remove(path)
        return result, message, failure, table.concat(said, "\n")
      end)
    end

    -- Temporary, with OpenSSL's reason, and nothing said behind STARTTLS.
    local function refused(reason, result, message, failure, said)
      assert.is_nil(result)
      assert.equal("tls", failure.kind)
      assert.equal("tls", failure.phase)
      assert.equal("temporary", failure.class)
      assert.matches("^4%.7%.%d", failure.enhanced)
      assert.is_truthy(message:lower():find(reason, 1, true), message)
      assert.matches("STARTTLS$", said)
      assert.is_nil(said:find("AUTH", 1, true))
      assert.is_nil(said:find("MAIL", 1, true))
    end

    local now = os.time()

    it("accepts a good one", function()
      local result, message = at_sink(assert(tls.certificate { names = { "localhost" }, now = now, days = 10 }))
      assert(result, message)
      assert.equal("pkix", result.tls.verified)
    end)

    for what, bad in pairs {
      ["expired"] = { make = { names = { "localhost" }, now = now - 864000, days = 5 }, says = "expired" },
      ["not yet valid"] = { make = { names = { "localhost" }, now = now + 864000, days = 5 }, says = "not yet" },
      ["of another name"] = { make = { names = { "other.invalid" }, now = now, days = 5 }, says = "hostname mismatch" },
    } do
      it("refuses one that is " .. what, function()
        refused(bad.says, at_sink(assert(tls.certificate(bad.make))))
      end)
    end

    it("refuses one that signed itself, and one of an unknown authority", function()
      local function authority()
        return assert(tls.certificate { names = { "some authority" }, now = now, days = 5, is_ca = true })
      end
      local mine, other = authority(), authority()
      local own = assert(tls.certificate { names = { "localhost" }, now = now, days = 5 })
      refused("self", at_sink(own, other.certificate))
      local signed = assert(tls.certificate { names = { "localhost" }, now = now, days = 5, ca = mine })
      refused("issuer", at_sink(signed, own.certificate))
      assert(at_sink(signed, mine.certificate))
    end)
  end)
end)
