-- pool_spec.lua - lua/posthorn/pool.lua: how many connections there are at once.
local posthorn = require "posthorn"
local sinks = require "posthorn.sink"

describe("posthorn.pool", function()
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
