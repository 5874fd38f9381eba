-- lmtp_spec.lua - posthorn against Dovecot's LMTP, over TCP and a Unix socket, and smtp-sink's; numbers
-- of the fault catalogue. Dovecot says only after the dot who has no room left (RFC 2033, 4.2).
local common = require "spec.lab.common"
local lab_of = require "spec.lab.lab"
local posthorn = require "posthorn"

lab_of.describe("posthorn and Dovecot's LMTP", "dovecot", function(lab)
  local ways = {
    ["over TCP"] = function() return "lmtp://localhost:" .. lab.ports.dovecot_lmtp end,
    ["over a Unix socket"] = function() return "lmtp://" .. lab.folder .. "/dovecot/lmtp.socket" end,
  }

  for name, url in pairs(ways) do
    describe(name, function()
      local function to(options)
        local all = { url = url(), timeout = 20, tls = "none" }
        for key, value in pairs(options or {}) do all[key] = value end
        return all
      end

      common.specs(lab, { to = to, box = "dovecot/mail/tom/new", perm = "perm@posthorn.test", takes_chunks = true })

      it("D41: a verdict for each recipient, in their order", function()
        local result, problem = common.send(to(),
          { to = { "tom@posthorn.test", "perm@posthorn.test", "full@posthorn.test", "ann@posthorn.test" } })
        assert(result, problem)
        assert.same({ "tom@posthorn.test", "ann@posthorn.test" }, result.accepted)
        local perm, full = result.refused[1], result.refused[2]
        assert.same({ "perm@posthorn.test", "rcpt", "permanent", 550 }, { perm.address, perm.phase, perm.class, perm.code })
        assert.same({ "full@posthorn.test", "dot", "5.2.2" }, { full.address, full.phase, full.enhanced })
        assert.equal(1, #lab:arrived(result.message_id, 1, "dovecot/mail/tom/new"))
        assert.equal(1, #lab:arrived(result.message_id, 1, "dovecot/mail/ann/new"))
      end)

      it("refuses all after the dot", function()
        local result, _, failure = common.send(to(), { to = "full@posthorn.test" })
        assert.is_nil(result)
        assert.equal("dot", failure.phase)
        assert.equal("refused", failure.kind)
      end)

      it("D3: refuses all at RCPT, and serves the next mail", function()
        local transport = posthorn.transport(to())
        local result, _, failure = transport:send(common.mail { to = "perm@posthorn.test" })
        assert.is_nil(result)
        assert.equal("permanent", failure.class)
        assert(transport:send(common.mail()))
        transport:close()
      end)

      it("D41: the same of chunks", function()
        local result, problem = common.send(to { extensions = { chunking = "require" } },
          { to = { "tom@posthorn.test", "full@posthorn.test", "ann@posthorn.test" } })
        assert(result, problem)
        assert.same({ "tom@posthorn.test", "ann@posthorn.test" }, result.accepted)
        assert.equal("dot", result.refused[1].phase)
      end)
    end)
  end

  it("shakes hands by STARTTLS", function()
    local result, problem = common.send { url = ways["over TCP"](), timeout = 20, tls = "starttls", ca_file = lab.ca_file }
    assert(result, problem)
    assert.equal("pkix", result.tls.verified)
  end)
end)
