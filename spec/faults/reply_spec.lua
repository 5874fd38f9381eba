-- reply_spec.lua - fault catalogue D30 to D34, D49 to D51: replies of every shape, at every moment.
local setting = require "spec.faults.setting"

local fault = setting.fault
local pipelining = { "PIPELINING", "8BITMIME" }
local three = { to = { "a@example.net", "b@example.net", "c@example.net" } }

local function expect(failure, kind, class, phase)
  assert.same({ kind, class, phase }, { failure.kind, failure.class, failure.phase })
end

-- The moments of one mail, with the class of what is not understood there.
local moments = { mail = "temporary", rcpt = "temporary", data = "temporary", dot = "unknown" }

local function at(moment, answer, fields, ehlo)
  return fault({ ehlo = ehlo, [moment] = answer }, fields)
end

describe("faults D, replies", function()
  it("D30: all replies octet by octet, each with its line's end apart", function()
    local function drip(text) return { drip = text .. "\r\n", every = 0.0005 } end
    for _, ehlo in ipairs { pipelining, {} } do
      local result, peer = fault({ ehlo = ehlo, greeting = drip "220-peer\r\n220 greets", mail = drip "250 ok",
        rcpt = { drip "250 ok", drip "550 5.1.1 no", drip "250-so\r\n250 be it" },
        dot = drip "250 2.0.0 queued as x1" }, three)
      assert.same({ "a@example.net", "c@example.net" }, result.accepted)
      assert.equal("x1", result.queue_id)
      assert.equal(1, #peer.bodies)
    end
  end)

  it("D30: all replies of a flight in one segment", function()
    local nothing = { raw = "" }
    local result, peer = fault({ ehlo = pipelining, mail = nothing, rcpt = nothing,
      data = "250 2.1.0 ok\r\n250 ok\r\n550-5.1.1 no\r\n550 5.1.1 such user\r\n250 ok\r\n354 go on",
      dot = "250 2.0.0 queued as x1" }, three)
    assert.same({ "a@example.net", "c@example.net" }, result.accepted)
    assert.equal("5.1.1", result.refused[1].enhanced)
    assert.equal("x1", result.queue_id)
    assert.equal(1, #peer.bodies)
  end)

  for moment, class in pairs(moments) do
    for what, reply in pairs {
      ["250 and 251"] = "250-one\r\n251 two", ["250 and 550"] = "250-one\r\n550 two", ["550 and 250"] = "550-one\r\n250 two",
    } do
      it(("D31: codes that differ in one reply, %s, at %s"):format(what, moment), function()
        local failure, peer = at(moment, reply)
        expect(failure, "protocol", class, moment)
        assert.equal(moment == "dot" and 1 or 0, #peer.bodies)
        assert.equal(1, peer.connections)
      end)
    end

    for what, reply in pairs {
      ["10,000 lines"] = ("250-line\r\n"):rep(10000) .. "250 end",
      ["a line of 10 MB"] = "250 " .. ("x"):rep(10 * 1024 * 1024),
      ["a line of 10 MB without a code"] = ("x"):rep(10 * 1024 * 1024),
    } do
      it(("D32: %s at %s"):format(what, moment), function()
        local failure = at(moment, { reply = reply, silence = true })
        expect(failure, "protocol", class, moment)
        assert.is_true(#failure.message < 1024)
      end)
    end

    it("D32: NUL, escape sequences and what is no UTF-8 are shown in printable words, at " .. moment, function()
      local failure = at(moment, "550 5.7.1 a\0b\27[2Jc\255\254d\7 \194\155 ü")
      expect(failure, "refused", "permanent", moment)
      for _, text in ipairs { failure.text, failure.message, failure.recipients[1].text } do
        assert.is_nil(text:find "[%z\1-\31\127\255\254]")
        assert.is_nil(text:find("\194\155", 1, true)) -- a C1 control
        assert.is_true(#text < 1024)
      end
      assert.is_truthy(failure.text:find("ü", 1, true))
    end)

    it("D32: 60 KB of text are taken, and told in few words, at " .. moment, function()
      local failure = at(moment, ("550-5.7.1 " .. ("y"):rep(990) .. "\r\n"):rep(60) .. "550 5.7.1 end")
      expect(failure, "refused", "permanent", moment)
      assert.is_true(#failure.text <= 512, tostring(#failure.text))
    end)

    it("D34: an enhanced code of another class does not count, at " .. moment, function()
      for reply, enhanced in pairs { ["550 2.1.5 ok"] = "5.0.0", ["450 5.1.1 no"] = "4.0.0", ["554 no"] = "5.0.0" } do
        local failure = at(moment, reply)
        assert.equal(reply:sub(1, 1) == "5" and "permanent" or "temporary", failure.class)
        assert.equal(enhanced, failure.enhanced)
      end
    end)

    for _, reply in ipairs { "600 what", "199 wait", "25O ok", "2500 ok", "25", "250_ok", "", "000 none" } do
      it(("D51: '%s' at %s"):format(reply, moment), function()
        expect(at(moment, { reply = reply, silence = true }), "protocol", class, moment)
      end)
    end
  end

  it("D33: lines that end in LF alone", function()
    local function lf(text) return { raw = text .. "\n" } end
    local result, peer = fault({ ehlo = pipelining, greeting = lf "220-peer\n220 greets", auth = lf "235 ok",
      mail = lf "250 2.1.0 ok", rcpt = { lf "250 ok", lf "550-5.1.1 no\n550 5.1.1 such", lf "250 ok" },
      dot = lf "250 2.0.0 queued as x1" }, three)
    assert.same({ "a@example.net", "c@example.net" }, result.accepted)
    assert.equal("x1", result.queue_id)
    assert.equal(1, #peer.bodies)
  end)

  for moment in pairs(moments) do
    it("D49: 503 after a sequence that was right is temporary, and the end: at " .. moment, function()
      setting.with({ ehlo = pipelining, [moment] = { "503 5.5.1 bad sequence", moment == "data" and "354 go" or "250 ok" } },
        function(peer, transport)
          local result, _, failure = transport:send(setting.mail())
          assert.is_nil(result)
          expect(failure, "refused", "temporary", moment)
          assert.equal(503, failure.code)
          assert.equal("temporary", failure.recipients[1].class)
          peer.script = { ehlo = pipelining }
          assert(transport:send(setting.mail()))
          assert.equal(2, peer.connections)
        end)
    end)
  end

  it("D50: any 2yz takes a recipient, a sender, a mail", function()
    for _, reply in ipairs { "251 will forward", "252 cannot verify", "220 well", "299 odd", "200" } do
      local result = fault({ ehlo = pipelining, mail = reply, rcpt = { reply, "250 ok" }, dot = reply }, three)
      assert.same(three.to, result.accepted)
    end
  end)

  it("D50: 251 is told and not followed, 551 is a refusal", function()
    local result, peer = fault({ rcpt = { "251 2.1.5 will forward to <x@example.org>", "551 5.7.1 try <y@example.org>",
      "250 ok" } }, three)
    assert.same({ "a@example.net", "c@example.net" }, result.accepted)
    assert.equal(551, result.refused[1].code)
    assert.equal(3, peer:count "RCPT")
  end)
end)
