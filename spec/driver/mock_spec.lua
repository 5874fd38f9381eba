-- mock_spec.lua - the driver for specs: peers in memory, a clock that jumps.
local drivers = require "posthorn.driver"
local mock = require "posthorn.driver.mock"

local ADDRESS = { ip = "192.0.2.1", port = 25 }

describe("posthorn.driver.mock", function()
  it("is a driver", function()
    local driver = mock.new()
    assert.equal(driver, drivers.get(driver))
  end)

  it("lets a scripted peer answer what it reads", function()
    local driver = mock.new {
      peer = function(peer, address)
        assert(peer:write("220 " .. address.ip .. "\r\n"))
        assert.equal("EHLO us", peer:read_line())
        assert(peer:write("250 hello\r\n"))
      end,
    }
    local connection = assert(driver.connect(ADDRESS))
    assert.equal("220 192.0.2.1\r\n", connection:read(512))
    assert.is_true(connection:is_quiet())
    assert.is_true(connection:write("EHLO us\r\n"))
    assert.equal("250", connection:read(3))
    assert.equal(" hello\r\n", connection:read(512))
    assert.same({ nil, "eof" }, { connection:read(512) })
    connection:close()
    driver.peers[1]:wait()
  end)

  it("lets ten minutes pass in no time", function()
    local driver = mock.new {
      peer = function(peer)
        peer:read(1)
      end,
    }
    local connection = assert(driver.connect(ADDRESS))
    local began = os.clock()
    assert.same({ nil, "timeout" }, { connection:read(512, driver.now() + 600) })
    assert.equal(600, driver.now())
    assert.is_true(driver.sleep(86400))
    assert.equal(87000, driver.now())
    assert.is_true(os.clock() - began < 1)
  end)

  it("ends waits in the order of their deadlines when the clock is advanced", function()
    local driver, order = mock.new(), {}
    driver.run(function()
      for _, seconds in ipairs { 3, 1, 2, 9 } do
        driver.spawn(function()
          driver.sleep(seconds)
          order[#order + 1] = seconds
        end)
      end
      driver.sleep(0)
      driver.advance(5)
      driver.sleep(0)
      order[#order + 1] = "five"
    end)
    assert.same({ 1, 2, 3, "five", 9 }, order)
  end)

  it("holds a writer back when nobody reads", function()
    local driver = mock.new {
      capacity = 10,
      peer = function(peer)
        local got = {}
        repeat
          local bytes = peer:read(4)
          got[#got + 1] = bytes
        until not bytes
        assert.equal(("x"):rep(25), table.concat(got))
      end,
    }
    local connection = assert(driver.connect(ADDRESS))
    assert.is_true(connection:write(("x"):rep(25)))
    connection:shutdown()
    driver.peers[1]:wait()

    driver = mock.new { capacity = 10, peer = function() driver.sleep(100) end }
    connection = assert(driver.connect(ADDRESS))
    assert.same({ nil, "timeout" }, { connection:write(("x"):rep(25), driver.now() + 50) })
  end)

  it("refuses, or lets a connection time out", function()
    local driver = mock.new {
      connect = function(address)
        if address.port == 25 then
          return "timeout"
        end
        return "error", "connection refused"
      end,
    }
    assert.same({ nil, "timeout" }, { driver.connect(ADDRESS, driver.now() + 30) })
    assert.equal(30, driver.now())
    assert.same({ nil, "error", "connection refused" },
      { driver.connect({ ip = "192.0.2.1", port = 587 }, driver.now() + 30) })
    assert.equal(30, driver.now())
  end)

  it("wakes a read, and a connect under way", function()
    local driver = mock.new { delay = 10, peer = function(peer) peer:read(1) end }
    driver.run(function()
      local owner = {}
      local task = driver.spawn(function()
        return driver.connect(ADDRESS, nil, owner)
      end)
      driver.sleep(1)
      assert.is_true(owner.wake())
      assert.same({ nil, "woken" }, { task:wait() })
      assert.is_nil(owner.wake)

      local connection = assert(driver.connect(ADDRESS))
      task = driver.spawn(connection.read, connection, 512)
      driver.sleep(1)
      assert.is_true(connection:wake())
      assert.same({ nil, "woken" }, { task:wait() })
      assert.is_false(connection:wake())
    end)
  end)

  it("listens, and carries datagrams", function()
    local driver = mock.new {
      datagram = function(bytes, ip, port, reply)
        reply(("%s to %s:%d"):format(bytes, ip, port))
      end,
    }
    local listener = driver.listen { ip = "127.0.0.1", port = 0 }
    local near = assert(driver.connect { ip = "127.0.0.1", port = listener.port })
    local far = assert(listener:accept())
    far:write("hi")
    assert.equal("hi", near:read(10))
    local socket = driver.datagram("192.0.2.53", 53)
    assert.is_true(socket:send("question"))
    assert.equal("question to 192.0.2.53:53", socket:receive(driver.now() + 5))
    assert.same({ nil, "timeout" }, { socket:receive(driver.now() + 5) })
  end)

  it("raises a peer's error to whoever waits for the peer", function()
    local driver = mock.new {
      peer = function()
        error("no such script", 0)
      end,
    }
    local connection = assert(driver.connect(ADDRESS))
    assert.same({ nil, "eof" }, { connection:read(1) })
    assert.has_error(function()
      driver.peers[1]:wait()
    end, "no such script")
  end)
end)
