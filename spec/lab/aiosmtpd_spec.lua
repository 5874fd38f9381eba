-- aiosmtpd_spec.lua - posthorn against a real aiosmtpd (aiosmtpd.sh); numbers of the fault catalogue.
-- It offers neither PIPELINING nor CHUNKING nor DSN, and no enhanced codes of its own.
local common = require "spec.lab.common"
local lab_of = require "spec.lab.lab"
local posthorn = require "posthorn"

lab_of.describe("posthorn and aiosmtpd", "aiosmtpd", function(lab)
  local function to(options) return lab:to("aiosmtpd", options) end

  common.specs(lab, { to = to, box = "aiosmtpd/mail", perm = "perm@posthorn.test", takes_smtputf8 = true })

  for _, mechanism in ipairs { "PLAIN", "LOGIN" } do
    it("takes a login by " .. mechanism, function()
      local result, problem = common.send(to { tls = "starttls", user = "user", password = "s3cret",
        auth = { mechanism } })
      assert(result, problem)
      assert.equal("pkix", result.tls.verified)
    end)
  end

  common.answers(lab, "aiosmtpd", {}, { ["VRFY tom@posthorn.test"] = "252", ["EXPN staff"] = "502", NOOP = "250",
    HELP = "250", ["ETRN example.org"] = "500" })

  it("D48: leaves DSN out where it is not offered, with a warning", function()
    local result = assert(common.send(to(), nil, { dsn = { notify = "never" } }))
    assert.equal(1, #result.warnings)
  end)

  it("refuses a wrong password", function()
    common.refuses_login(to { tls = "starttls" })
  end)

  it("D10: greylists, then takes", function()
    local transport = posthorn.transport(to())
    local result, _, failure = transport:send(common.mail { to = "grey@posthorn.test" })
    assert.is_nil(result)
    assert.equal("temporary", failure.class)
    assert.equal(450, failure.code)
    assert.equal("4.2.0", failure.enhanced)
    assert(transport:send(common.mail { to = "grey@posthorn.test" }))
    transport:close()
  end)

  -- The first is missing where none is accepted: the server answers DATA with 503, and goes on.
  it("D3: refuses in several lines, and serves the next mail", function()
    local transport = posthorn.transport(to())
    local result, _, failure = transport:send(common.mail { to = "multi@posthorn.test" })
    assert.is_nil(result)
    assert.equal(550, failure.code)
    assert.equal("5.7.1", failure.enhanced)
    assert.matches("first line", failure.text)
    assert.matches("last line", failure.text)
    assert(transport:send(common.mail()))
    transport:close()
  end)

  it("D31: a reply of two codes is a protocol error", function()
    local result, _, failure = common.send(to(), { to = { "tom@posthorn.test", "mixed@posthorn.test" } })
    assert.is_nil(result)
    assert.equal("protocol", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal("rcpt", failure.phase)
  end)

  it("D51: a line without a code is a protocol error", function()
    local result, _, failure = common.send(to(), { to = "nocode@posthorn.test" })
    assert.is_nil(result)
    assert.equal("protocol", failure.kind)
    assert.equal("temporary", failure.class)
  end)

  it("D20: the connection lost after the dot: unknown", function()
    local result, _, failure = common.send(to(), { to = "dropdot@posthorn.test" })
    assert.is_nil(result)
    assert.equal("unknown", failure.class)
    assert.equal("closed", failure.kind)
    assert.equal("dot", failure.phase)
  end)

  it("D23: garbage after the dot: unknown", function()
    local result, _, failure = common.send(to(), { to = "garbage_dot@posthorn.test" })
    assert.is_nil(result)
    assert.equal("unknown", failure.class)
    assert.equal("protocol", failure.kind)
  end)

  it("D21: silence after the dot: unknown at the limit", function()
    local transport = posthorn.transport(to { timeouts = { dot = 0.3 } })
    local result, _, failure = transport:send(common.mail { to = "slowdot@posthorn.test" })
    transport:close()
    assert.is_nil(result)
    assert.equal("unknown", failure.class)
    assert.equal("timeout", failure.kind)
  end)

  it("D25, D26: 421, 451 and 550 after the dot", function()
    for name, class in pairs { ["421dot"] = "temporary", grey_dot = "temporary", spam = "permanent" } do
      local result, _, failure = common.send(to(), { to = name .. "@posthorn.test" })
      assert.is_nil(result)
      assert.equal("refused", failure.kind)
      assert.equal(class, failure.class)
      assert.equal("dot", failure.phase)
    end
  end)
end)
