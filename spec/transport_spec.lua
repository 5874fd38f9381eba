-- transport_spec.lua - transports against our own server on loopback.
local patiently = require "spec.patience"
local peers = require "spec.peer"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

-- Runs fn(sink, transport) in the loop.
local function at_sink(options, fn)
  return posthorn.run(function()
    local sink = sinks.new(options)
    assert(sink:start())
    local given = { host = "127.0.0.1", port = sink.port, timeout = 10, tls = "none" }
    local transport = posthorn.transport(given)
    fn(sink, transport)
    transport:close()
    sink:stop()
  end)
end

describe("posthorn.transport", function()
  it("delivers a message octet by octet, and tells the whole result", function()
    at_sink({}, function(sink, transport)
      local message = assert(posthorn.message(setting.mail {
        text = "Grüße\n.\n..\n", html = "<b>x</b>",
        attachments = { { content = ("\0\255\r\n."):rep(5000), filename = "ü.bin" } },
      }))
      local result = assert(transport:send(message))
      assert.equal(message:bytes(), sink.messages[1].bytes)
      assert.same({ from = "ada@example.org", to = { "bob@example.net" } }, sink.messages[1].envelope)
      assert.equal(250, result.reply.code)
      assert.equal("127.0.0.1", result.ip)
      assert.equal(sink.port, result.port)
      assert.equal("127.0.0.1", result.recipients[1].ip)
      assert.equal(message.id, result.message_id)
      assert.same({}, result.warnings)
      assert.is_nil(result.tls)
      assert.is_true(result.seconds >= 0 and result.seconds < 5)
    end)
  end)

  it("works in a plain script, without a loop around it", function()
    local sink = sinks.new {}
    assert(sink:start())
    local result, message = posthorn.send {
      server = "smtp://127.0.0.1:" .. sink.port, timeout = 5,
      from = "ada@example.org", to = "bob@example.net", subject = "s", text = "one\n",
    }
    assert(result, message)
    assert.equal(1, sink.count)
    sink:stop()
  end)

  it("works in a coroutine that is no task, and below pcall", function()
    local sink = sinks.new {}
    assert(sink:start())
    local transport = posthorn.transport("smtp://127.0.0.1:" .. sink.port)
    local co = coroutine.wrap(function()
      local ok, result = pcall(transport.send, transport, setting.mail())
      return ok and result
    end)
    assert.equal(1, #co().accepted)
    posthorn.run(function()
      local ok, result = pcall(transport.send, transport, setting.mail())
      assert(ok, result)
      assert.equal(1, #result.accepted)
    end)
    transport:close()
    sink:stop()
  end)

  it("shakes hands by STARTTLS and from the first octet, verified, with a login", function()
    for _, implicit in ipairs { false, true } do
      posthorn.run(function()
        local sink = sinks.new { tls = true, implicit_tls = implicit, users = { user = "s3cret" } }
        assert(sink:start())
        local path = os.tmpname()
        local handle = assert(io.open(path, "w"))
        handle:write(sink.certificate)
        handle:close()
        local transport = posthorn.transport {
          host = "localhost", port = sink.port, tls = implicit and "implicit" or "starttls",
          ca_file = path, user = "user", password = function() return "s3cret" end, timeout = 5,
        }
        for _ = 1, 3 do
          local result, message = transport:send(setting.mail())
          assert(result, message)
          assert.equal("pkix", result.tls.verified)
        end
        transport:close()
        assert.equal(3, sink.count)
        assert.equal("user", sink.messages[1].user)
        sink:stop()
        os.remove(path)
      end)
    end
  end)

  it("shows no credential over a connection that is not encrypted and verified", function()
    at_sink({ tls = true, users = { user = "s3cret" } }, function(sink)
      for _, url in ipairs { "smtp://user:s3cret@127.0.0.1:%d", "smtp://user:s3cret@127.0.0.1:%d?tls=none" } do
        local result, _, failure = posthorn.transport(url:format(sink.port)):send(setting.mail())
        assert.is_nil(result)
        assert.equal("auth", failure.kind)
        assert.equal("permanent", failure.class)
      end
    end)
  end)

  it("tells progress up to the total, and makes a callback's error a warning", function()
    at_sink({}, function(_, transport)
      local seen, total = {}, nil
      local message = assert(posthorn.message(setting.mail { text = (".line of text\n"):rep(100000) }))
      local result = assert(transport:send(message, {
        progress = function(octets, all, item)
          seen[#seen + 1], total = octets, all
          assert(item == message)
        end,
      }))
      assert.equal(message:size(), total)
      assert.equal(total, seen[#seen])
      assert.is_true(#seen > 2)
      for i = 2, #seen do assert.is_true(seen[i] > seen[i - 1]) end
      assert.same({}, result.warnings)
      result = assert(transport:send(message, { progress = function() error "broken" end }))
      assert.matches("progress", result.warnings[1])
    end)
  end)

  it("sends all or nothing with require_all", function()
    at_sink({ respond = function(address) if address == "no@example.net" then return 550, "5.1.1", "no" end end },
      function(sink, transport)
        local result, _, failure = transport:send(setting.mail { to = "bob@example.net, no@example.net" },
          { require_all = true })
        assert.is_nil(result)
        assert.equal(2, #failure.recipients)
        assert.equal(0, sink.count)
        assert(transport:send(setting.mail(), { require_all = true }))
        assert.equal(1, sink.count)
      end)
  end)

  it("closes itself at the end of a block in Lua 5.4", function()
    local chunk = (rawget(_G, "loadstring") or load) [[
      local transport <close> = ...
      return transport
    ]]
    if not chunk then return end -- another Lua: the syntax is not there
    assert.is_true(chunk(posthorn.transport "capture:").is_closed)
  end)
end)

describe("transport:send_many", function()
  it("gives every item back with its outcome", function()
    at_sink({}, function(sink, transport)
      local items, seen = {}, {}
      for i = 1, 60 do items[i] = setting.mail { subject = tostring(i) } end
      items[30].to = "no mailbox"
      for item, result, message, failure in transport:send_many(items) do
        assert.is_nil(seen[item])
        seen[item] = true
        if item == items[30] then
          assert.is_nil(result)
          assert.is_string(message)
          assert.equal("invalid", failure.kind)
        else
          assert(result, message)
        end
      end
      for i = 1, 60 do assert.is_true(seen[items[i]]) end
      assert.equal(59, sink.count)
    end)
  end)

  it("takes no more than it may, and nothing after break", function()
    at_sink({}, function(sink)
      local transport = posthorn.transport { host = "127.0.0.1", port = sink.port, tls = "none", concurrency = 3 }
      local taken, given = 0, 0
      local function items()
        taken = taken + 1
        return setting.mail(), { timeout = 5 }
      end
      for _, result, message in transport:send_many(items) do
        assert(result, message)
        given = given + 1
        assert.is_true(taken - given <= 6) -- as many as may be, and one for each session
        if given == 10 then break end
      end
      local at_break = taken
      posthorn.sleep(0.05)
      assert.equal(at_break, taken)
      transport:close()
    end)
  end)

  it("ends its sends when the task that waits is cancelled", patiently(function(in_time)
    setting.with({ dot = { silence = true } }, function(_, transport)
      local told = {}
      local task = posthorn.spawn(function()
        for _, _, _, failure in transport:send_many { setting.mail(), setting.mail() } do
          told[#told + 1] = failure.kind .. " " .. failure.class
        end
      end)
      posthorn.sleep(0.05)
      local began = transport.driver.now()
      task:cancel()
      task:wait()
      assert.same({ "cancelled unknown", "cancelled unknown" }, told)
      in_time(transport.driver.now() - began, 0.1)
    end)
  end))

  it("tells why the mail failed, not that its source was read, and asks no further address", function()
    local options = { host = "mail.test", resolver = { hosts = { ["mail.test"] = { "127.0.0.1", "127.0.0.2" } } } }
    setting.with({ body = { close = true } }, options, function(peer, transport)
      local second = peers.start({}, "127.0.0.2", peer.port)
      local chunk, left = ("x"):rep(70) .. "\n", 20000
      local result, _, failure = transport:send(setting.mail { text = function()
        left = left - 1
        return left > 0 and chunk or nil
      end })
      assert.is_nil(result)
      assert.equal("closed", failure.kind)
      assert.equal("temporary", failure.class)
      assert.equal(0, second.connections)
      second:stop()
    end)
  end)

  it("works without a loop around it", function()
    local sink = sinks.new {}
    assert(sink:start())
    local transport = posthorn.transport("smtp://127.0.0.1:" .. sink.port)
    local count = 0
    for _, result, message in transport:send_many { setting.mail(), setting.mail(), setting.mail() } do
      assert(result, message)
      count = count + 1
    end
    assert.equal(3, count)
    transport:close()
    sink:stop()
  end)
end)
