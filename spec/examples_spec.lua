-- examples_spec.lua - each example as it stands: against a sink on loopback where it wants a server.
local posthorn = require "posthorn"
local sinks = require "posthorn.sink"

local limit = 20 -- seconds

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function contents(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read "*a"
  handle:close()
  return text
end

-- Runs one beside the tasks of this process: what it printed and its exit status.
local function run(name, arguments, input)
  local lua, output = os.getenv("POSTHORN_LUA") or "lua", os.tmpname()
  os.execute(("(LUA_PATH=%s LUA_CPATH=%s %s examples/%s %s %s > %s 2>&1; echo \"exit $?\" >> %s) &"):format(
    quoted(package.path), quoted(package.cpath), lua, name, arguments or "",
    input and "< " .. input or "< /dev/null", output, output))
  local text, status
  local deadline = os.time() + limit
  repeat
    posthorn.sleep(0.01)
    text, status = contents(output):match "^(.*)exit (%d+)\n$"
  until status or os.time() > deadline
  os.remove(output)
  assert(status, name .. " did not end")
  return text, tonumber(status)
end

-- fn(sink, url) in the loop; nobody@example.net is unknown there.
local function with_sink(fn)
  local problem
  posthorn.run(function()
    local sink = assert(sinks.new {
      respond = function(address)
        if address == "nobody@example.net" then return 550, "5.1.1", "nobody of that name" end
      end,
    }:start())
    local is_well, err = posthorn.driver().pcall(fn, sink, "smtp://127.0.0.1:" .. sink.port)
    sink:stop()
    problem = not is_well and err
  end)
  if problem then error(problem, 0) end
end

describe("examples", function()
  local shown = {}

  it("send.lua sends itself, and says who was refused", function()
    shown["send.lua"] = true
    with_sink(function(sink, url)
      local text, status = run("send.lua", url .. " ada@example.org bob@example.net")
      assert.equal(0, status, text)
      assert.matches("^accepted  bob@example.net\n", text)
      assert.matches("queued as", text)
      local mail = posthorn.parse(sink.messages[1].bytes)
      assert.equal("Grüße from posthorn", mail:header "Subject")
      assert.equal(contents "examples/send.lua", (mail:attachments()[1]:content():gsub("\r\n", "\n")))
      text, status = run("send.lua", url .. " ada@example.org nobody@example.net")
      assert.equal(1, status, text)
      assert.matches("refused   nobody@example.net", text)
      assert.matches("not sent: .*%(refused, permanent%)", text)
      assert.equal(1, sink.count)
    end)
  end)

  it("send.lua tells a server that is not there as temporary", function()
    local port = require("spec.faults.setting").dead_port()
    local text, status = run("send.lua", "smtp://127.0.0.1:" .. port)
    assert.equal(75, status, text)
    assert.matches("%(connect, temporary%)", text)
  end)

  it("many.lua sends to each line, an injected one to nobody", function()
    shown["many.lua"] = true
    local input = os.tmpname()
    local handle = assert(io.open(input, "wb"))
    handle:write "a@example.net\nnobody@example.net\nb@example.net, c@example.net\nd@example.net\n"
    handle:close()
    with_sink(function(sink, url)
      local text, status = run("many.lua", url .. " ada@example.org", input)
      assert.equal(1, status, text)
      assert.matches("nobody@example.net\t", text)
      assert.matches("b@example.net, c@example.net\t", text)
      assert.matches("2 sent, 2 failed\n", text)
      local to = {}
      for _, mail in ipairs(sink.messages) do
        assert.equal(1, #mail.envelope.to)
        to[#to + 1] = mail.envelope.to[1]
      end
      table.sort(to)
      assert.same({ "a@example.net", "d@example.net" }, to)
    end)
    os.remove(input)
  end)

  it("capture.lua holds what it asserts", function()
    shown["capture.lua"] = true
    local text, status = run "capture.lua"
    assert.equal(0, status, text)
    assert.equal("1 message captured, 2 refused\n", text)
  end)

  it("demo.lua shows the conversation and finds every octet equal", function()
    shown["demo.lua"] = true
    local text, status = run "demo.lua"
    assert.equal(0, status, text)
    assert.matches("AUTH PLAIN %*%*%*", text)
    assert.matches("refused   nobody@example.net", text)
    assert.is_nil(text:find("NO ", 1, true))
    assert.equal(6, select(2, text:gsub("\n  yes  ", "")))
  end)

  it("are all run here", function()
    local pipe = assert(io.popen "ls examples/*.lua")
    for path in pipe:lines() do
      assert.is_true(shown[path:match "[^/]+$"], path .. " is not run")
    end
    pipe:close()
  end)
end)
