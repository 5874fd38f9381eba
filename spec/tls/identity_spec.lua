-- identity_spec.lua - csrc/tls/identity.c and pem.c: a certificate of one's own with its key.
local tls = require "posthorn.tls"
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"

local mine = pair.certificate { names = { "ada.example.test" }, is_client = true }
local other = pair.certificate()

local function refused(options)
  options.verify = false
  local context, message, failure = tls.context(options)
  assert.is_nil(context)
  assert.equal(message, failure.message)
  assert.equal("permanent", failure.class)
  assert.equal("build", failure.phase)
  assert.is_nil(message:find("s3cret", 1, true))
  return failure
end

local function made(options)
  options.verify = false
  return assert(tls.context(options))
end

describe("ph_identity", function()
  it("takes texts, and files", function()
    made { certificate = mine.certificate, key = mine.key }
    files.with({ mine.certificate, mine.key }, function(certificate, key)
      made { certificate_file = certificate, key_file = key }
      made { certificate = mine.certificate, key_file = key }
    end)
  end)

  it("takes an encrypted key with its passphrase, and asks nobody for one", function()
    local key = files.encrypted(mine.key, "s3cret")
    assert.is_truthy(key:find("ENCRYPTED", 1, true))
    made { certificate = mine.certificate, key = key, key_password = "s3cret" }
    made { certificate = mine.certificate, key = mine.key, key_password = "s3cret" }
    files.with({ key }, function(path)
      made { certificate = mine.certificate, key_file = path, key_password = "s3cret" }
    end)
    local failure = refused { certificate = mine.certificate, key = key }
    assert.equal("invalid", failure.kind)
    assert.equal("client_key", failure.field)
    assert.match("no passphrase was given", failure.message)
    failure = refused { certificate = mine.certificate, key = key, key_password = "wrong" }
    assert.equal("client_key", failure.field)
    assert.match("not usable with that passphrase", failure.message)
    refused { certificate = mine.certificate, key = key, key_password = "" }
    refused { certificate = mine.certificate, key = key, key_password = ("x"):rep(5000) }
  end)

  it("takes no key of another certificate", function()
    local failure = refused { certificate = mine.certificate, key = other.key }
    assert.equal("invalid", failure.kind)
    assert.equal("client_key", failure.field)
    assert.match("not that of the certificate", failure.message)
  end)

  it("takes nothing that is no PEM", function()
    for _, text in ipairs { "", "x", mine.key, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" } do
      local failure = refused { certificate = text, key = mine.key }
      assert.equal("invalid", failure.kind)
      assert.equal("client_certificate", failure.field)
    end
    for _, text in ipairs { "", "x", mine.certificate } do
      assert.equal("client_key", refused({ certificate = mine.certificate, key = text }).field)
    end
  end)

  it("says io, with the field and the reason, of a file that cannot be read", function()
    local failure = refused { certificate_file = "/nonexistent/own.pem", key = mine.key }
    assert.equal("io", failure.kind)
    assert.equal("client_certificate", failure.field)
    assert.match("No such file", failure.message)
    failure = refused { certificate = mine.certificate, key_file = "/" }
    assert.equal("io", failure.kind)
    assert.equal("client_key", failure.field)
    assert.match("directory", failure.message)
  end)

  it("reads no more of a file than keys are long", function()
    files.with({ ("x"):rep(300 * 1024) }, function(path)
      local failure = refused { certificate = mine.certificate, key_file = path }
      assert.equal("limit", failure.kind)
      assert.equal("client_key", failure.field)
    end)
  end)

  it("raises for half of one", function()
    assert.error_matches(function() tls.context { certificate = mine.certificate } end, "go together")
    assert.error_matches(function() tls.context { key = mine.key } end, "go together")
    assert.error_matches(function() tls.context { certificate_file = "a\0b", key = mine.key } end, "NUL")
    assert.error_matches(function() tls.context { certificate = 1, key = mine.key } end, "'certificate'")
  end)
end)
