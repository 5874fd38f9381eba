-- policy_spec.lua - lua/posthorn/policy.lua: the options of TLS.
local options_of = require "posthorn.options"
local policies = require "posthorn.policy"
local posthorn = require "posthorn"

local function given(fields)
  fields.host = "mail.example.org"
  return options_of.transport(fields)
end

local function problem_of(fields)
  local ok, problem = pcall(given, fields)
  assert.is_false(ok)
  return problem
end

local octets = ("\1\171"):rep(16)
local base64, hexadecimal = "AasBqwGrAasBqwGrAasBqwGrAasBqwGrAasBqwGrAas=", ("01ab"):rep(16)

describe("posthorn.policy", function()
  it("names each option that it checks, and no other", function()
    local names = {}
    for _, name in ipairs(policies.names) do
      assert.is_function(policies.checks[name], name)
      names[name] = true
    end
    for name in pairs(policies.checks) do assert.is_true(names[name], name) end
  end)

  it("takes a pin in base64 or hexadecimal, as others write it too, and several", function()
    for _, pin in ipairs { base64, hexadecimal, hexadecimal:upper(), "sha256//" .. base64, "sha256/" .. base64 } do
      assert.equal(octets, given({ pin = pin }).pin)
    end
    local other = ("\0"):rep(32)
    assert.equal(other .. octets, given({ pin = { hexadecimal, ("0"):rep(64) } }).pin)
    assert.equal(given({ pin = { ("0"):rep(64), base64 } }).pin, given({ pin = { base64, ("0"):rep(64) } }).pin)
    assert.equal(octets, options_of.transport("smtp://h?pin=" .. hexadecimal).pin)
  end)

  it("raises for what is no pin", function()
    for _, pin in ipairs { "", "x", base64:sub(2), hexadecimal .. "0", ("g"):rep(64), base64 .. "\n" } do
      assert.equal("option 'pin' must be the SHA-256 of a public key, in base64 or hexadecimal", problem_of { pin = pin })
    end
    assert.matches("'pin%[2%]'", problem_of { pin = { base64, "x" } })
    assert.matches("'pin%[1%]' must be a string", problem_of { pin = { 1 } })
    assert.matches("must hold a pin", problem_of { pin = {} })
    assert.matches("'pin'.*a boolean", problem_of { pin = true })
  end)

  it("takes a version, as text or as a URL gives it", function()
    assert.equal("1.3", given({ min_tls = "1.3" }).min_tls)
    assert.equal("1.2", options_of.transport("smtp://h?min_tls=1.2").min_tls)
    for _, version in ipairs { "1.1", "1.0", "TLSv1.3", 1, true } do
      assert.equal("option 'min_tls' must be one of 1.2, 1.3", problem_of { min_tls = version })
    end
  end)

  it("takes PEM or a posthorn.file for certificate and key, and these together", function()
    given { client_certificate = "PEM", client_key = posthorn.file "key.pem", client_key_password = "x" }
    given { client_certificate = posthorn.file "both.pem", client_key_password = function() return "x" end }
    assert.equal("option 'client_certificate' must be PEM or a posthorn.file, not a table",
      problem_of { client_certificate = { path = "/etc/passwd" } })
    assert.matches("'client_key_password' must be a string or a function",
      problem_of { client_certificate = "x", client_key_password = 1 })
    assert.equal("option 'client_key' wants 'client_certificate'", problem_of { client_key = "x" })
    assert.equal("option 'client_key_password' wants 'client_certificate'", problem_of { client_key_password = "x" })
  end)

  it("takes the engine's name and whether to resume", function()
    given { tls_engine = "own", tls_resumption = false }
    given { tls_engine = "host" }
    assert.equal("option 'tls_engine' must be one of own, host", problem_of { tls_engine = "gnutls" })
    assert.equal("option 'tls_resumption' must be a boolean, not a string", problem_of { tls_resumption = "no" })
    assert.is_false(options_of.transport("smtp://h?tls_resumption=false").tls_resumption)
  end)

  it("shows no secret", function()
    for _, fields in ipairs {
      { client_certificate = "s3cret", client_key = 1 }, { client_certificate = 1, client_key = "s3cret" },
      { client_key_password = "s3cret" }, { client_certificate = "x", client_key = "s3cret", min_tls = 1 },
    } do
      assert.is_nil(problem_of(fields):find("s3cret", 1, true))
    end
    local transport = posthorn.transport { host = "h", client_certificate = "x", client_key = "s3cret",
      client_key_password = "s3cret" }
    assert.equal("posthorn.transport (smtp://h:587)", tostring(transport))
  end)
end)
