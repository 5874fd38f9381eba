-- pins_spec.lua - csrc/tls/pins.c: a server is known by its key.
local core = require "posthorn.core"
local tls = require "posthorn.tls"
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"

-- As others make it: RFC 7469, appendix A.
local function pin_of(certificate)
  local pin
  files.with({ certificate }, function(path)
    local pipe = assert(io.popen(("openssl x509 -in %s -pubkey -noout | openssl pkey -pubin -outform DER"
      .. " | openssl dgst -sha256 -binary | openssl base64"):format(path)))
    pin = pipe:read "*l"
    pipe:close()
  end)
  return pin
end

local own_pin = pin_of(pair.own.certificate)
local own, other = core.base64.decode(own_pin), ("x"):rep(32)

local function shake(options, server)
  return pair.shake(pair.client(options), server or pair.server())[1],
    pair.shake(pair.client(options), server or pair.server())[2]
end

describe("ph_pins", function()
  it("are told of every server", function()
    local _, facts = shake()
    assert.equal(44, #facts.pin)
    assert.equal(own_pin, facts.pin)
    assert.equal("pkix", facts.verified)
  end)

  it("stand beside what is verified: both must hold", function()
    local event, facts = shake { pins = own }
    assert.equal("secured", event)
    assert.equal("pin", facts.verified)
    local failure
    event, failure = shake { pins = other }
    assert.equal("failed", event)
    assert.equal("tls", failure.kind)
    assert.equal("temporary", failure.class)
    assert.match("none of those pinned", failure.message)
    event, failure = shake { pins = own, server_name = "other.test" }
    assert.equal("failed", event)
    assert.equal("hostname mismatch", failure.text)
  end)

  it("stand alone where nothing is verified", function()
    local lone = { ca = pair.absent, verify = false, server_name = pair.absent }
    lone.pins = own
    local event, facts = shake(lone)
    assert.equal("secured", event)
    assert.equal("pin", facts.verified)
    assert.is_nil(facts.reason)
    lone.pins = other
    assert.equal("failed", (shake(lone)))
  end)

  it("are several: one is enough", function()
    assert.equal("secured", (shake { pins = other .. own }))
    assert.equal("failed", (shake { pins = other .. other }))
  end)

  it("are of the server's own key, not of whoever signed it", function()
    local authority = core.base64.decode(pin_of(pair.authority.certificate))
    assert.equal("failed", (shake { pins = authority }))
  end)

  it("raises for what is no digest", function()
    assert.error_matches(function() tls.context { pins = "x" } end, "'pins'")
    assert.error_matches(function()
      tls.context { side = "server", certificate = "x", key = "y", pins = own }
    end, "server takes no")
  end)
end)
