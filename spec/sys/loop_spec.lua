-- loop_spec.lua - real sockets on loopback, by both ways of waiting.
local loopback = require "spec.sys.loopback"

local sys = require "posthorn.sys"

local LOCAL = loopback.ip

for _, kind in ipairs { "epoll", "poll" } do
  describe("sockets by " .. kind, function()
    local driver, listener, soon, pair

    before_each(function()
      driver, listener, soon, pair = loopback.open(kind)
    end)

    after_each(function()
      listener:close()
    end)

    it("carry 1 MiB both ways at once through small buffers", function()
      local block = ("0123456789abcdef"):rep(65536)
      driver.run(function()
        local near, far = pair()
        near.socket:buffers(32768)
        far.socket:buffers(32768)
        local function read_all(connection)
          local got, size = {}, 0
          while size < #block do
            local bytes = assert(connection:read(65536, soon()))
            got[#got + 1], size = bytes, size + #bytes
          end
          return table.concat(got) == block
        end
        local readers = { driver.spawn(read_all, near), driver.spawn(read_all, far) }
        local writer = driver.spawn(far.write, far, block, soon())
        assert.is_true(near:write(block, soon()))
        assert.is_true(writer:wait())
        assert.is_true(readers[1]:wait())
        assert.is_true(readers[2]:wait())
        near:close()
        far:close()
      end)
    end)

    it("refuse a second reader of one connection", function()
      driver.run(function()
        local near, far = pair()
        local first = driver.spawn(near.read, near, 10, soon())
        driver.sleep(0)
        local is_ok, err = driver.pcall(near.read, near, 10, soon())
        assert.is_false(is_ok)
        assert.truthy(err:find("another coroutine waits", 1, true))
        far:write("x")
        assert.equal("x", first:wait())
        near:close()
        far:close()
      end)
    end)

    it("serve 500 connections at once", function()
      local count = 500
      driver.run(function()
        driver.spawn(function()
          for _ = 1, count do
            local peer = assert(listener:accept(soon()))
            driver.spawn(function()
              local bytes = assert(peer:read(100, soon()))
              driver.sleep(0.01)
              assert(peer:write(bytes:upper(), soon()))
              peer:read(1, soon())
              peer:close()
            end)
          end
        end)
        local clients = {}
        for i = 1, count do
          clients[i] = driver.spawn(function()
            local near = assert(driver.connect({ ip = LOCAL, port = listener.port }, soon()))
            assert(near:write("client " .. i, soon()))
            local answer = near:read(100, soon())
            near:close()
            return answer
          end)
        end
        for i = 1, count do
          assert.equal("CLIENT " .. i, clients[i]:wait())
        end
      end)
    end)

    it("time out while a connection is under way, and can be woken", function()
      -- A full queue: Linux leaves further ones without an answer.
      local full = assert(driver.listen { ip = LOCAL, port = 0, backlog = 0 })
      local address = { ip = LOCAL, port = full.port }
      local held = {}
      repeat
        local connection, reason = driver.connect(address, driver.now() + 0.05)
        held[#held + 1] = connection
        if not connection then
          assert.equal("timeout", reason)
        end
      until not connection or #held > 10
      assert.is_true(#held <= 10)
      driver.run(function()
        local owner = {}
        local task = driver.spawn(driver.connect, address, soon(), owner)
        driver.sleep(0.01)
        assert.is_true(owner.wake())
        assert.same({ nil, "woken" }, { task:wait() })
      end)
      for _, connection in ipairs(held) do
        connection:close()
      end
      full:close()
    end)

    it("are woken from another task, and by their end", function()
      driver.run(function()
        local near, far = pair()
        local task = driver.spawn(near.read, near, 10)
        driver.sleep(0.001)
        assert.is_true(near:wake())
        assert.is_false(near:wake())
        assert.same({ nil, "woken" }, { task:wait() })
        task = driver.spawn(near.read, near, 10)
        driver.sleep(0.001)
        task:cancel()
        assert.same({ nil, "woken" }, { task:wait() })
        task = driver.spawn(near.read, near, 10)
        driver.sleep(0.001)
        near:close()
        near:close()
        assert.same({ nil, "woken" }, { task:wait() })
        assert.has_error(function()
          near:is_quiet()
        end, "the connection was closed")
        far:close()
      end)
    end)

    it("find the end of a peer that said something and left at once", function()
      driver.run(function()
        for _ = 1, 50 do
          local near, far = pair()
          local other = driver.spawn(driver.sleep, 0.001)
          far:write("bye")
          far:close()
          other:wait()
          assert.equal("bye", near:read(100, soon()))
          assert.same({ nil, "eof" }, { near:read(100, soon()) })
          near:close()
        end
      end)
    end)

    it("tell a quiet connection from one with octets, or at its end", function()
      local near, far = pair()
      assert.is_true(near:is_quiet())
      far:write("421")
      driver.sleep(0.01)
      assert.is_false(near:is_quiet())
      assert.equal("421", near:read(100))
      assert.is_true(near:is_quiet())
      far:close()
      driver.sleep(0.01)
      assert.is_false(near:is_quiet())
      near:close()
    end)

    it("report a reset as an error, and raise no signal", function()
      local near, far = pair()
      near:write("unread")
      driver.sleep(0.01)
      far:close()
      driver.sleep(0.01)
      local reason
      for _ = 1, 3 do
        local is_written
        is_written, reason = near:write("more", soon())
        driver.sleep(0.001)
        if not is_written then
          break
        end
      end
      assert.equal("error", reason)
      near:close()
    end)

    it("talk over a Unix path", function()
      local path = os.tmpname()
      os.remove(path)
      local local_listener = assert(driver.listen { path = path })
      local near = assert(driver.connect({ path = path }, soon()))
      local far = assert(local_listener:accept(soon()))
      assert.is_true(near:write("hello"))
      assert.equal("hello", far:read(10, soon()))
      near:close()
      far:close()
      local_listener:close()
      os.remove(path)
      local _, reason, text = driver.connect({ path = path }, soon())
      assert.same({ "error", "no such path" }, { reason, text })
    end)

    it("that could not connect close no descriptor of others when they are forgotten", function()
      local path = os.tmpname()
      os.remove(path)
      for _ = 1, 3 do
        assert.is_nil((driver.connect({ path = path }, soon())))
        -- Has the number of the one that failed.
        local near = assert(driver.connect({ ip = LOCAL, port = listener.port }, soon()))
        local far = assert(listener:accept(soon()))
        collectgarbage()
        collectgarbage()
        assert.is_true(far:write("hello"))
        assert.equal("hello", near:read(10, soon()))
        near:close()
        far:close()
      end
    end)

    it("wait for room in a Unix socket's queue", function()
      local path = os.tmpname()
      os.remove(path)
      local full = assert(driver.listen { path = path, backlog = 0 })
      local first = assert(driver.connect({ path = path }, soon()))
      assert.same({ nil, "timeout" }, { driver.connect({ path = path }, driver.now() + 0.03) })
      driver.run(function()
        local task = driver.spawn(driver.connect, { path = path }, soon())
        driver.sleep(0.01)
        assert(full:accept(soon())):close()
        assert(task:wait()):close()
      end)
      first:close()
      full:close()
      os.remove(path)
    end)

    it("talk from a local address", function()
      local near = assert(driver.connect({ ip = LOCAL, port = listener.port,
        local_address = "127.0.0.9" }, soon()))
      assert.equal("127.0.0.9", near:local_ip())
      assert(listener:accept(soon())):close()
      near:close()
      for own, expected in pairs {
        ["192.0.2.9"] = { "local", "address not available" },
        ["localhost"] = { "error", "not an IP address, port or path" },
      } do
        local connection, reason, text = driver.connect({ ip = LOCAL, port = listener.port,
          local_address = own }, soon())
        assert.is_nil(connection)
        assert.same(expected, { reason, text })
      end
      local _, reason = driver.connect({ ip = LOCAL, port = listener.port, local_address = "::1" },
        soon())
      assert.equal("local", reason)
    end)

    it("send and receive datagrams", function()
      -- Nobody listens there: the system tells, or nothing comes.
      local port = listener.port
      local socket = assert(driver.datagram(LOCAL, port))
      assert.is_true(socket:send("question"))
      local bytes, reason = socket:receive(driver.now() + 0.05)
      assert.is_nil(bytes)
      assert.truthy(reason == "error" or reason == "timeout")
      socket:close()
    end)

    it("refuse what is no address", function()
      for _, address in ipairs {
        { ip = "localhost", port = 25 },
        { ip = "127.0.0.1\0", port = 25 },
        { ip = "127.0.0.1", port = 70000 },
        { ip = "127.0.0.1", port = 25, local_address = "127.0.0.1\0" },
        { path = "" },
        { path = ("x"):rep(200) },
      } do
        local connection, reason, text = driver.connect(address, soon())
        assert.is_nil(connection)
        assert.same({ "error", "not an IP address, port or path" }, { reason, text })
      end
      assert.has_error(function()
        driver.connect({ port = 25 })
      end)
    end)

    it("talk over IPv6 where it is", function()
      local six = driver.listen { ip = "::1", port = 0 }
      if not six then
        return -- a host without IPv6: nothing to test
      end
      local near = assert(driver.connect({ ip = "::1", port = six.port }, soon()))
      assert.equal("::1", near:local_ip())
      near:close()
      six:close()
    end)

    it("are closed when they are forgotten", function()
      local near, far = pair()
      assert.is_true(far:is_quiet())
      assert.equal(LOCAL, near:local_ip())
      near = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert.same({ nil, "eof" }, { far:read(1, soon()) })
      far:close()
    end)

    it("keep their deadlines when a peer drips octets", function()
      driver.run(function()
        local near, far = pair()
        local dripping = driver.spawn(function()
          while far:write("x") do
            if not driver.sleep(0.002) then
              return
            end
          end
        end)
        local deadline = driver.now() + 0.05
        local bytes, reason
        repeat
          bytes, reason = near:read(1, deadline)
        until not bytes
        assert.equal("timeout", reason)
        assert.is_true(driver.now() < deadline + 1)
        dripping:cancel()
        dripping:wait()
        near:close()
        far:close()
      end)
    end)
  end)
end

describe("posthorn.sys", function()
  it("has a clock that goes on, and a host name", function()
    local first = sys.now()
    assert.is_true(sys.now() >= first)
    assert.equal("string", type(sys.hostname()))
  end)

  it("refuses an unknown way of waiting", function()
    assert.has_error(function()
      sys.loop { poll = "select" }
    end)
  end)
end)
