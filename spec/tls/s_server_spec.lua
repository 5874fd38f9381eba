-- s_server_spec.lua - our engine against another TLS: OpenSSL's own s_server, on loopback.
local driver = require("posthorn.driver").get "sys"
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"
local test = require "posthorn.test"
local tls = require "posthorn.tls"

-- Sleeps until fn gives a value, which it gives on.
local function await(fn, what)
  local deadline = driver.now() + 5
  while driver.now() < deadline do
    local value = fn()
    if value then return value end
    driver.sleep(0.005)
  end
  error(("no %s after five seconds"):format(what), 2)
end

local command = "echo $$ > %s; exec openssl s_server -accept 127.0.0.1:0 -cert %s -key %s %s > %s 2>&1"

-- A server with our certificate: say(line) goes to its keyboard, said() is what it printed.
local function start(arguments)
  local certificate, key = files.new(pair.own.certificate), files.new(pair.own.key)
  local output, number = os.tmpname(), os.tmpname()
  local keyboard = assert(io.popen(command:format(number, certificate, key, arguments, output), "w"))
  local server = { said = function() return files.read(output) end }
  function server.say(line)
    keyboard:write(line, "\n")
    keyboard:flush()
  end
  function server.stop()
    os.execute("kill " .. assert(files.read(number):match "^%d+"))
    keyboard:close()
    for _, path in ipairs { certificate, key, output, number } do os.remove(path) end
  end
  server.port = tonumber(await(function() return server.said():match "ACCEPT 127%.0%.0%.1:(%d+)" end, "port"))
  return server
end

