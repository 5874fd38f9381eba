-- core_spec.lua - the door of posthorn.core.
local core = require "posthorn.core"

describe("posthorn.core", function()
  it("makes a table a failure whose tostring is its sentence", function()
    local failure = core.failure { kind = "connect", message = "nobody listens" }
    assert.equal("nobody listens", tostring(failure))
    assert.equal("connect", failure.kind)
  end)

  it("shows a peer's text as one harmless line (E17)", function()
    assert.equal("a b\\x1b[31m%d", core.printable("a\nb\27[31m%d"))
    assert.equal("\\xff\\x00", core.printable("\255\0"))
    assert.equal("Gr\195\188\195\159e", core.printable("Gr\195\188\195\159e"))
    assert.equal("\\xe2\\x80\\xae", core.printable("\226\128\174"))
  end)

  it("cuts long text at 512 octets and says so", function()
    local shown = core.printable(("x"):rep(5000))
    assert.equal(512, #shown)
    assert.equal("...", shown:sub(-3))
  end)
end)
