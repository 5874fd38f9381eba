-- capture_spec.lua - the transports that reach no server: capture: and file:.
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

describe("capture:", function()
  it("keeps envelope, octets and options", function()
    local transport = posthorn.transport "capture:"
    local message = assert(posthorn.message(setting.mail { bcc = "eve@example.net" }))
    local result = assert(transport:send(message, { timeout = 3 }))
    assert.same({ "bob@example.net", "eve@example.net" }, result.accepted)
    assert.equal(message.id, result.message_id)
    local kept = transport.messages[1]
    assert.equal(message:bytes(), kept.bytes)
    assert.equal("ada@example.org", kept.envelope.from)
    assert.same({ "bob@example.net", "eve@example.net" }, kept.envelope.to)
    assert.equal(3, kept.options.timeout)
    assert.is_nil(kept.bytes:find("eve@", 1, true))
  end)

  it("keeps nothing, and writes nothing, of a send that is cancelled or late", function()
    local kept, directory = posthorn.transport "capture:", os.tmpname()
    os.remove(directory)
    assert(os.execute("mkdir " .. directory))
    local stop = posthorn.canceller()
    stop:cancel()
    for _, transport in ipairs { kept, posthorn.transport("file://" .. directory) } do
      local result, _, failure = transport:send(setting.mail(), { cancel = stop })
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      local slow = setting.mail { text = function() posthorn.sleep(0.05) end }
      result, _, failure = transport:send(slow, { timeout = 0.01 })
      assert.is_nil(result)
      assert.equal("timeout", failure.kind)
    end
    assert.equal(0, #kept.messages)
    assert(os.execute("rmdir " .. directory)) -- it is empty
  end)

  it("answers as told, each recipient and the dot", function()
    local transport = posthorn.transport("capture:", {
      respond = function(address)
        if address == "no@example.net" then return 550, "5.1.1", "nobody" end
        if address == "later@example.net" then return 450, "4.2.0", "busy" end
      end,
    })
    local result = assert(transport:send(setting.mail { to = "bob@example.net, no@example.net" }))
    assert.same({ "bob@example.net" }, result.accepted)
    assert.equal("permanent", result.refused[1].class)
    local failed, _, failure = transport:send(setting.mail { to = "no@example.net, later@example.net" })
    assert.is_nil(failed)
    assert.equal("temporary", failure.class)
    assert.equal(450, failure.code)
    failed, _, failure = transport:send(setting.mail { to = "bob@example.net, no@example.net" },
      { require_all = true })
    assert.is_nil(failed)
    assert.equal("permanent", failure.class)
    assert.equal(1, #transport.messages)
    local strict = posthorn.transport("capture:", {
      respond = function(address) if not address then return 554, "5.7.1", "spam" end end,
    })
    failed, _, failure = strict:send(setting.mail())
    assert.is_nil(failed)
    assert.equal("dot", failure.phase)
    assert.equal(0, #strict.messages)
  end)

  it("takes what respond gives that is no reply for the usual one, and warns", function()
    for _, respond in ipairs {
      function() error("no luck\n", 0) end, function() error {} end, function() return "550" end,
      function() return 42 end, function() return 354 end, function() return 550.5 end,
      function() return 550, 5 end, function() return 550, "5.0.0", {} end, function() return true end,
    } do
      local transport = posthorn.transport("capture:", { respond = respond })
      local result = assert(transport:send(setting.mail()))
      assert.equal(250, result.reply.code)
      assert.equal(2, #result.warnings) -- of the recipient and of the dot
      assert.matches("^the respond callback [fg]a[iv]", result.warnings[1])
      assert.equal(1, #transport.messages)
    end
    local transport = posthorn.transport("capture:", { respond = function(address)
      if not address then error "late" end
      return 550, nil, "two\nlines"
    end })
    local _, _, failure = transport:send(setting.mail())
    assert.same({}, failure.warnings)
    assert.equal("the recipient was refused: 550 two lines", failure.message)
  end)

  it("raises after close, and at misuse, where the caller stands", function()
    local transport = posthorn.transport "capture:"
    transport:close()
    transport:close()
    local other = posthorn.transport "capture:"
    local function send(fields)
      local result = posthorn.send(fields)
      return result
    end
    local line = debug.getinfo(1, "l").currentline - 3
    for what, call in pairs {
      ["transport:send after close"] = function() send { server = transport } end,
      ["unknown field 'colour' of a message"] = function() send { server = "capture:", colour = 1 } end,
      ["unknown field 'hue' of a message"] = function() send { server = other, hue = 1 } end,
      ["option 'driver': there is no driver named 'nope'"] = function()
        send { server = { url = "smtp://localhost", driver = "nope" } }
      end,
      ["option 'driver' lacks the function 'now'"] = function()
        send { server = { url = "smtp://localhost", driver = {} } }
      end,
    } do
      local ok, problem = pcall(call)
      assert.is_false(ok)
      assert.equal(("spec/capture_spec.lua:%d: %s"):format(line, what), problem)
    end
    local ok, problem = pcall(function() transport:send(setting.mail()) end)
    assert.is_false(ok)
    assert.matches("^spec/capture_spec%.lua:%d+: transport:send after close$", problem)
  end)
end)

describe("file:", function()
  it("writes one .eml for each message, whole", function()
    local folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir " .. folder)
    local transport = posthorn.transport("file://" .. folder)
    local message = assert(posthorn.message(setting.mail()))
    local first, second = assert(transport:send(message)), assert(transport:send(message))
    assert.not_equal(first.path, second.path)
    local handle = assert(io.open(first.path, "rb"))
    assert.equal(message:bytes(), handle:read "*a")
    handle:close()
    os.execute("rm -r " .. folder)
    local failed, text, failure = transport:send(message)
    assert.is_nil(failed)
    assert.is_string(text)
    assert.equal("io", failure.kind)
  end)
end)
