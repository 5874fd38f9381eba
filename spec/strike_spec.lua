-- strike_spec.lua - the whole core with an allocator on strike: strike.lua, in a
-- process of its own.

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function run(arguments)
  local lua = os.getenv("POSTHORN_LUA") or "lua"
  local pipe = assert(io.popen(("LUA_PATH=%s LUA_CPATH=%s %s spec/strike.lua %s 2>&1"):format(
    quoted(package.path), quoted(package.cpath), lua, arguments)))
  local said = pipe:read("*a")
  pipe:close()
  return said
end

describe("an allocator on strike (E15)", function()
  it("leads to a failure of kind limit, no leak, no crash and no false delivery", function()
    local said = run("")
    -- The last line; a crash would have cut it off.
    assert(said:find("^%d+ scenarios: well\n$"), said)
  end)
end)
