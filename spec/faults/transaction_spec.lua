-- transaction_spec.lua - fault catalogue D1 to D10 and D35 to D40, at the public API; data_spec.lua and
-- dot_spec.lua have what lies between.
local setting = require "spec.faults.setting"

local pipelining = { "PIPELINING", "8BITMIME", "SIZE 1000000" }
local three = { "a@example.net", "b@example.net", "c@example.net" }

for _, way in ipairs { "in one flight", "one by one" } do
  local ehlo = way == "in one flight" and pipelining or { "8BITMIME" }

  describe("faults D, " .. way, function()
    local function failure_of(script, fields)
      local failure, peer_of
      script.ehlo = script.ehlo or ehlo
      setting.with(script, function(peer, transport)
        local result
        result, _, failure = transport:send(setting.mail(fields))
        assert.is_nil(result)
        peer_of = peer
      end)
      return failure, peer_of
    end

    for code, class in pairs { ["550 5.7.1 no"] = "permanent", ["451 4.3.0 later"] = "temporary" } do
      it("D1: MAIL " .. code, function()
        local failure, peer = failure_of({ mail = code, rcpt = "503 5.5.1 no", data = "503 5.5.1 no" },
          { to = three })
        assert.equal("refused", failure.kind)
        assert.equal("mail", failure.phase)
        assert.equal(3, #failure.recipients)
        for _, record in ipairs(failure.recipients) do
          assert.equal(class, record.class)
          assert.equal(tonumber(code:sub(1, 3)), record.code)
        end
        assert.equal(0, #peer.bodies)
      end)

      it("D1: MAIL " .. code .. ": the next mail begins anew", function()
        setting.with({ ehlo = ehlo, mail = code, rcpt = "503 5.5.1 no", data = "503 5.5.1 no" }, function(peer, transport)
          assert.is_nil((transport:send(setting.mail())))
          peer.script.mail, peer.script.rcpt, peer.script.data = nil, nil, nil
          assert(transport:send(setting.mail()))
          assert.equal(1, #peer.bodies)
          assert.is_true(peer.connections == 2 or peer:count "RSET" == 1)
        end)
      end)
    end

    it("D2: one of three recipients 550", function()
      setting.with({ ehlo = ehlo, rcpt = { "250 2.1.5 ok", "550 5.1.1 nobody", "250 2.1.5 ok" } },
        function(peer, transport)
          local result = assert(transport:send(setting.mail { to = three }))
          assert.same({ "a@example.net", "c@example.net" }, result.accepted)
          assert.equal("b@example.net", result.refused[1].address)
          assert.equal("permanent", result.refused[1].class)
          assert.equal("rcpt", result.refused[1].phase)
          assert.equal("peer1", result.queue_id)
          assert.equal(1, #peer.bodies)
        end)
    end)

    it("D3: all recipients 550", function()
      local failure, peer = failure_of({ rcpt = "550 5.1.1 nobody", data = "554 5.5.1 no recipients" },
        { to = three })
      assert.equal("permanent", failure.class)
      assert.equal(550, failure.recipients[3].code)
      assert.equal(way == "in one flight" and 1 or 0, peer:count "DATA")
      assert.equal(0, #peer.bodies)
    end)

    it("D6, D7: too many recipients: the rest follows at once", function()
      for _, reply in ipairs { "452 4.5.3 too many", "552 too many" } do
        setting.with({ ehlo = ehlo, rcpt = { "250 ok", "250 ok", reply, "250 ok" } }, function(peer, transport)
          local result = assert(transport:send(setting.mail { to = three }))
          assert.same(three, result.accepted)
          assert.equal(2, #peer.bodies)
          assert.equal(peer.bodies[1], peer.bodies[2])
          assert.equal(1, peer.connections)
        end)
      end
    end)

    it("D8: 552 5.2.2 at one recipient is permanent for it", function()
      setting.with({ ehlo = ehlo, rcpt = { "250 ok", "552 5.2.2 mailbox full", "250 ok" } },
        function(peer, transport)
          local result = assert(transport:send(setting.mail { to = three }))
          assert.equal("permanent", result.refused[1].class)
          assert.equal("5.2.2", result.refused[1].enhanced)
          assert.equal(1, #peer.bodies)
        end)
    end)

    it("D9: the first recipient 452 is temporary for it, and ends", function()
      local failure, peer = failure_of { rcpt = "452 4.5.3 too many", data = "554 5.5.1 no recipients" }
      assert.equal("temporary", failure.class)
      assert.equal(1, peer:count "RCPT")
    end)

    it("D10: greylisting: temporary, and sent the next time", function()
      setting.with({ ehlo = ehlo, rcpt = { "450 4.7.1 greylisted", "250 ok" },
        data = way == "in one flight" and { "554 5.5.1 no recipients", "354 go on" } or nil },
        function(peer, transport)
          local result, _, failure = transport:send(setting.mail())
          assert.is_nil(result)
          assert.equal("temporary", failure.class)
          assert.equal(450, failure.code)
          assert(transport:send(setting.mail()))
          assert.equal(1, #peer.bodies)
        end)
    end)

    it("D38: QUIT ignored changes nothing and takes five seconds at most", function()
      setting.with({ ehlo = ehlo, quit = { silence = true } }, { pool = false, timeouts = { quit = 0.2 } },
        function(_, transport)
          local result = assert(transport:send(setting.mail()))
          assert.equal(1, #result.accepted)
          assert.matches("QUIT", result.warnings[1])
        end)
    end)
  end)
end

describe("faults D, with DATA in flight", function()
  it("D4: all recipients 550, DATA 554: no dot, and the connection serves again", function()
    setting.with({ ehlo = pipelining, rcpt = { "550 5.1.1 a", "550 5.1.1 b", "250 ok" },
      data = { "554 5.5.1 no recipients", "354 go on" } }, function(peer, transport)
      local result, _, failure = transport:send(setting.mail { to = { "a@example.net", "b@example.net" } })
      assert.is_nil(result)
      assert.equal("permanent", failure.class)
      assert.equal(0, peer:count ".")
      assert(transport:send(setting.mail()))
      assert.equal(1, peer.connections)
      assert.equal(1, #peer.bodies)
    end)
  end)

  it("D5: all recipients refused, DATA 354: the dot alone, its reply ignored", function()
    setting.with({ ehlo = pipelining, rcpt = "550 5.1.1 no", dot = "250 2.0.0 queued as ghost" },
      function(peer, transport)
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("permanent", failure.class)
        assert.same({ "" }, peer.bodies)
      end)
  end)

  it("D35, D37: a kept connection that closed costs the next mail nothing", function()
    setting.with({ ehlo = pipelining, per_connection = {
      { ehlo = pipelining, dot = { raw = "250 2.0.0 one\r\n421 4.3.2 idle too long\r\n", close = true } },
      { ehlo = pipelining },
      } }, function(peer, transport)
      assert(transport:send(setting.mail()))
      transport.driver.sleep(0.05)
      assert(transport:send(setting.mail()))
      assert.equal(2, peer.connections)
      assert.equal(2, #peer.bodies)
    end)
  end)

  it("D36: RSET 500 on a kept connection: the mail goes over a fresh one", function()
    setting.with({ ehlo = pipelining, rset = "500 5.5.1 what?" }, function(peer, transport)
      assert(transport:send(setting.mail()))
      assert(transport:send(setting.mail()))
      assert.equal(2, peer.connections)
      assert.equal(2, #peer.bodies)
    end)
  end)

  it("keeps a connection and says RSET with the next MAIL (S30)", function()
    setting.with({ ehlo = pipelining }, function(peer, transport)
      for _ = 1, 3 do assert(transport:send(setting.mail())) end
      assert.equal(1, peer.connections)
      assert.equal(2, peer:count "RSET")
      assert.equal(1, peer:count "EHLO")
    end)
  end)

  it("D40: 1,000 recipients, replies of all in one go", function()
    local many = {}
    for i = 1, 1000 do many[i] = ("r%d@example.net"):format(i) end
    setting.with({ ehlo = pipelining }, { timeout = 20 }, function(peer, transport)
      local result = assert(transport:send(setting.mail { to = many }))
      assert.equal(1000, #result.accepted)
      assert.equal(10, #peer.bodies)
    end)
  end)
end)
