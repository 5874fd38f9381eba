-- core_spec.lua - the door of posthorn.core.
local core = require "posthorn.core"

describe("posthorn.core", function()
  it("opens in this Lua", function()
    assert.is_table(core)
  end)
end)
