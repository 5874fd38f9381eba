-- pool_spec.lua - fault catalogue D35 to D39 and E16: connections that are used again.
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local pipelining = { "PIPELINING", "8BITMIME" }

-- Waits until fn gives a true value, for some seconds at most.
local function until_true(fn)
  for _ = 1, 500 do
    if fn() then return end
    posthorn.sleep(0.01)
  end
  error("it never came to that", 2)
end

for way, ehlo in pairs { ["in one flight"] = pipelining, ["one by one"] = { "8BITMIME" } } do
  describe("faults D, kept connections, " .. way, function()
    it("D35: an unasked 421 between two mails costs the second nothing", function()
      local script = { per_connection = {
        { ehlo = ehlo, dot = { reply = "250 2.0.0 queued\r\n421 4.3.2 going down", close = true } },
        { ehlo = ehlo },
      } }
      setting.with(script, function(peer, transport)
        assert(transport:send(setting.mail()))
        until_true(function() return next(peer.open) == nil end)
        local result = assert(transport:send(setting.mail()))
        assert.same({}, result.warnings)
        assert.equal(2, peer.connections)
        assert.equal(2, #peer.bodies)
      end)
    end)

    it("D35: a 421 that comes while the connection stays open", function()
      local script = { per_connection = {
        { ehlo = ehlo, dot = "250 2.0.0 queued\r\n421 4.3.2 going down" }, { ehlo = ehlo },
      } }
      setting.with(script, function(peer, transport)
        assert(transport:send(setting.mail()))
        assert(transport:send(setting.mail()))
        assert.equal(2, peer.connections)
        assert.equal(2, #peer.bodies)
      end)
    end)

    it("D36: RSET 500: the connection is dropped, the mail goes over a fresh one", function()
      local script = { per_connection = { { ehlo = ehlo, rset = "500 5.5.1 what?" }, { ehlo = ehlo } } }
      setting.with(script, function(peer, transport)
        assert(transport:send(setting.mail()))
        assert(transport:send(setting.mail()))
        assert.equal(2, peer.connections)
        assert.equal(2, #peer.bodies)
      end)
    end)

    it("D37: end of file at the first command on a used connection: once again, on a fresh one", function()
      local script = { per_connection = { { ehlo = ehlo, rset = { close = true } }, { ehlo = ehlo } } }
      setting.with(script, function(peer, transport)
        assert(transport:send(setting.mail()))
        assert(transport:send(setting.mail()))
        assert.equal(2, peer.connections)
        assert.equal(2, #peer.bodies)
      end)
      script = { per_connection = {
        { ehlo = ehlo, rset = { close = true } }, { ehlo = ehlo, mail = { close = true } }, { ehlo = ehlo },
      } }
      setting.with(script, function(peer, transport)
        assert(transport:send(setting.mail()))
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("temporary", failure.class)
        assert.equal(2, peer.connections)
        assert.equal(1, #peer.bodies)
      end)
    end)

    it("D38: a server that ignores QUIT changes no result, and is left", function()
      local options = { pool = false, timeouts = { quit = 0.2 } }
      setting.with({ ehlo = ehlo, quit = { silence = true } }, options, function(peer, transport)
        local result = assert(transport:send(setting.mail()))
        assert.same({ "bob@example.net" }, result.accepted)
        until_true(function() return next(peer.open) == nil end)
      end)
    end)
  end)
end

describe("faults D, kept connections", function()
  it("D39: a stall with PIPELINING is temporary, and the next attempt goes one by one", function()
    local script = { per_connection = {
      { ehlo = pipelining, mail = { silence = true } }, { ehlo = pipelining },
    } }
    setting.with(script, { timeouts = { mail = 0.1 } }, function(peer, transport)
      local result, _, failure = transport:send(setting.mail())
      assert.is_nil(result)
      assert.equal("timeout", failure.kind)
      assert.equal("temporary", failure.class)
      local before = #peer.octets
      assert(transport:send(setting.mail()))
      for i = before + 1, #peer.octets do
        local _, commands = peer.octets[i]:gsub("[^\n]+: ?<[^\n]*", "")
        assert.is_true(commands <= 1, peer.octets[i])
      end
    end)
  end)

  it("D20: what was handed over is unknown, and what stood behind it goes again", function()
    local script = { per_connection = { { ehlo = pipelining, dot = { close = true } }, { ehlo = pipelining } } }
    setting.with(script, { concurrency = 1 }, function(peer, transport)
      local classes = {}
      local items = { setting.mail { subject = "one" }, setting.mail { subject = "two" } }
      for item, result, _, failure in transport:send_many(items) do
        classes[item.subject] = result and "sent" or failure.class
      end
      assert.same({ one = "unknown", two = "sent" }, classes)
      assert.equal(2, peer.connections)
      assert.equal(2, #peer.bodies)
    end)
  end)

  it("a 421 to the dot is temporary, and what stood behind it goes again", function()
    local script = { per_connection = {
      { ehlo = pipelining, dot = { reply = "421 4.3.2 going down", close = true } }, { ehlo = pipelining },
    } }
    setting.with(script, { concurrency = 1 }, function(peer, transport)
      local classes = {}
      local items = { setting.mail { subject = "one" }, setting.mail { subject = "two" } }
      for item, result, _, failure in transport:send_many(items) do
        classes[item.subject] = result and "sent" or failure.class
      end
      assert.same({ one = "temporary", two = "sent" }, classes)
      assert.equal(2, peer.connections)
    end)
  end)
end)

describe("faults E: many sessions to one host", function()
  local function send_all(transport, count)
    local tasks, counts = {}, {}
    for i = 1, count do
      tasks[i] = posthorn.spawn(transport.send, transport, setting.mail { subject = tostring(i) })
    end
    for _, task in ipairs(tasks) do
      local result, _, failure = task:wait()
      local what = result and "sent" or failure.kind .. " " .. failure.class
      counts[what] = (counts[what] or 0) + 1
    end
    return counts
  end

  it("E16: 500 at once: pool and concurrency hold, past the backlog it is limit", function()
    for _, case in ipairs {
      { { pool = { size = 3, backlog = 400, messages = 0 } }, 3 },
      { { pool = { size = 50, backlog = 400, messages = 0 }, concurrency = 4 }, 4 },
      { { pool = false, concurrency = 4 }, nil },
    } do
      local most, options = 0, case[1]
      options.timeout = 20
      setting.with({ ehlo = pipelining, dot = { { wait = 0.001, reply = "250 2.0.0 ok" } } }, options,
        function(peer, transport)
          local watch = posthorn.spawn(function()
            while posthorn.sleep(0.002) do
              local n = 0
              for _ in pairs(peer.open) do n = n + 1 end
              most = math.max(most, n)
            end
          end)
          local counts = send_all(transport, 500)
          watch:cancel()
          assert.is_true(most <= (options.concurrency or 20))
          if case[2] then
            assert.same({ sent = 400 + case[2], ["limit temporary"] = 100 - case[2] }, counts)
            assert.equal(case[2], peer.connections)
            assert.is_true(most <= case[2])
          else
            assert.same({ sent = 500 }, counts)
          end
          assert.equal(counts.sent, #peer.bodies)
        end)
    end
  end)

  it("E16: first come, first served", function()
    setting.with({ ehlo = pipelining }, { pool = { size = 1 } }, function(peer, transport)
      assert.same({ sent = 100 }, send_all(transport, 100))
      for i = 1, 100 do assert.matches("Subject: " .. i .. "\r\n", peer.bodies[i], 1, true) end
      assert.equal(1, peer.connections)
    end)
  end)
end)

describe("faults D, all at once", function()
  local moments = {}
  for _, moment in ipairs { "greeting", "ehlo", "mail", "rcpt", "data", "body", "dot", "rset", "quit" } do
    moments[moment] = true
  end

  -- A server that hangs up anywhere; what it took whole it says by 250.
  local function moody(random, taken)
    local moods = {
      { close = true }, { reset = true }, { reply = "421 4.3.2 going down", close = true }, "451 4.3.0 later",
    }
    local peer, body
    local script = setmetatable({}, { __index = function(_, moment)
      if not moments[moment] then return nil end
      local lot = random(1, 100)
      if moment == "data" then body = lot > 97 and { close = true } or nil end
      if moment == "ehlo" then
        return lot > 3 and (lot % 4 > 0 and pipelining or { "8BITMIME" }) or { close = true }
      elseif moment == "body" then
        return body
      elseif lot <= (moment == "dot" and 20 or 3) then
        return moods[random(1, #moods)]
      elseif moment == "dot" then
        taken[#taken + 1] = peer.bodies[#peer.bodies]:match "Subject: (%d+)"
        if lot <= 30 then return { reply = "250 2.0.0 ok", close = true } end
        return "250 2.0.0 ok"
      end
    end })
    return script, function(started) peer = started end
  end

  local function generator(seed)
    return function(from, to)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return from + math.floor(seed / 65536) % (to - from + 1)
    end
  end

  it("nothing is lost and nothing doubled when connections end anywhere (S32)", function()
    local rounds = tonumber(os.getenv "CASES") and 200 or 4
    for seed = 1, rounds do
      local taken = {}
      local script, begin = moody(generator(seed), taken)
      local options = { pool = { size = 1 + seed % 4 }, concurrency = 1 + seed % 4, timeout = 20 }
      local outcome, count = {}, 150
      setting.with(script, options, function(peer, transport)
        begin(peer)
        local items = {}
        for i = 1, count do items[i] = setting.mail { subject = tostring(i) } end
        for item, result, _, failure in transport:send_many(items) do
          assert.is_nil(outcome[item.subject])
          outcome[item.subject] = result and "sent" or failure.class
        end
      end)
      local times = {}
      for _, subject in ipairs(taken) do times[subject] = (times[subject] or 0) + 1 end
      local sent = 0
      for i = 1, count do
        local what, n = outcome[tostring(i)], times[tostring(i)] or 0
        if what == "sent" then
          sent = sent + 1
          assert.equal(1, n, "seed " .. seed .. ", mail " .. i)
        elseif what == "unknown" then
          assert.is_true(n <= 1)
        else
          assert.equal("temporary", what)
          assert.equal(0, n, "seed " .. seed .. ", mail " .. i)
        end
      end
      assert.is_true(sent > count / 3, "only " .. sent .. " were sent")
    end
  end)
end)


describe("transports with bulk", function()
  local sinks = require "posthorn.sink"

  it("share writes over CHUNKING, and tell each outcome; without it they send all the same", function()
    for _, has_chunking in ipairs { true, false } do
      posthorn.run(function()
        local sink = sinks.new { respond = function(address)
          if address == "no@example.net" then return 550, "5.1.1", "no" end
        end }
        assert(sink:start())
        local transport = posthorn.transport {
          host = "127.0.0.1", port = sink.port, tls = "none", timeout = 10, bulk = true, concurrency = 2,
          extensions = has_chunking and {} or { chunking = "off" },
        }
        local items, seen = {}, {}
        for i = 1, 200 do
          local to = i % 50 == 0 and "no@example.net" or "bob@example.net"
          items[i] = assert(posthorn.raw(("Subject: %d\r\n\r\n.x\r\n"):format(i), { from = "", to = { to } }))
        end
        for item, result, message, failure in transport:send_many(items) do
          assert.is_nil(seen[item])
          seen[item] = true
          if item:envelope().to[1] == "no@example.net" then
            assert.equal(550, failure.code)
          else
            assert(result, message)
          end
        end
        transport:close()
        assert.equal(196, sink.count)
        local times = {}
        for _, message in ipairs(sink.messages) do
          assert.is_nil(times[message.bytes])
          times[message.bytes] = true
        end
        sink:stop()
      end)
    end
  end)
end)

describe("faults E, callbacks and collection", function()
  it("E12: a callback that yields or raises ends no mail, in whatever task it runs", function()
    for _, callback in ipairs {
      function() coroutine.yield("mine") end, function() error { "any" } end, function() posthorn.sleep(0.001) end,
      function() collectgarbage() collectgarbage() end,
    } do
      setting.with({ ehlo = pipelining }, { trace = callback, concurrency = 1, timeout = 20 },
        function(peer, transport)
          local items = { setting.mail(), setting.mail(), assert(posthorn.raw("Subject: x\r\n\r\nx\r\n",
            { from = "", to = { "bob@example.net" } })) }
          local count = 0
          for _, result, message in transport:send_many(items, { progress = callback }) do
            assert(result, message)
            count = count + 1
          end
          assert.equal(3, count)
          assert(transport:send(setting.mail(), { progress = callback }))
          assert.equal(4, #peer.bodies)
        end)
    end
  end)

  it("E12: a result that is known stays, whatever is collected or closed then", function()
    local result
    setting.with({ ehlo = pipelining }, function(_, transport)
      result = assert(transport:send(setting.mail()))
      transport:close()
    end)
    collectgarbage()
    collectgarbage()
    assert.same({ "bob@example.net" }, result.accepted)
    assert.equal(250, result.recipients[1].code)
  end)
end)
