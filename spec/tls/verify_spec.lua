-- verify_spec.lua - csrc/tls/verify.c: which certificates a client takes for which name.
local tls = require "posthorn.tls"
local pair = require "spec.tls.pair"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

-- The client's end of a handshake with that certificate.
local function meet(certificate, options)
  local client, server = pair.client(options), pair.server(certificate)
  local mine, theirs = pair.shake(client, server)
  return mine[1], mine[2], theirs
end

local function refused(certificate, options, reason)
  local event, failure, theirs = meet(certificate, options)
  assert.equal("failed", event)
  assert.equal("tls", failure.kind)
  assert.equal("tls", failure.phase)
  assert.equal("temporary", failure.class)
  assert.is_nil(failure.enhanced)
  assert.equal(reason, failure.text)
  assert.equal("the server's certificate was refused: " .. reason, failure.message)
  assert.equal("failed", theirs[1])
  return theirs[2]
end

local function taken(certificate, options)
  local event, facts = meet(certificate, options)
  assert.equal("secured", event)
  return facts
end

describe("ph_verify", function()
  local day = 24 * 3600

  it("takes a good certificate and says what proved it", function()
    local facts = taken()
    assert.equal("pkix", facts.verified)
    assert.is_nil(facts.reason)
    assert.match("^TLSv1%.[23]$", facts.version)
    assert.match("^[%w_%-]+$", facts.cipher)
  end)

  it("refuses an expired certificate (C7)", function()
    refused(pair.certificate { days = -1 }, nil, "certificate has expired")
  end)

  it("refuses a certificate that is not valid yet (C7)", function()
    refused(pair.certificate { now = os.time() + 2 * day }, nil, "certificate is not yet valid")
  end)

  it("refuses another's certificate (C7)", function()
    refused(pair.certificate { names = { "www.example.test" } }, nil, "hostname mismatch")
    refused(nil, { server_name = "example.test" }, "hostname mismatch")
    refused(nil, { server_name = "a." .. pair.name }, "hostname mismatch")
  end)

  it("refuses a self-signed certificate, unless it is itself believed (C7)", function()
    local own = pair.certificate { ca = pair.absent }
    refused(own, nil, "self-signed certificate")
    taken(own, { ca = own.certificate })
  end)

  it("refuses an unknown authority (C7)", function()
    local other = pair.certificate { names = { "other authority" }, is_ca = true, ca = pair.absent }
    local leaf = pair.certificate { ca = other }
    refused(leaf, nil, "unable to get local issuer certificate")
    leaf.certificate = leaf.certificate .. other.certificate
    refused(leaf, nil, "self-signed certificate in certificate chain")
  end)

  it("refuses what was signed by one that is no authority", function()
    local leaf = pair.certificate { ca = pair.own }
    leaf.certificate = leaf.certificate .. pair.own.certificate
    local event, failure = meet(leaf)
    assert.equal("failed", event)
    assert.match("CA", failure.text)
  end)

  it("refuses a certificate made for clients", function()
    local event, failure = meet(pair.certificate { is_client = true })
    assert.equal("failed", event)
    assert.match("purpose", failure.text)
  end)

  it("looks for the name in the SAN alone, never in the CN (C10)", function()
    refused(pair.certificate { cn_only = true }, nil, "hostname mismatch")
  end)

  it("takes a wildcard for one whole label, below a domain of two (C10)", function()
    local wildcard = pair.certificate { names = { "*.example.test" } }
    taken(wildcard)
    refused(wildcard, { server_name = "example.test" }, "hostname mismatch")
    refused(wildcard, { server_name = "a.mail.example.test" }, "hostname mismatch")
    refused(pair.certificate { names = { "*.test" } }, { server_name = "mail.test" },
      "hostname mismatch")
    refused(pair.certificate { names = { "m*.example.test" } }, nil, "hostname mismatch")
    refused(pair.certificate { names = { "mail.*.test" } }, nil, "hostname mismatch")
  end)

  it("takes an address only from the addresses of the SAN (C10)", function()
    local address = pair.certificate { names = { "192.0.2.1", "2001:db8::25" } }
    taken(address, { server_name = "192.0.2.1" })
    taken(address, { server_name = "2001:db8::25" })
    taken(address, { server_name = "[2001:DB8:0::25]" })
    refused(address, { server_name = "192.0.2.2" }, "IP address mismatch")
    refused(address, { server_name = "2001:db8::26" }, "IP address mismatch")
    refused(pair.certificate { names = { "192.0.2.1" }, cn_only = true },
      { server_name = "192.0.2.1" }, "IP address mismatch")
    refused(address, nil, "hostname mismatch")
  end)

  it("is not fooled by a NUL inside a name of the certificate", function()
    local pem = read("spec/vectors/nul_in_name.pem")
    refused({ certificate = pem, key = pem }, { ca = pem }, "hostname mismatch")
  end)

  it("takes names in any case, and with a dot at the end", function()
    taken(nil, { server_name = "MAIL.Example.test" })
    taken(nil, { server_name = "mail.example.test." })
  end)

  it("tells the server why: by an alert", function()
    local failure = refused(pair.certificate { days = -1 }, nil, "certificate has expired")
    assert.equal("tls", failure.kind)
    assert.match("alert certificate expired", failure.text)
  end)

  it("sends a name as SNI, and never an address", function()
    local client = pair.client()
    assert.truthy(client:output():find(pair.name, 1, true))
    client = pair.client { server_name = "192.0.2.1" }
    assert.falsy(client:output():find("192.0.2.1", 1, true))
  end)

  it("refuses names that stand in no certificate, before anything is sent", function()
    for _, name in ipairs {
      "a\0.test", "a\r\nb.test", "a b.test", "*.example.test", ".example.test", "a..test", ".",
      "..", "127.1", "010.0.0.1", "1.2.3.4.5", "[::1", "fe80::1%eth0", "b\195\188cher.test",
      "a/b", ("a"):rep(64) .. ".test", ("a."):rep(127) .. "test", "2130706433",
    } do
      local client, message, failure = tls.engine { context = tls.context { verify = false }, server_name = name }
      assert.is_nil(client, name)
      assert.equal("string", type(message))
      assert.equal("invalid", failure.kind)
      assert.equal("permanent", failure.class)
      assert.equal("server_name", failure.field)
    end
  end)

  it("refuses to verify without a name", function()
    for _, name in ipairs { "", false } do
      local client, _, failure = tls.engine {
        context = tls.context { ca = pair.authority.certificate }, server_name = name or nil,
      }
      assert.is_nil(client)
      assert.equal("invalid", failure.kind)
      assert.equal("server_name", failure.field)
    end
  end)

  it("says that nothing was proved, and why not, when told not to verify (C8)", function()
    local none = { verify = false }
    local function unproved(certificate, reason, options)
      local facts = taken(certificate, options or none)
      assert.equal("none", facts.verified)
      assert.equal(reason, facts.reason)
    end
    unproved(nil, nil)
    unproved(pair.certificate { days = -1 }, "certificate has expired")
    unproved(pair.certificate { names = { "other.test" } }, "hostname mismatch")
    unproved(pair.certificate { ca = pair.absent }, "self-signed certificate")
    unproved(nil, "unable to get local issuer certificate", { verify = false, ca = pair.absent })
    unproved(nil, nil, { verify = false, server_name = pair.absent })
  end)
end)
