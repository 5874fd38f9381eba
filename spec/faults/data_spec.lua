-- data_spec.lua - fault catalogue D11 to D19: from RCPT to the end of the content.
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local fault = setting.fault
local three = { "a@example.net", "b@example.net", "c@example.net" }

-- More than the buffers of two sockets hold; built once, for the specs of time.
local large = assert(posthorn.message(setting.mail { text = (("x"):rep(70) .. "\n"):rep(170000) }))

local function expect(failure, kind, class, phase)
  assert.same({ kind, class, phase }, { failure.kind, failure.class, failure.phase })
  for _, record in ipairs(failure.recipients) do assert.equal(class, record.class) end
end

describe("faults D, before DATA", function()
  local closing = { reply = "421 4.7.0 closing now", close = true }

  it("D11: 421 at the second of three, in one flight: none is awaited, none is delivered", function()
    local failure, peer = fault({ ehlo = { "PIPELINING" }, rcpt = { "250 2.1.5 ok", closing } }, { to = three })
    expect(failure, "refused", "temporary", "rcpt")
    for i = 1, 3 do
      assert.equal(421, failure.recipients[i].code)
      assert.equal("4.7.0", failure.recipients[i].enhanced)
      assert.matches("closing now", failure.recipients[i].text)
    end
    assert.equal(0, #peer.bodies)
  end)

  it("D11: the same where the server stays silent behind the 421", function()
    local failure = fault({ ehlo = { "PIPELINING" },
      rcpt = { "250 2.1.5 ok", { reply = "421 4.7.0 closing now", silence = true } } }, { to = three })
    expect(failure, "refused", "temporary", "rcpt")
  end)

  it("D11: one by one, a refusal that was told stays", function()
    local failure, peer = fault({ rcpt = { "550 5.1.1 nobody", closing } }, { to = three })
    assert.same({ "permanent", "temporary", "temporary" }, { failure.recipients[1].class,
      failure.recipients[2].class, failure.recipients[3].class })
    assert.equal("temporary", failure.class)
    assert.equal(550, failure.recipients[1].code)
    assert.equal(2, peer:count "RCPT")
  end)
end)

for _, way in ipairs { "in one flight", "one by one" } do
  local ehlo = way == "in one flight" and { "PIPELINING" } or {}

  describe("faults D, at DATA, " .. way, function()
    for code, class in pairs { ["451 4.3.0 later"] = "temporary", ["554 5.6.0 no"] = "permanent" } do
      it("D12: DATA " .. code, function()
        local failure, peer = fault({ ehlo = ehlo, rcpt = { "250 ok", "550 5.1.1 nobody", "250 ok" }, data = code },
          { to = three })
        assert.equal("refused", failure.recipients[1].kind)
        assert.equal("data", failure.recipients[1].phase)
        assert.equal(class, failure.recipients[1].class)
        assert.equal(tonumber(code:sub(1, 3)), failure.recipients[3].code)
        assert.equal("permanent", failure.recipients[2].class)
        assert.equal("rcpt", failure.recipients[2].phase)
        assert.equal(class, failure.class)
        assert.equal(0, peer:count ".")
        assert.equal(0, #peer.bodies)
      end)
    end

    it("D13: DATA 250: no content, and the end", function()
      local failure, peer = fault { ehlo = ehlo, data = "250 2.0.0 fine" }
      expect(failure, "protocol", "temporary", "data")
      assert.equal("DATA", peer.lines[#peer.lines])
    end)

    it("D14: lost before DATA's reply", function()
      expect(fault { ehlo = ehlo, data = { close = true } }, "closed", "temporary", "data")
      expect(fault { ehlo = ehlo, data = { reset = true } }, "closed", "temporary", "data")
    end)
  end)
end

describe("faults D, in the content", function()
  for what, how in pairs { close = { close = true }, reset = { reset = true } } do
    it("D15: lost in the middle, nothing to be read: " .. what, function()
      local failure, peer = fault({ body = how }, large)
      expect(failure, "closed", "temporary", "content")
      assert.equal(0, #peer.bodies)
    end)
  end

  it("D16: 550 in the middle, then the end", function()
    local failure, peer = fault({ body = { reply = "550 5.7.1 enough of it", close = true } }, large)
    expect(failure, "refused", "permanent", "content")
    assert.equal(550, failure.code)
    assert.equal("5.7.1", failure.enhanced)
    assert.matches("enough of it", failure.text)
    assert.equal(0, #peer.bodies)
  end)

  it("D16: 550 in the middle of a server that stops reading: no longer than it takes to read it", function()
    local failure, _, seconds = fault({ body = { reply = "550 5.7.1 enough of it", deaf = 3 } }, large,
      { timeouts = { content = 2 } })
    expect(failure, "refused", "permanent", "content")
    assert.is_true(seconds < 1.5, tostring(seconds))
  end)

  it("D17: 250 in the middle: not sent, and the end", function()
    local failure, peer = fault({ body = { reply = "250 2.0.0 queued as x1", silence = true } }, large)
    expect(failure, "protocol", "temporary", "content")
    assert.equal(0, #peer.bodies)
  end)

  it("D18: a reader that stops: the limit of a write", function()
    setting.within(0.15, function()
      local failure, peer, seconds = fault({ body = { deaf = 1 } }, large, { timeouts = { content = 0.15 } })
      expect(failure, "timeout", "temporary", "content")
      assert.equal(0, #peer.bodies)
      return seconds
    end)
  end)

  it("D18: the same by the time of the whole send", function()
    setting.within(0.15, function()
      local failure, _, seconds = fault({ body = { deaf = 1 } }, large, { timeout = 0.15 })
      expect(failure, "timeout", "temporary", "content")
      return seconds
    end)
  end)
end)
