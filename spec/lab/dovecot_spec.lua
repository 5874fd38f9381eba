-- dovecot_spec.lua - posthorn against a real Dovecot (dovecot.sh), which hands on to Postfix; numbers
-- of the fault catalogue. Its submission server knows neither SMTPUTF8 nor mailboxes: RCPT and the
-- dot are answered by what Postfix said.
local common = require "spec.lab.common"
local lab_of = require "spec.lab.lab"

local box = "postfix/mail/all/new"

lab_of.describe("posthorn and Dovecot's submission", "postfix dovecot", function(lab)
  local function member(options)
    local all = lab:to("dovecot_submission", { user = "user", password = "s3cret", tls = "starttls" })
    for name, value in pairs(options or {}) do all[name] = value end
    return all
  end

  common.specs(lab, { to = member, box = box, perm = "perm@posthorn.test", takes_chunks = true })

  common.answers(lab, "dovecot_submission", { user = "user", password = "s3cret", tls = "starttls" },
    { ["VRFY tom@posthorn.test"] = "252 501", ["EXPN staff"] = "500 502", NOOP = "250", HELP = "214 500 502",
      ["ETRN example.org"] = "500 502" })

  for port, tls in pairs { dovecot_submission = "starttls", dovecot_submissions = "implicit" } do
    for _, mechanism in ipairs { "PLAIN", "LOGIN" } do
      it(("takes a login by %s, TLS %s"):format(mechanism, tls), function()
        local result, problem = common.send(lab:to(port, { tls = tls, auth = { mechanism },
          user = "user", password = "s3cret" }))
        assert(result, problem)
        assert.equal("pkix", result.tls.verified)
      end)
    end

    it("resumes a TLS session, " .. tls, function()
      common.resumes(lab:to(port, { tls = tls, user = "user", password = "s3cret" }))
    end)

    it("refuses a wrong password, TLS " .. tls, function()
      common.refuses_login(lab:to(port, { tls = tls }))
    end)
  end

  it("D1: MAIL refused by the server behind", function()
    local result, _, failure = common.send(member(), { from = "badfrom@example.org" })
    assert.is_nil(result)
    assert.equal("permanent", failure.class)
  end)

  it("D26: refused after the dot by the server behind", function()
    for name, class in pairs { spam = "permanent", grey = "temporary" } do
      local result, _, failure = common.send(member(), { to = name .. "@posthorn.test" })
      assert.is_nil(result)
      assert.equal(class, failure.class)
      assert.equal("dot", failure.phase)
    end
  end)
end)
