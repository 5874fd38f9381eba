-- connect_spec.lua - fault catalogue B: connect, greeting, EHLO. A scripted peer on loopback.
local patiently = require "spec.patience"
local peers = require "spec.peer"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local function refused_by(script, options)
  local failure, seconds
  setting.with(script, options or {}, function(_, transport)
    local now = transport.driver.now()
    local result, message
    result, message, failure = transport:send(setting.mail())
    seconds = transport.driver.now() - now
    assert.is_nil(result)
    assert.equal(message, tostring(failure))
  end)
  return failure, seconds
end

local function sent_by(script, options)
  local outcome
  setting.with(script, options or {}, function(_, transport)
    outcome = assert(transport:send(setting.mail()))
  end)
  return outcome
end

describe("faults B: connect, greeting, EHLO", function()
  it("B1: connect refused on all addresses, each in the trace", function()
    posthorn.run(function()
      local seen = {}
      local transport = posthorn.transport {
        host = "mail.test", port = setting.dead_port(), tls = "none",
        resolver = { hosts = { ["mail.test"] = { "127.0.0.2", "127.0.0.3" } } },
        trace = function(event) seen[#seen + 1] = event.text end,
      }
      local result, _, failure = transport:send(setting.mail())
      transport:close()
      assert.is_nil(result)
      assert.equal("connect", failure.kind)
      assert.equal("temporary", failure.class)
      assert.equal("4.4.1", failure.enhanced)
      assert.equal("mail.test", failure.host)
      assert.equal("127.0.0.3", failure.ip)
      assert.equal("bob@example.net", failure.recipients[1].address)
      assert.equal("connect", failure.recipients[1].kind)
      local all = table.concat(seen, "\n")
      assert.is_truthy(all:find("127.0.0.2", 1, true))
      assert.is_truthy(all:find("127.0.0.3", 1, true))
    end)
  end)

  it("B1: the next address takes the mail", function()
    posthorn.run(function()
      local peer = peers.start({}, "127.0.0.3")
      local transport = posthorn.transport {
        host = "mail.test", port = peer.port, tls = "none",
        resolver = { hosts = { ["mail.test"] = { "127.0.0.2", "127.0.0.3" } } },
      }
      local result = assert(transport:send(setting.mail()))
      assert.equal("127.0.0.3", result.ip)
      transport:close()
      peer:stop()
    end)
  end)

  -- One mail to mail.test, whose first address drops every SYN; fn(port) may start the second.
  local function over_deaf(options, addresses, fn)
    return posthorn.run(function()
      local port, stop = setting.deaf "127.0.0.2"
      local peer = fn and fn(port)
      local all = { host = "mail.test", port = port, tls = "none",
        resolver = { hosts = { ["mail.test"] = addresses } } }
      for name, value in pairs(options) do all[name] = value end
      local transport = posthorn.transport(all)
      local began = transport.driver.now()
      local result, message, failure = transport:send(setting.mail())
      local seconds = transport.driver.now() - began
      transport:close()
      if peer then peer:stop() end
      stop()
      return result, message, failure, seconds
    end)
  end

  for what, options in pairs {
    ["its phase"] = { timeouts = { connect = 0.3 } }, ["the send"] = { timeout = 0.3 },
    ["the send, sooner than its phase"] = { timeout = 0.3, timeouts = { connect = 5 } },
  } do
    it("B2: a dropped SYN ends by the time of " .. what, patiently(function(in_time)
      local result, _, failure, seconds = over_deaf(options, { "127.0.0.2" })
      assert.is_nil(result)
      assert.equal("timeout", failure.kind)
      assert.equal("temporary", failure.class)
      assert.equal("connect", failure.phase)
      assert.equal("127.0.0.2", failure.ip)
      assert.equal("timeout", failure.recipients[1].kind)
      assert.is_true(seconds >= 0.3, tostring(seconds))
      in_time(seconds, 0.4)
    end))
  end

  it("B2: the next address takes the mail, after the first one's head start", patiently(function(in_time)
    for _, options in ipairs { { timeouts = { connect = 0.3 } }, { timeout = 0.6 } } do
      local result, message, _, seconds = over_deaf(options, { "127.0.0.2", "127.0.0.1" },
        function(port) return peers.start({}, "127.0.0.1", port) end)
      assert(result, message)
      assert.equal("127.0.0.1", result.ip)
      assert.is_true(seconds >= 0.25, tostring(seconds))
      in_time(seconds, 0.4)
    end
  end))

  it("B3: accepts, never greets", patiently(function(in_time)
    local failure, seconds = refused_by({ greeting = { silence = true } }, { timeouts = { greeting = 0.3 } })
    assert.equal("timeout", failure.kind)
    assert.equal("greeting", failure.phase)
    assert.equal("temporary", failure.class)
    assert.is_true(seconds >= 0.3, tostring(seconds))
    in_time(seconds, 0.4)
  end))

  it("B4: a greeting that drips wins no time", patiently(function(in_time)
    local failure, seconds = refused_by({ greeting = { drip = "220 " .. ("x"):rep(500), every = 0.02 } },
      { timeouts = { greeting = 0.3 } })
    assert.equal("timeout", failure.kind)
    assert.equal("greeting", failure.phase)
    assert.is_true(seconds >= 0.3, tostring(seconds))
    in_time(seconds, 0.4)
  end))

  it("B4: the deadline of the whole send holds as well", patiently(function(in_time)
    local failure, seconds = refused_by({ greeting = { drip = "220 " .. ("x"):rep(500), every = 0.02 } },
      { timeout = 0.25 })
    assert.equal("timeout", failure.kind)
    assert.is_true(seconds >= 0.25, tostring(seconds))
    in_time(seconds, 0.35)
  end))

  it("B5: closes at once", function()
    local failure = refused_by { greeting = { close = true } }
    assert.equal("closed", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal("greeting", failure.phase)
  end)

  it("B5, B8: the next address takes the mail", function()
    for _, greeting in ipairs { { close = true }, { reset = true }, { raw = "SSH-2.0-x\r\n", silence = true } } do
      posthorn.run(function()
        local first = peers.start({ greeting = greeting }, "127.0.0.2")
        local second = peers.start({}, "127.0.0.1", first.port)
        local transport = posthorn.transport {
          host = "mail.test", port = first.port, tls = "none", timeout = 5,
          resolver = { hosts = { ["mail.test"] = { "127.0.0.2", "127.0.0.1" } } },
        }
        local result = assert(transport:send(setting.mail()))
        assert.equal("127.0.0.1", result.ip)
        assert.equal(1, first.connections)
        assert.equal(1, #second.bodies)
        transport:close()
        first:stop()
        second:stop()
      end)
    end
  end)

  for what, octets in pairs {
    ["another protocol"] = "SSH-2.0-OpenSSH_9.2\r\n", ["HTTP"] = "HTTP/1.1 400 Bad Request\r\n\r\n",
    ["TLS octets"] = "\21\3\1\0\2\2\22\n", ["binary"] = "\0\1\2\255\254\n",
  } do
    it("B8: greets with " .. what, function()
      local failure = refused_by { greeting = { raw = octets, silence = true } }
      assert.equal("protocol", failure.kind)
      assert.equal("temporary", failure.class)
      assert.equal("greeting", failure.phase)
    end)
  end

  it("B9: a greeting of 100 lines is one greeting", function()
    assert.equal(1, #sent_by({ greeting = ("220-more\r\n"):rep(99) .. "220 done" }).accepted)
  end)

  it("B9: 10 MB without a line end is a protocol error, told in few words", function()
    local failure = refused_by { greeting = { raw = "220 " .. ("x"):rep(10 * 1024 * 1024), silence = true } }
    assert.equal("protocol", failure.kind)
    assert.equal("temporary", failure.class)
    assert.is_true(#failure.message < 1024)
  end)

  it("B13: HELO where EHLO is not known", function()
    assert.equal(1, #sent_by({ ehlo = "502 5.5.1 what?" }).accepted)
  end)
end)
