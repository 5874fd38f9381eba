-- exchange_spec.lua - octets between a descriptor and a machine, in C.
local core = require "posthorn.core"
local loopback = require "spec.sys.loopback"

for _, kind in ipairs { "epoll", "poll" } do
  describe("exchange by " .. kind, function()
    local driver, listener, soon, pair

    before_each(function()
      driver, listener, soon, pair = loopback.open(kind)
    end)

    after_each(function()
      listener:close()
    end)

    -- The next event of a session or a receiver.
    local function await(connection, object)
      while true do
        local event, value = object:next()
        if event then
          return event, value
        end
        assert(connection:exchange(object:machine(), soon()))
      end
    end

    local function serve(connection)
      local receiver = assert(core.receiver())
      local event, mail
      repeat
        event, mail = await(connection, receiver)
        if event == "message" then
          receiver:reply()
        end
      until event == "message" or event == "closed"
      if event == "message" then
        repeat until (await(connection, receiver)) == "closed"
      end
      connection:close()
      return mail
    end

    local function write_body(connection, session, content)
      local sent = 0
      local event, value
      repeat
        event, value = await(connection, session)
        if event == "want_body" and sent < #content then
          sent = sent + session:body(content:sub(sent + 1, sent + value))
        elseif event == "want_body" then
          session:body()
        end
      until event ~= "want_body" and event ~= "recipient" and event ~= "ready"
      return event, value
    end

    local ENVELOPE = { from = "a@example.org", to = { "b@example.net" } }

    it("carries a conversation and 1 MiB through small buffers", function()
      local content = ("0123456789abcdef0123456789abcd\r\n"):rep(32768)
      driver.run(function()
        local near, far = pair()
        near.socket:buffers(32768)
        far.socket:buffers(32768)
        local server = driver.spawn(serve, far)
        local session = assert(core.session { hello_name = "client.example" })
        assert.equal("ready", (await(near, session)))
        assert(session:send(ENVELOPE, {}))
        assert.equal("delivered", (write_body(near, session, content)))
        session:quit()
        local event
        repeat
          event = await(near, session)
        until event == "closed" or event == "failed"
        assert.equal("closed", event)
        near:close()
        assert.equal(content, server:wait().content)
      end)
    end)

    it("tells of a premature reply though the peer reads no more (S18)", function()
      driver.run(function()
        local near, far = pair()
        driver.spawn(function()
          assert(far:write("220 hi\r\n", soon()))
          for _, answer in ipairs { "250 hi", "250 ok", "250 ok", "354 go" } do
            assert(far:read(512, soon()))
            assert(far:write(answer .. "\r\n", soon()))
          end
          assert(far:read(512, soon()))
          assert(far:write("452 4.3.1 no room\r\n", soon()))
          far:close() -- with octets unread: a reset
        end)
        local session = assert(core.session { hello_name = "client.example" })
        assert.equal("ready", (await(near, session)))
        assert(session:send(ENVELOPE, {}))
        local event, failure = write_body(near, session, (("x"):rep(70) .. "\r\n"):rep(200000))
        assert.equal(452, failure.code, event)
        near:close()
      end)
    end)

    it("feeds the end of file to the machine", function()
      driver.run(function()
        local near, far = pair()
        far:write("220 hi\r\n")
        far:close()
        local session = assert(core.session { hello_name = "client.example" })
        local event, failure = await(near, session)
        assert.equal("failed", event)
        assert.equal("closed", failure.kind)
        near:close()
      end)
    end)

    it("times out, is woken, and refuses a machine that was closed", function()
      driver.run(function()
        local near, far = pair()
        local session = assert(core.session { hello_name = "client.example" })
        local machine = session:machine()
        assert.same({ nil, "timeout" }, { near:exchange(machine, driver.now() + 0.01) })
        assert.same({ nil, "timeout" }, { near:exchange(machine, 0) })
        local task = driver.spawn(near.exchange, near, machine)
        driver.sleep(0.001)
        assert.is_true(near:wake())
        assert.same({ nil, "woken" }, { task:wait() })
        task = driver.spawn(near.exchange, near, machine)
        task:cancel()
        assert.same({ nil, "woken" }, { task:wait() })
        task = driver.spawn(near.exchange, near, machine)
        driver.sleep(0.001)
        session:close()
        far:write("220 late\r\n")
        assert.same({ nil, "error", "the machine was closed" }, { task:wait() })
        assert.same({ nil, "error", "the machine was closed" }, { near:exchange(machine) })
        near:close()
        far:close()
      end)
    end)

    it("can be woken by the end of its connection", function()
      driver.run(function()
        local near, far = pair()
        local session = assert(core.session { hello_name = "client.example" })
        local task = driver.spawn(near.exchange, near, session:machine())
        driver.sleep(0.001)
        near:close()
        assert.same({ nil, "woken" }, { task:wait() })
        far:close()
      end)
    end)

    it("refuses what is no machine", function()
      local near, far = pair()
      assert.has_error(function()
        near:exchange({}, soon())
      end)
      near:close()
      far:close()
    end)
  end)
end
