-- sys_spec.lua - the built-in driver over loopback.
local drivers = require "posthorn.driver"
local sys = require "posthorn.driver.sys"

for _, kind in ipairs { "epoll", "poll" } do
  describe("the sys driver by " .. kind, function()
    local driver, listener

    before_each(function()
      driver = sys.new { poll = kind }
      listener = assert(driver.listen { ip = "127.0.0.1", port = 0 })
    end)

    after_each(function()
      listener:close()
    end)

    local function connect()
      return assert(driver.connect({ ip = "127.0.0.1", port = listener.port }, driver.now() + 5))
    end

    it("connects, writes, reads and meets the end of file", function()
      local function serve()
        local peer = assert(listener:accept(driver.now() + 5))
        while true do
          local bytes, reason = peer:read(4096, driver.now() + 5)
          if not bytes then
            peer:close()
            return reason
          end
          assert(peer:write(bytes, driver.now() + 5))
        end
      end
      local answer, reason, last, quiet = driver.run(function()
        local server = driver.spawn(serve)
        local connection = connect()
        assert.is_true(connection:write("hello", driver.now() + 5))
        local got = connection:read(4096, driver.now() + 5)
        local is_quiet = connection:is_quiet()
        connection:shutdown()
        local _, why = connection:read(4096, driver.now() + 5)
        connection:close()
        return got, why, server:wait(), is_quiet
      end)
      assert.same({ "hello", "eof", "eof", true }, { answer, reason, last, quiet })
    end)

    it("times out, and a wait whose deadline has passed does at once", function()
      local connection = connect()
      local began = driver.now()
      assert.same({ nil, "timeout" }, { connection:read(10, began + 0.03) })
      assert.is_true(driver.now() - began >= 0.03)
      assert.same({ nil, "timeout" }, { connection:read(10, 0) })
      connection:close()
    end)

    it("says that a connection is refused", function()
      local port = listener.port
      listener:close()
      local connection, reason, text = driver.connect({ ip = "127.0.0.1", port = port })
      assert.is_nil(connection)
      assert.same({ "error", "connection refused" }, { reason, text })
    end)
  end)
end

describe("posthorn.driver.get", function()
  it("gives one driver for this host, by name or unasked", function()
    assert.equal(drivers.get(), drivers.get "sys")
  end)

  it("takes a table that has what is needed, and fills in the rest", function()
    local given = { name = nil }
    for _, name in ipairs { "now", "sleep", "spawn", "run", "connect" } do
      assert.has_error(function()
        drivers.get(given)
      end, ("option 'driver' lacks the function '%s'"):format(name))
      given[name] = print
    end
    assert.equal(given, drivers.get(given))
    assert.same({ true, 7 }, { given.pcall(given.in_place, function() return 7 end) })
    assert.is_false(given.is_cancelled())
  end)

  it("refuses other names and types", function()
    assert.has_error(function()
      drivers.get "nothing"
    end, "option 'driver': there is no driver named 'nothing'")
    assert.has_error(function()
      drivers.get(7)
    end, "option 'driver' must be a name or a table, not a number")
  end)
end)
