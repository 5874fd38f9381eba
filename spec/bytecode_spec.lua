-- bytecode_spec.lua - the Lua files as bytecode do what they do as text.
local lfs = require "lfs"

local function slurp(pipe)
  local text = pipe:read("*a")
  pipe:close()
  return text
end

-- What a fresh process prints that finds our Lua files below a folder.
local function printed(lua, folder, code)
  local search = ("package.path = [[%s/?.lua;%s/?/init.lua;]] .. package.path "):format(folder, folder)
  local text = slurp(assert(io.popen(("'%s' -e '%s' 2>&1"):format(lua, search .. code))))
  -- The script itself holds the name of the folder, and Lua cuts it off somewhere.
  return (text:gsub('%[string ".-"%]', "script"))
end

describe("bytecode", function()
  local lua, folder, files = os.getenv("POSTHORN_LUA") or "lua", os.tmpname(), {}

  setup(function()
    os.remove(folder)
    for _, below in ipairs { "", "/posthorn", "/posthorn/driver", "/posthorn/resolve" } do
      assert(lfs.mkdir(folder .. below))
      local path = "lua" .. below
      for name in lfs.dir(path) do
        if name:find("%.lua$") then files[#files + 1] = path .. "/" .. name end
      end
    end
    -- Compiled by whoever runs it: not every host takes arguments of a script.
    local code = ("arg = { [[%s]], [[%s]] } dofile [[spec/bytecode.lua]]"):format(folder,
      table.concat(files, "]], [["))
    assert.equal("", slurp(assert(io.popen(("'%s' -e '%s' 2>&1"):format(lua, code)))))
  end)

  teardown(function()
    for _, path in ipairs(files) do os.remove(folder .. path:sub(4)) end
    for _, below in ipairs { "/posthorn/resolve", "/posthorn/driver", "/posthorn", "" } do
      assert(lfs.rmdir(folder .. below))
    end
  end)

  it("composes and sends the same", function()
    local code = [[
      local posthorn = require "posthorn"
      local message = assert(posthorn.message { seed = "1", from = "a@example.org",
        to = "b@example.net", text = "Gr\195\188\195\159e", attachments = { { content = "\0" } } })
      print(message:bytes())
      local result, _, failure = posthorn.send { server = "smtp://127.0.0.1:1?tls=none",
        from = "a@example.org", to = "b@example.net", text = "text", timeout = 5 }
      print(result, failure.kind, failure.phase)]]
    local text, compiled = printed(lua, "lua", code), printed(lua, folder, code)
    assert.truthy(text:find("nil%s+connect%s+connect"), text)
    assert.equal(text, compiled)
  end)

  it("tells the caller's line of misuse, and its own of an error", function()
    local code = [[
      local posthorn = require "posthorn"
      print(pcall(function()
        posthorn.message { colour = "red" }
      end))
      print(pcall(require("posthorn.url").parse, nil))]]
    local text, compiled = printed(lua, "lua", code), printed(lua, folder, code)
    assert.truthy(text:find(":3: unknown field", 1, true), text)
    assert.truthy(compiled:find("lua/posthorn/url.lua:%d+:"), compiled)
    assert.equal(text, compiled)
  end)
end)
