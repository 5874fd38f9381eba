-- certificate_spec.lua - csrc/tls/certificate.c: certificates with their keys.
local tls = require "posthorn.tls"

describe("posthorn.tls.certificate", function()
  local now = os.time()

  it("makes a certificate and a key that a server can use", function()
    local made = assert(tls.certificate { names = { "a.test", "::1" }, now = now, days = 1 })
    assert.match("^%-%-%-%-%-BEGIN CERTIFICATE%-%-%-%-%-\n", made.certificate)
    assert.match("^%-%-%-%-%-BEGIN PRIVATE KEY%-%-%-%-%-\n", made.key)
    assert(tls.context { side = "server", certificate = made.certificate, key = made.key })
  end)

  it("never makes the same twice", function()
    local one = assert(tls.certificate { names = { "a.test" }, now = now })
    local other = assert(tls.certificate { names = { "a.test" }, now = now })
    assert.not_equal(one.certificate, other.certificate)
    assert.not_equal(one.key, other.key)
  end)

  it("refuses names that cannot stand in a certificate, and tells which", function()
    for _, name in ipairs { "", "a\0b", "a\r\nb", "b\195\188cher.test", ("x"):rep(254) } do
      local made, message, failure = tls.certificate { names = { "a.test", name }, now = now }
      assert.is_nil(made)
      assert.equal("string", type(message))
      assert.equal("invalid", failure.kind)
      assert.equal("names[2]", failure.field)
    end
    local _, _, failure = tls.certificate { names = {}, now = now }
    assert.equal("names", failure.field)
  end)

  it("refuses times that a certificate cannot tell", function()
    local _, _, failure = tls.certificate { names = { "a.test" }, now = 253402300799, days = 1 }
    assert.equal("now", failure.field)
  end)

  it("refuses a signer that is none", function()
    local one = assert(tls.certificate { names = { "a.test" }, now = now })
    local other = assert(tls.certificate { names = { "b.test" }, now = now })
    for _, ca in ipairs {
      { certificate = "", key = "" },
      { certificate = "x", key = "y" },
      { certificate = one.certificate, key = other.key },
    } do
      local made, _, failure = tls.certificate { names = { "c.test" }, now = now, ca = ca }
      assert.is_nil(made)
      assert.equal("ca", failure.field)
    end
  end)

  it("raises for misuse with the option's name", function()
    assert.error_matches(function() tls.certificate { names = "a.test", now = now } end, "names")
    assert.error_matches(function() tls.certificate { names = { 1 }, now = now } end, "names")
    assert.error_matches(function() tls.certificate { names = { "a.test" } } end, "now")
    assert.error_matches(function() tls.certificate { name = "a.test" } end, "unknown.*'name'")
    assert.error_matches(function()
      tls.certificate { names = { "a.test" }, now = now, ca = {} }
    end, "ca")
  end)
end)
