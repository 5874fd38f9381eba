-- rockspec_spec.lua - the lists of sources in the rockspec are those of the tree.

local function content(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read("*a")
  handle:close()
  return text
end

describe("the rockspec", function()
  it("lists every source file", function()
    local path = os.tmpname()
    os.execute("env -u MAKEFLAGS -u MAKELEVEL make -s rockspec TO=" .. path)
    local written = content(path)
    os.remove(path)
    assert(written == content("rockspec/posthorn-scm-1.rockspec"),
      "out of date: make rockspec writes it anew")
  end)
end)
