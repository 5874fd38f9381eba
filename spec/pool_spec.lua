-- pool_spec.lua - the queue and the connections of a transport (api.md, section 2: pool,
-- concurrency, rate).
local posthorn = require "posthorn"
local rates = require "posthorn.rate"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

local pipelining = { "PIPELINING", "8BITMIME" }

-- Waits until fn gives a true value, for some seconds at most.
local function until_true(fn)
  for _ = 1, 500 do
    if fn() then return end
    posthorn.sleep(0.01)
  end
  error("it never came to that", 2)
end

local function open_of(peer)
  local n = 0
  for _ in pairs(peer.open) do n = n + 1 end
  return n
end

local function raw(subject)
  return assert(posthorn.raw(("Subject: %s\r\n\r\nx\r\n"):format(subject),
    { from = "ada@example.org", to = { "bob@example.net" } }))
end

local function mail(subject)
  return setting.mail { subject = tostring(subject) }
end

describe("the pool of a transport", function()
  it("ends a connection that was idle, and holds up no run", function()
    local now = posthorn.driver().now
    setting.with({ ehlo = pipelining }, { pool = { idle = 0.1 } }, function(peer, transport)
      assert(transport:send(setting.mail()))
      assert.equal(1, open_of(peer))
      until_true(function() return open_of(peer) == 0 end)
      assert.equal(1, peer:count "QUIT")
      assert(transport:send(setting.mail()))
      assert.equal(2, peer.connections)
    end)
    local began = now()
    setting.with({ ehlo = pipelining }, { pool = { idle = 30 } }, function(_, transport)
      assert(transport:send(setting.mail()))
    end)
    assert.is_true(now() - began < 5)
  end)

  it("lets a transport go that nobody holds, and its connection with it", function()
    posthorn.run(function()
      local peer = require("spec.peer").start { ehlo = pipelining }
      do
        local transport = posthorn.transport { host = "127.0.0.1", port = peer.port, tls = "none" }
        assert(transport:send(setting.mail()))
      end
      until_true(function()
        collectgarbage()
        return open_of(peer) == 0
      end)
      assert.equal(0, peer:count "QUIT")
      peer:stop()
    end)
  end)

  it("takes no more mails over a connection than it may, and none twice with pool = false", function()
    for _, case in ipairs { { { messages = 2 }, 3 }, { { messages = 0 }, 1 }, { false, 6 } } do
      for _, kind in ipairs { mail, raw } do
        setting.with({ ehlo = pipelining }, { pool = case[1], concurrency = 1 }, function(peer, transport)
          local items = {}
          for i = 1, 6 do items[i] = kind(i) end
          local count = 0
          for _, result, message in transport:send_many(items) do
            assert(result, message)
            assert.same({}, result.warnings)
            count = count + 1
          end
          assert.equal(6, count)
          assert.equal(6, #peer.bodies)
          assert.equal(case[2], peer.connections)
        end)
      end
    end
  end)

  it("goes on over the connection of a send that is over, without a probe", function()
    setting.with({ ehlo = pipelining }, { pool = { size = 1 } }, function(peer, transport)
      local tasks = {}
      for i = 1, 10 do tasks[i] = posthorn.spawn(transport.send, transport, mail(i)) end
      for _, task in ipairs(tasks) do assert(task:wait()) end
      assert.equal(1, peer.connections)
      assert.equal(0, peer:count "RSET")
      assert(transport:send(mail(11)))
      assert.equal(1, peer:count "RSET")
    end)
  end)

  it("obeys MAILMAX of LIMITS (RFC 9422)", function()
    setting.with({ ehlo = { "PIPELINING", "LIMITS MAILMAX=2" } }, { concurrency = 1 }, function(peer, transport)
      for _, result, message in transport:send_many { raw(1), raw(2), raw(3), raw(4), raw(5) } do
        assert(result, message)
      end
      assert.equal(3, peer.connections)
    end)
  end)

  it("ends a mail that waits at once: by cancel, timeout, its task and close", function()
    setting.with({ ehlo = pipelining, dot = { silence = true } }, { pool = { size = 1 }, timeout = 20 },
      function(peer, transport)
        local now = transport.driver.now
        local function waits(options)
          local began = now()
          local result, _, failure = transport:send(setting.mail(), options)
          assert.is_nil(result)
          return failure.kind, failure.class, now() - began
        end
        local first = posthorn.spawn(waits)
        until_true(function() return #peer.bodies == 1 end)
        local stop = posthorn.canceller()
        local cancelled, task = posthorn.spawn(waits, { cancel = stop }), posthorn.spawn(waits)
        local late, last = posthorn.spawn(waits, { timeout = 0.1 }), posthorn.spawn(waits)
        posthorn.sleep(0)
        stop:cancel()
        task:cancel()
        assert.equal("cancelled temporary", table.concat({ cancelled:wait() }, " ", 1, 2))
        assert.equal("cancelled temporary", table.concat({ task:wait() }, " ", 1, 2))
        local kind, class, seconds = late:wait()
        assert.equal("timeout temporary", kind .. " " .. class)
        assert.is_true(seconds < 1)
        transport:close()
        assert.equal("cancelled temporary", table.concat({ last:wait() }, " ", 1, 2))
        assert.equal("cancelled unknown", table.concat({ first:wait() }, " ", 1, 2))
        assert.equal(1, peer.connections)
      end)
  end)

  it("ends by timeout what send_many has waiting", function()
    setting.with({ ehlo = pipelining, dot = { silence = true } }, { pool = { size = 1 }, concurrency = 3 },
      function(_, transport)
        local kinds, began = {}, transport.driver.now()
        for item, _, _, failure in transport:send_many({ raw(1), raw(2), raw(3) }, { timeout = 0.2 }) do
          assert(item)
          kinds[#kinds + 1] = failure.kind
        end
        assert.same({ "timeout", "timeout", "timeout" }, kinds)
        assert.is_true(transport.driver.now() - began < 2)
      end)
  end)

  it("ends a mail under way, and its neighbour goes again untouched", function()
    for _, kind in ipairs { mail, raw } do
      for _, which in ipairs { 1, 2 } do
        local script = { per_connection = {
          { ehlo = pipelining, dot = { { wait = which == 1 and 60 or 0.3, reply = "250 2.0.0 ok" } } },
          { ehlo = pipelining },
        } }
        setting.with(script, { pool = { size = 1 }, timeout = 20 }, function(peer, transport)
          local stop = posthorn.canceller()
          local told = {}
          local items = { kind(1), kind(2) }
          local options = { [which] = { cancel = stop } }
          local i = 0
          posthorn.spawn(function()
            until_true(function() return #peer.bodies == 1 end)
            posthorn.sleep(0.05)
            stop:cancel()
          end)
          for item, result, _, failure in transport:send_many(function()
            i = i + 1
            return items[i], options[i]
          end) do
            told[item == items[1] and 1 or 2] = result and "sent" or failure.kind .. " " .. failure.class
          end
          if which == 1 then
            assert.same({ "cancelled unknown", "sent" }, told)
          else
            assert.same({ "sent", "cancelled temporary" }, told)
          end
          assert.equal(which == 1 and 2 or 1, #peer.bodies)
        end)
      end
    end
  end)
end)

describe("the rate of a transport", function()
  it("lets so many go at once, then one after another", function()
    local rate = rates.new(3, 6, 100)
    for _ = 1, 3 do assert.is_true(rate:take(100)) end
    assert.is_false(rate:take(100))
    assert.equal(102, rate:time_of(1, 100))
    assert.equal(106, rate:time_of(3, 100))
    assert.is_true(rate:take(102))
    assert.is_false(rate:take(103.9))
    assert.equal(1000, rate:time_of(3, 1000)) -- full again, and no fuller
    assert.equal(1002, rate:time_of(4, 1000))
  end)

  it("holds over all sends of a transport, without a loop of its own", function()
    for _, kind in ipairs { mail, raw } do
      setting.with({ ehlo = pipelining }, { rate = { messages = 2, seconds = 0.2 } }, function(peer, transport)
        local began, count = transport.driver.now(), 0
        for _, result, message in transport:send_many { kind(1), kind(2), kind(3), kind(4) } do
          assert(result, message)
          count = count + 1
        end
        assert(transport:send(kind(5)))
        assert.equal(4, count)
        assert.equal(5, #peer.bodies)
        assert.is_true(transport.driver.now() - began >= 0.3 - 0.001)
      end)
    end
  end)

  it("tells at once when a mail would go only after its timeout", function()
    setting.with({ ehlo = pipelining }, { rate = { messages = 1, seconds = 60 } }, function(peer, transport)
      assert(transport:send(setting.mail()))
      local began = transport.driver.now()
      local result, _, failure = transport:send(setting.mail(), { timeout = 10 })
      assert.is_nil(result)
      assert.equal("limit", failure.kind)
      assert.equal("temporary", failure.class)
      assert.is_true(transport.driver.now() - began < 5)
      assert.equal(1, #peer.bodies)
    end)
  end)
end)

describe("the size of a pool", function()
  -- As many sinks as servers, each holding its mail until `wanted` of them have one. Gives how many
  -- had one at once, at most.
  local function most_at_once(balance, servers, wanted)
    local most, held = 0, 0
    posthorn.run(function()
      local list, urls = {}, {}
      for i = 1, servers do
        list[i] = sinks.new { respond = function(address)
          if address then return end
          held = held + 1
          most = math.max(most, held)
          for _ = 1, most < wanted and 500 or 0 do
            if most >= wanted then break end
            posthorn.sleep(0.01)
          end
          held = held - 1
        end }
        assert(list[i]:start())
        urls[i] = { host = "127.0.0.1", port = list[i].port, tls = "none" }
      end
      local transport = posthorn.transport { servers = urls, balance = balance, pool = { size = 1 } }
      local items = {}
      for i = 1, servers do
        items[i] = { from = "ada@example.org", to = "bob@example.net", subject = "mail " .. i, text = "." }
      end
      for _, result, message in transport:send_many(items) do assert(result, message) end
      transport:close()
      for _, sink in ipairs(list) do sink:stop() end
    end)
    return most
  end

  it("has size connections to each server where they take turns", function()
    assert.equal(3, most_at_once("round_robin", 3, 3))
  end)

  it("has size connections in all where one server is in use", function()
    assert.equal(1, most_at_once("failover", 3, 1))
  end)
end)
