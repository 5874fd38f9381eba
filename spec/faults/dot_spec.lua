-- dot_spec.lua - fault catalogue D20 to D29: after the last octet of a mail, and just before it.
local mocks = require "posthorn.driver.mock"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

local fault = setting.fault
local two = { to = { "a@example.net", "b@example.net" } }

local function expect(failure, kind, class, phase)
  assert.same({ kind, class, phase }, { failure.kind, failure.class, failure.phase })
  for _, record in ipairs(failure.recipients) do
    assert.is_false(record.accepted)
    assert.equal(class, record.class)
  end
end

for _, way in ipairs { "in one flight", "one by one" } do
  local ehlo = way == "in one flight" and { "PIPELINING" } or {}

  describe("faults D, after the dot, " .. way, function()
    -- Never sent a second time: one connection, one body.
    local function after(dot)
      local failure, peer = fault({ ehlo = ehlo, dot = dot }, two)
      assert.equal(1, peer.connections)
      assert.equal(1, #peer.bodies)
      return failure, peer
    end

    it("D20: the end of the connection: unknown", function()
      expect(after { close = true }, "closed", "unknown", "dot")
    end)

    it("D21: silence: unknown at its limit", function()
      setting.within(0.15, function()
        local failure, peer, seconds = fault({ ehlo = ehlo, dot = { silence = true } }, two,
          { timeouts = { dot = 0.15 } })
        expect(failure, "timeout", "unknown", "dot")
        assert.equal(1, peer.connections)
        return seconds
      end)
    end)

    it("D21: silence: unknown at the end of the whole send", function()
      setting.within(0.15, function()
        local failure, _, seconds = fault({ ehlo = ehlo, dot = { silence = true } }, two, { timeout = 0.15 })
        expect(failure, "timeout", "unknown", "dot")
        return seconds
      end)
    end)

    it("D22: a reset: unknown", function()
      expect(after { reset = true }, "closed", "unknown", "dot")
    end)

    for what, garbage in pairs {
      ["a word"] = "garbage\r\n", ["an empty line"] = "\r\n", ["binary"] = "\0\1\255\254\n", ["a blank"] = " 250 ok\r\n",
    } do
      it("D23: garbage: unknown, and the end: " .. what, function()
        expect(after { raw = garbage, silence = true }, "protocol", "unknown", "dot")
      end)
    end

    for what, half in pairs {
      ["a line that goes on"] = "250-queued\r\n", ["a line without its end"] = "250 2.0.0 queued as 1",
      ["a code"] = "250", ["a digit"] = "2",
    } do
      it("D24: half a reply: unknown: " .. what, function()
        expect(after { raw = half, close = true }, "closed", "unknown", "dot")
      end)
    end

    it("D25: 421: temporary, not unknown", function()
      for _, dot in ipairs { { reply = "421 4.3.2 closing", close = true }, "421 4.3.2 closing",
        { reply = "421 4.3.2 closing", silence = true } } do
        local failure = after(dot)
        expect(failure, "refused", "temporary", "dot")
        assert.equal(421, failure.code)
      end
    end)

    for code, class in pairs { ["451 4.3.0 later"] = "temporary", ["550 5.7.1 spam"] = "permanent" } do
      it("D26: " .. code, function()
        local failure = after(code)
        expect(failure, "refused", class, "dot")
        assert.equal(code:sub(1, 3), tostring(failure.code))
        assert.equal(code:sub(5, 9), failure.enhanced)
      end)
    end

    it("D27: 354: no answer that could be understood: unknown", function()
      expect(after "354 go on", "protocol", "unknown", "dot")
    end)
  end)
end

-- ---- what the connection takes, and no more ----

-- A driver as `base`, but once `is_on()` the next write of its connections hands over what
-- cut(octets) gives, and the connection is broken then.
local function breaking(base, is_on, cut)
  local function wrap(connection)
    local wrapped = { is_broken = false }
    function wrapped.write(_, octets, deadline)
      if wrapped.is_broken then return nil, "error", "broken pipe" end
      if not is_on() then return connection:write(octets, deadline) end
      wrapped.is_broken = true
      local taken = cut(octets)
      connection:write(taken, deadline)
      if taken == octets then return true end
      return nil, "error", "broken pipe"
    end
    function wrapped.read(_, most, deadline)
      if wrapped.is_broken then return nil, "error", "connection reset by peer" end
      return connection:read(most, deadline)
    end
    for _, verb in ipairs { "is_quiet", "wake", "local_ip", "close" } do
      wrapped[verb] = function() return connection[verb](connection) end
    end
    return wrapped
  end
  return setmetatable({
    connect = function(...)
      local connection, reason, text = base.connect(...)
      return connection and wrap(connection), reason, text
    end,
  }, { __index = base })
end

-- Some ways to break off, and the class that is right for each: unknown where the last octet left.
local cuts = {
  ["the last three octets do not leave"] = { function(octets) return octets:sub(1, -4) end, "temporary" },
  ["the last octet does not leave"] = { function(octets) return octets:sub(1, -2) end, "temporary" },
  ["half of them leave"] = { function(octets) return octets:sub(1, #octets / 2) end, "temporary" },
  ["nothing leaves"] = { function() return "" end, "temporary" },
  ["all of them leave"] = { function(octets) return octets end, "unknown" },
}

for what, case in pairs(cuts) do
  it("D28: the connection breaks while content and dot are written, " .. what, function()
    local got = ""
    local base = mocks.new { peer = function(peer)
      peer:write "220 mock\r\n"
      local line
      repeat
        line = peer:read_line()
        peer:write(line == "DATA" and "354 go on\r\n" or "250 ok\r\n")
      until line == "DATA"
      repeat
        local octets = peer:read(65536)
        got = got .. (octets or "")
      until not octets
    end }
    base.run(function()
      local is_on = false
      local transport = posthorn.transport {
        host = "192.0.2.1", port = 25, tls = "none",
        driver = breaking(base, function() return is_on end, case[1]),
        trace = function(event) is_on = is_on or event.text:find "^354" ~= nil end,
      }
      local result, _, failure = transport:send(setting.mail())
      transport:close()
      assert.is_nil(result)
      expect(failure, "closed", case[2], case[2] == "unknown" and "dot" or "content")
      base.peers[1]:wait()
    end)
    assert.equal(case[2] == "unknown", got:sub(-5) == "\r\n.\r\n")
  end)

  it("D29: the same in a record of TLS, " .. what, function()
    posthorn.run(function()
      local sink = assert(sinks.new({ tls = true }):start())
      local is_on = false
      local transport = posthorn.transport {
        host = "127.0.0.1", port = sink.port, tls = "starttls", verify = false, timeout = 5,
        driver = breaking(posthorn.driver(), function() return is_on end, case[1]),
        trace = function(event) is_on = is_on or event.text:find "^354" ~= nil end,
      }
      local result, _, failure = transport:send(setting.mail())
      transport:close()
      sink:stop()
      assert.is_nil(result)
      expect(failure, "closed", case[2], case[2] == "unknown" and "dot" or "content")
      assert.is_true(sink.count <= (case[2] == "unknown" and 1 or 0))
    end)
  end)
end

it("D16: where the connection takes nothing more, what the server had said before is the answer", function()
  local driver
  driver = mocks.new { capacity = 1024, peer = function(peer)
    peer:write "220 mock\r\n"
    local line
    repeat
      line = peer:read_line()
      peer:write(line == "DATA" and "354 go on\r\n" or "250 ok\r\n")
    until line == "DATA"
    driver.sleep(1)
    peer:write "550 5.7.1 enough of it\r\n"
  end }
  driver.run(function()
    local transport = posthorn.transport { host = "192.0.2.1", port = 25, tls = "none", driver = driver }
    local result, _, failure = transport:send(setting.mail { text = (("x"):rep(70) .. "\n"):rep(10000) })
    transport:close()
    assert.is_nil(result)
    expect(failure, "refused", "permanent", "content")
    assert.equal("5.7.1", failure.enhanced)
  end)
end)