-- A client of ours at that server, with a machine behind it once it is secured.
local function dial(server, options)
  local self = { engine = pair.client(options), behind = test.echo(),
    connection = assert(driver.connect({ ip = "127.0.0.1", port = server.port }, driver.now() + 5)) }

  -- One round: what waits goes out, what came goes in, and what happened is told.
  function self.turn()
    local output = self.engine:output()
    if #output > 0 then
      assert(self.connection:write(output, driver.now() + 5))
      self.engine:consume(#output)
    end
    local bytes, reason = self.connection:read(65536, driver.now() + 0.01)
    if bytes then self.engine:feed(bytes) end
    if not bytes and reason ~= "timeout" then self.engine:feed_eof() end
    local event, value = self.engine:next()
    self.event, self.value = event or self.event, value or self.value
  end

  -- What it heard, once that pattern is in it.
  local heard = ""
  function self.hears(pattern)
    await(function()
      self.turn()
      heard = heard .. self.behind:heard()
      return heard:find(pattern)
    end, pattern)
  end

  function self.shake()
    await(function()
      self.turn()
      return self.event
    end, "end of the handshake")
    if self.event == "secured" then assert.is_true(self.engine:attach(self.behind:machine())) end
    return self.event, self.value
  end

  return self
end

local function with_server(arguments, fn)
  local server = start(arguments)
  local is_well, problem = pcall(fn, server)
  server.stop()
  if not is_well then error(problem, 0) end
end

local function with(arguments, fn, options)
  with_server(arguments, function(server)
    local client = dial(server, options)
    fn(client, server)
    client.engine:close()
    client.connection:close()
  end)
end

-- A line each way.
local function talk(client, server, text)
  client.behind:say("to " .. text .. "\n")
  await(function()
    client.turn()
    return server.said():find("to " .. text, 1, true)
  end, "line at the server")
  server.say("from " .. text)
  client.hears("from " .. text .. "\n")
end

describe("ph_engine and OpenSSL's s_server", function()
  for version, option in pairs { ["TLSv1.2"] = "-tls1_2", ["TLSv1.3"] = "-tls1_3" } do
    it("talk over " .. version, function()
      with(option, function(client, server)
        local event, facts = client.shake()
        assert.equal("secured", event)
        assert.equal(version, facts.version)
        assert.equal("pkix", facts.verified)
        talk(client, server, "one")
      end)
    end)
  end

  for how, option in pairs {
    ["tickets of TLS 1.3"] = "-tls1_3", ["tickets of TLS 1.2"] = "-tls1_2",
    ["session ids of TLS 1.2"] = "-tls1_2 -no_ticket",
  } do
    it("resume by " .. how, function()
      local context = assert(tls.context { ca = pair.authority.certificate })
      with_server(option, function(server)
        for i = 1, 4 do
          local client = dial(server, {
            ca = pair.absent, context = context, session = "s_server", now = os.time() + 5,
          })
          local event, facts = client.shake()
          assert.equal("secured", event)
          assert.equal(i > 1, facts.resumed)
          assert.equal("pkix", facts.verified)
          assert.equal(44, #facts.pin)
          talk(client, server, "number " .. i)
          -- This server forgets what was not closed politely, though it need not (RFC 5246, 7.2.1).
          client.engine:shutdown()
          client.turn()
          client.engine:close()
          client.connection:close()
        end
        assert.equal(3, select(2, server.said():gsub("Reused session%-id", "")))
      end)
    end)
  end

  local ada = pair.certificate { names = { "ada.example.test" }, is_client = true }

  for version, option in pairs { ["TLSv1.2"] = "-tls1_2", ["TLSv1.3"] = "-tls1_3" } do
    it("know the client by its certificate, over " .. version, function()
      files.with({ pair.authority.certificate }, function(authority)
        local arguments = option .. " -Verify 1 -verify_return_error -CAfile " .. authority
        with(arguments, function(client, server)
          assert.equal("secured", client.shake())
          talk(client, server, "one")
          assert.is_truthy(server.said():find("CN%s*=%s*ada%.example%.test"))
        end, { certificate = ada.certificate, key = files.encrypted(ada.key, "s3cret"), key_password = "s3cret" })
      end)
    end)

    it("do not agree where the server wants a certificate and the client has none, over " .. version, function()
      files.with({ pair.authority.certificate }, function(authority)
        with(option .. " -Verify 1 -verify_return_error -CAfile " .. authority, function(client)
          -- Over TLS 1.3 our handshake is done by then: the alert comes at the first read (C19).
          client.shake()
          await(function()
            client.turn()
            return client.event == "failed"
          end, "alert")
          assert.equal("tls", client.value.kind)
          assert.equal("temporary", client.value.class)
          assert.matches("alert", client.value.message)
        end)
      end)
    end)
  end

  it("go on after the server's KeyUpdate, asked for an answer or not", function()
    with("-tls1_3", function(client, server)
      assert.equal("secured", client.shake())
      talk(client, server, "before")
      for i, key in ipairs { "k", "K", "K" } do
        server.say(key)
        talk(client, server, "after " .. i)
      end
      assert.equal("secured", client.event)
    end)
  end)

  it("do not renegotiate, though the server asks", function()
    with("-tls1_2", function(client, server)
      assert.equal("secured", client.shake())
      talk(client, server, "before")
      server.say "R"
      -- The refusal is an alert (RFC 5246, 7.2.2), at which this server ends the connection.
      await(function()
        client.turn()
        return server.said():find("no renegotiation", 1, true) and client.event ~= "secured"
      end, "end")
      assert.equal(1, select(2, server.said():gsub("BEGIN SSL SESSION PARAMETERS", "")))
      assert.equal("tls", client.value.kind)
    end)
  end)

  for version, option in pairs { ["TLS 1.0"] = "-tls1", ["TLS 1.1"] = "-tls1_1" } do
    it("do not agree on " .. version, function()
      with(option .. " -cipher DEFAULT:@SECLEVEL=0", function(client, server)
        local event, failure = client.shake()
        assert.equal("failed", event)
        assert.equal("tls", failure.kind)
        assert.equal("temporary", failure.class)
        assert.matches("protocol version", failure.message)
        -- It writes of its own accord, maybe after our reading of its alert.
        await(function() return server.said():find("unsupported protocol", 1, true) end, "word of the server's")
      end)
    end)
  end
end)
