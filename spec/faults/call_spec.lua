-- call_spec.lua - fault catalogue E11, E14, E15, E17: cancelling, secrets, limits, hostile text.
local patiently = require "spec.patience"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local pipelining = { "PIPELINING", "8BITMIME" }

describe("faults E: calls", function()
  local stages = {
    greeting = { greeting = { silence = true } },
    ehlo = { ehlo = { silence = true } },
    mail = { mail = { silence = true } },
    rcpt = { rcpt = { silence = true } },
    data = { data = { silence = true } },
    dot = { dot = { silence = true } },
  }
  for stage, script in pairs(stages) do
    script.ehlo = script.ehlo or pipelining
    it("E11: cancel while waiting at " .. stage .. ", twice", patiently(function(in_time)
      setting.with(script, function(peer, transport)
        local stop = posthorn.canceller()
        posthorn.spawn(function()
          posthorn.sleep(0.05)
          stop:cancel()
          stop:cancel()
        end)
        local began = transport.driver.now()
        local result, _, failure = transport:send(setting.mail(), { cancel = stop })
        assert.is_nil(result)
        assert.equal("cancelled", failure.kind)
        assert.equal(stage == "dot" and "unknown" or "temporary", failure.class)
        assert.equal(failure.class, failure.recipients[1].class)
        in_time(transport.driver.now() - began, 0.15)
        posthorn.sleep(0.01)
        assert.is_nil(next(peer.open)) -- the socket is closed
      end)
    end))
  end

  local function cancelled_soon()
    local stop = posthorn.canceller()
    posthorn.spawn(function()
      posthorn.sleep(0.05)
      stop:cancel()
    end)
    return stop
  end

  it("E11: cancel while RSET before a second mail waits", patiently(function(in_time)
    setting.with({ ehlo = pipelining, rset = { silence = true } }, function(peer, transport)
      assert(transport:send(setting.mail()))
      local began = transport.driver.now()
      local result, _, failure = transport:send(setting.mail(), { cancel = cancelled_soon() })
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      assert.equal("temporary", failure.class)
      in_time(transport.driver.now() - began, 0.2)
      assert.equal(1, #peer.bodies)
      assert.equal(1, peer.connections)
    end)
  end))

  it("E11: cancel while QUIT waits leaves the result as it is", patiently(function(in_time)
    local options = { pool = false, timeouts = { quit = 0.2 } }
    setting.with({ ehlo = pipelining, quit = { silence = true } }, options, function(peer, transport)
      local began = transport.driver.now()
      local result = assert(transport:send(setting.mail(), { cancel = cancelled_soon() }))
      assert.same({ "bob@example.net" }, result.accepted)
      in_time(transport.driver.now() - began, 0.4)
      assert.equal(1, #peer.bodies)
      posthorn.sleep(0.01)
      assert.is_nil(next(peer.open))
    end)
  end))

  it("E11: cancel while looking up, connecting, shaking hands, logging in", patiently(function(in_time)
    local port, stop_deaf = setting.deaf "127.0.0.2"
    local silent = assert(require("posthorn.test").datagram())
    for phase, case in pairs {
      lookup = { {}, { host = "mail.test", resolver = { servers = { "127.0.0.1:" .. silent:port() } } } },
      connect = { {}, { host = "127.0.0.2", port = port } },
      starttls = { { ehlo = { "STARTTLS" }, starttls = { silence = true } }, { tls = "starttls" } },
      tls = { { ehlo = { "STARTTLS" }, starttls = { raw = "220 go\r\n", silence = true } }, { tls = "starttls" } },
      auth = { { ehlo = { "AUTH PLAIN" }, auth = { silence = true } },
        { user = "u", password = "p", allow_plaintext_auth = true } },
    } do
      setting.with(case[1], case[2], function(peer, transport)
        local stop = posthorn.canceller()
        posthorn.spawn(function()
          posthorn.sleep(0.05)
          stop:cancel()
          stop:cancel()
        end)
        local began = transport.driver.now()
        local result, _, failure = transport:send(setting.mail(), { cancel = stop })
        assert.is_nil(result)
        assert.equal("cancelled", failure.kind, phase)
        assert.equal("temporary", failure.class)
        assert.equal(phase, failure.phase)
        in_time(transport.driver.now() - began, 0.15)
        posthorn.sleep(0.01)
        assert.is_nil(next(peer.open), phase) -- the socket is closed
      end)
    end
    silent:close()
    stop_deaf()
  end))

  it("E11: cancelled before it began, and in a callback", function()
    setting.with({ ehlo = pipelining }, function(peer, transport)
      local stop = posthorn.canceller()
      stop:cancel()
      local result, _, failure = transport:send(setting.mail(), { cancel = stop })
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      assert.equal(0, peer.connections)
      stop = posthorn.canceller()
      local calls = 0
      result, _, failure = transport:send(setting.mail { text = ("x"):rep(70, ""):rep(20000, "\n") }, {
        cancel = stop,
        progress = function()
          calls = calls + 1
          stop:cancel()
        end,
      })
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      assert.equal(1, calls)
      assert.equal(0, #peer.bodies)
    end)
  end)

  it("E11: a task that is cancelled ends its send", function()
    setting.with({ ehlo = pipelining, rcpt = { silence = true } }, function(_, transport)
      local task = posthorn.spawn(transport.send, transport, setting.mail())
      posthorn.sleep(0.05)
      task:cancel()
      local result, _, failure = task:wait()
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
    end)
  end)

  it("E11: close ends the sends under way", function()
    setting.with({ ehlo = pipelining, dot = { silence = true } }, function(_, transport)
      local task = posthorn.spawn(transport.send, transport, setting.mail())
      posthorn.sleep(0.05)
      transport:close()
      local result, _, failure = task:wait()
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      assert.equal("unknown", failure.class)
    end)
  end)

  it("E14: a password's function that fails is a failure, and its words stay its own", function()
    for what, password in pairs {
      ["raised an error"] = function() error "s3cret" end,
      ["gave no string"] = function() return nil, "s3cret" end,
    } do
      local options = { user = "u", password = password, allow_plaintext_auth = true }
      setting.with({}, options, function(peer, transport)
        local result, message, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("the function for the password " .. what, message)
        assert.equal("auth", failure.kind)
        assert.equal("temporary", failure.recipients[1].class)
        assert.equal(0, peer.connections)
      end)
    end
  end)

  it("E17: a warning is one line, and a trace's handle that takes nothing is told", function()
    local handle = { write = function() return nil, "disk\nfull" end }
    setting.with({}, { trace = handle }, function(_, transport)
      local result = assert(transport:send(setting.mail(), { progress = function() error "a\nb" end }))
      assert.equal(2, #result.warnings)
      for _, warning in ipairs(result.warnings) do assert.is_nil(warning:find "%c") end
      assert.matches("^the progress callback failed", result.warnings[1])
      assert.matches("^the trace callback failed: disk", result.warnings[2])
    end)
  end)

  it("raises for a sleep that is no number of seconds", function()
    for _, seconds in ipairs { "1", 0 / 0, {} } do
      assert.has_error(function() posthorn.sleep(seconds) end, "posthorn.sleep takes a number of seconds")
    end
  end)

  it("E11: a password's function that waits ends with the timeout", patiently(function(in_time)
    local options = { user = "u", allow_plaintext_auth = true, timeout = 0.1,
      password = function() posthorn.sleep(1) return "p" end }
    setting.with({}, options, function(_, transport)
      local began = transport.driver.now()
      local result, _, failure = transport:send(setting.mail())
      assert.is_nil(result)
      assert.equal("timeout", failure.kind)
      assert.equal("auth", failure.phase)
      in_time(transport.driver.now() - began, 0.2)
    end)
  end))

  it("E14: a password shows in no trace, error, result or tostring", function()
    local secret = "corr3ct-horse"
    local base64 = posthorn.core.base64.encode(secret)
    local plain = posthorn.core.base64.encode("\0user\0" .. secret)
    local function dump(value, seen)
      seen = seen or {}
      if type(value) ~= "table" or seen[value] then return tostring(value) end
      seen[value] = true
      local parts = { tostring(value) }
      for k, v in pairs(value) do parts[#parts + 1] = tostring(k) .. "=" .. dump(v, seen) end
      return table.concat(parts, " ")
    end
    for _, mechanism in ipairs { "PLAIN", "LOGIN" } do
      for _, reply in ipairs { "235 ok", "535 5.7.8 bad: " .. secret .. " " .. plain, "500 " .. base64 } do
        local shown = {}
        setting.with({ ehlo = { "AUTH PLAIN LOGIN" }, auth = reply }, {
          user = "user", password = secret, auth = { mechanism }, allow_plaintext_auth = true,
          trace = function(event) shown[#shown + 1] = dump(event) end,
        }, function(_, transport)
          local result, message, failure = transport:send(setting.mail())
          shown[#shown + 1] = dump(result) .. dump(message) .. dump(failure) .. tostring(transport)
        end)
        local all = table.concat(shown, "\n")
        for _, needle in ipairs { secret, base64, plain } do
          assert.is_nil(all:find(needle, 1, true), mechanism .. " " .. reply)
        end
      end
    end
  end)

  it("E15: at the limit of descriptors a send fails as limit, and works again after", function()
    local path = os.tmpname()
    local handle = assert(io.open(path, "w"))
    handle:write [[
      local posthorn = require "posthorn"
      local warm = posthorn.transport("smtp://127.0.0.1:1?tls=none&timeout=2")
      local mail = { from = "a@b.example", to = "c@d.example", text = "x" }
      warm:send(mail)
      local open = {}
      repeat
        local file = io.open("/dev/null") -- each is kept: a collected one would free its number
        open[#open + 1] = file
      until not file
      local _, _, first = warm:send(mail)
      for _, file in ipairs(open) do file:close() end
      local _, _, second = warm:send(mail)
      print(first.kind, first.class, second.kind)
    ]]
    handle:close()
    local lua = arg and arg[-1] or "lua5.4"
    for i = -1, -9, -1 do
      if arg and arg[i] then lua = arg[i] end
    end
    -- The child inherits what files other specs left to the collector.
    collectgarbage()
    collectgarbage()
    local pipe = assert(io.popen(("ulimit -n 100; %s %s 2>&1"):format(lua, path)))
    local text = pipe:read "*a"
    pipe:close()
    os.remove(path)
    assert.equal("limit\ttemporary\tconnect\n", text)
  end)

  it("E17: a server's text shows escaped, on one line, and injects nothing", function()
    local text = "%s %d %n \27[2J\27]0;owned\7 \226\128\174 Bcc: x@example.net\0"
    setting.with({ ehlo = pipelining, rcpt = { raw = "550-5.1.1 " .. text .. "\r\n550 5.1.1 two\r\n" },
      data = "554 5.5.1 no" }, function(_, transport)
      local result, message, failure = transport:send(setting.mail())
      assert.is_nil(result)
      for _, shown in ipairs { message, failure.text, failure.recipients[1].text, failure.recipients[1].message } do
        assert.is_nil(shown:find "%c")
        assert.is_nil(shown:find("\226\128\174", 1, true))
        assert.is_truthy(shown:find("%s %d %n", 1, true))
      end
    end)
  end)
end)
