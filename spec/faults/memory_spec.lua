-- memory_spec.lua - fault catalogue B9, B16, D18 and D32: what has no end makes nothing grow, nor who
-- takes nothing. The client is memory.lua, in a process of its own.
local peers = require "spec.peer"
local posthorn = require "posthorn"

local most = 256 -- KiB
local piece = 64 * 1024

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Sanitizers keep what was freed for a while, unless told not to.
local command = "ASAN_OPTIONS=quarantine_size_mb=0 LUA_PATH=%s LUA_CPATH=%s %s spec/faults/memory.lua %d %d %d %d 2>&1"

local function start(port, warm, count, size)
  local lua = os.getenv("POSTHORN_LUA") or "lua"
  return assert(io.popen(command:format(quoted(package.path), quoted(package.cpath), lua, port, warm, count, size)))
end

-- What the client printed once it had sent to each of these scripts, after three mails to warm it:
-- one taken, one refused, one to garbage. Each has an attachment of `size` octets, if any.
local function measure(scripts, size)
  return posthorn.run(function()
    local all = { {}, { rcpt = "550 5.1.1 no" }, { greeting = { raw = "garbage\r\n", close = true } } }
    local warm = #all
    for _, script in ipairs(scripts) do all[#all + 1] = script end
    local peer = peers.start { per_connection = all }
    local pipe = start(peer.port, warm, #scripts, size or 0)
    local deadline = peer.driver.now() + 20
    while peer.driver.now() < deadline and (peer.connections < #all or next(peer.open)) do
      posthorn.sleep(0.01)
    end
    peer:stop()
    local said = pipe:read "*a"
    pipe:close()
    return said
  end)
end

-- What was printed: a line for each case, { phase, class, kind or "protocol" }.
local function expect(said, cases)
  local n = 0
  for kind, class, phase, grown in said:gmatch "(%S+)\t(%S+)\t(%S+)\t(%-?%d+)\n" do
    n = n + 1
    assert.same({ cases[n][3] or "protocol", cases[n][2], cases[n][1] }, { kind, class, phase })
    assert.is_true(tonumber(grown) <= most, said)
  end
  assert.equal(#cases, n, said)
end

describe("bounded memory", function()
  local line, lines = { endless = ("x"):rep(piece) }, {}
  for code, head in pairs { greeting = "220", ehlo = "250", rcpt = "250" } do
    lines[code] = { endless = (head .. "-" .. ("x"):rep(60) .. "\r\n"):rep(piece / 64) }
  end

  it("B9: a greeting, an EHLO or a reply without end costs 256 KiB at most", function()
    local cases, scripts = {}, {}
    for _, moment in ipairs { "greeting", "ehlo", "rcpt" } do
      for _, answer in ipairs { line, lines[moment] } do
        cases[#cases + 1], scripts[#scripts + 1] = { moment, "temporary" }, { [moment] = answer }
      end
    end
    expect(measure(scripts), cases)
  end)

  it("D32: a reply without end, also after the dot: unknown there", function()
    local cases, scripts = {}, {}
    for _, moment in ipairs { "mail", "data", "dot" } do
      for _, answer in ipairs { line, lines.rcpt } do
        cases[#cases + 1] = { moment, moment == "dot" and "unknown" or "temporary" }
        scripts[#scripts + 1] = { [moment] = answer }
      end
    end
    expect(measure(scripts), cases)
  end)

  it("D18: a reader that stops in the middle of a large content", function()
    local deaf = { body = { deaf = 0.6 } }
    expect(measure({ deaf, deaf }, 64 * 1024 * 1024), {
      { "content", "temporary", "timeout" }, { "content", "temporary", "timeout" },
    })
  end)
end)
