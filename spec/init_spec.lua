-- init_spec.lua - what posthorn loads, and when.
local posthorn = require "posthorn"

-- The modules of ours that a fresh process has loaded behind that line of code.
local function loaded_by(code)
  local lua = os.getenv("POSTHORN_LUA") or "lua"
  local script = ([[local posthorn = require "posthorn"
    %s
    for name in pairs(package.loaded) do
      if name:find("^posthorn") then print((name:gsub("^posthorn%%.?", ""))) end
    end]]):format(code)
  local pipe = assert(io.popen(("'%s' -e '%s' 2>&1"):format(lua, script)))
  local names = {}
  for line in pipe:lines() do names[line] = true end
  pipe:close()
  assert.is_true(names[""], "the process failed: " .. (next(names) or ""))
  return names
end

local function has_none(names, list)
  for _, name in ipairs(list) do assert.is_nil(names[name], name) end
end

describe("posthorn", function()
  it("loads next to nothing by itself", function()
    local names = loaded_by ""
    assert.is_true(names.core)
    has_none(names, { "message", "transport", "session", "options", "parse", "letter", "sys" })
  end)

  it("loads no session, no host and no foreign library to compose", function()
    local names = loaded_by [[
      assert(assert(posthorn.message { from = "a@example.org", to = "b@example.net",
        text = "text" }):bytes())]]
    assert.is_true(names.message)
    has_none(names, { "transport", "pump", "options", "sys", "tls", "dns", "idn", "source" })
  end)

  it("loads no look-up and no TLS to send over plain TCP to an address", function()
    local names = loaded_by [[
      local transport = posthorn.transport { host = "127.0.0.1", port = 1, tls = "none" }
      local raw = posthorn.raw("\r\n", { from = "", to = { "b@example.net" } })
      local result, _, failure = transport:send(raw)
      assert(result == nil and failure.kind == "connect")
      transport:close()]]
    assert.is_true(names.pump)
    has_none(names, { "secure", "tls", "dns", "idn", "domain", "resolve", "message", "source",
      "parse", "rate", "trace" })
  end)

  it("has behind each door the function of that module", function()
    for name, door in pairs(getmetatable(posthorn).doors) do
      local module = require(door[1])
      assert.equal(door[2] == true and module or module[door[2]], posthorn[name])
    end
    assert.is_nil(posthorn.parcel)
  end)
end)
