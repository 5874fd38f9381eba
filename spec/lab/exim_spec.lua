-- exim_spec.lua - posthorn against a real Exim 4.96 (exim.sh); numbers of the fault catalogue.
local common = require "spec.lab.common"
local lab_of = require "spec.lab.lab"
local posthorn = require "posthorn"

lab_of.describe("posthorn and Exim", "exim", function(lab)
  common.specs(lab, {
    to = function(options) return lab:to("exim", options) end,
    box = "exim/mail/new", perm = "perm@posthorn.test", takes_smtputf8 = true, takes_chunks = true,
  })

  common.tells_of_deliveries(lab, { to = function(options) return lab:to("exim", options) end,
    box = "exim/mail/new" })
  common.answers(lab, "exim", {}, { ["VRFY tom@posthorn.test"] = "252", ["EXPN staff"] = "550", NOOP = "250",
    HELP = "214", ["ETRN example.org"] = "458 459 500 550" })

  for port, tls in pairs { exim = "starttls", exim_implicit = "implicit" } do
    it("takes a login by PLAIN, TLS " .. tls, function()
      local result, problem = common.send(lab:to(port, { tls = tls, user = "user", password = "s3cret" }))
      assert(result, problem)
      assert.equal("pkix", result.tls.verified)
    end)

    it("refuses a wrong password, TLS " .. tls, function()
      common.refuses_login(lab:to(port, { tls = tls }))
    end)

    it("resumes, TLS " .. tls, function()
      common.resumes(lab:to(port, { tls = tls }))
    end)
  end

  it("C7: is refused where its authority is not known", function()
    local options = lab:to("exim", { tls = "starttls" })
    options.ca_file = nil
    local result, _, failure = common.send(options)
    assert.is_nil(result)
    assert.equal("tls", failure.kind)
  end)

  it("D1: refuses a sender", function()
    local result, _, failure = common.send(lab:to "exim", { from = "badfrom@example.org" })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
    assert.equal("mail", failure.phase)
    assert.equal("5.1.8", failure.enhanced)
  end)

  -- Exim's 503 to DATA without a recipient has three lines.
  it("D4: refuses all recipients with DATA in flight: the connection serves the next mail", function()
    local transport = posthorn.transport(lab:to "exim")
    local result, _, failure = transport:send(common.mail { to = { "perm@posthorn.test", "temp@posthorn.test" } })
    assert.is_nil(result)
    assert.equal("temporary", failure.class)
    assert.equal("permanent", failure.recipients[1].class)
    assert.equal("temporary", failure.recipients[2].class)
    assert(transport:send(common.mail()))
    transport:close()
  end)

  it("D6: takes five recipients at once, the rest at once afterwards", function()
    local all = {}
    for i = 1, 12 do all[i] = ("box%d@posthorn.test"):format(i) end
    local result, problem = common.send(lab:to "exim", { to = all })
    assert(result, problem)
    assert.same(all, result.accepted)
    assert.equal(12, #lab:arrived(result.message_id, 12, "exim/mail/new"))
  end)

  it("D26: refuses after the dot", function()
    local result, _, failure = common.send(lab:to "exim", { to = "spam@posthorn.test" })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
    assert.equal("dot", failure.phase)
  end)

  it("E10: takes the null reverse-path", function()
    local result, problem = common.send(lab:to "exim", nil, { envelope = { from = "", to = { "tom@posthorn.test" } } })
    assert(result, problem)
  end)
end)
