-- ip_spec.lua - addresses as text, through posthorn.core.
local core = require "posthorn.core"

describe("ph_ip", function()
  it("reads addresses of both families and writes their usual text", function()
    assert.same({ "inet", "192.0.2.1" }, { core.ip("192.0.2.1") })
    assert.same({ "inet6", "2001:db8::25" }, { core.ip("2001:DB8:0:0::25") })
    assert.same({ "inet6", "::ffff:192.0.2.1" }, { core.ip("::ffff:192.0.2.1") })
  end)

  it("takes nothing else", function()
    for _, text in ipairs { "", "1.2.3", "1.2.3.256", "1.2.3.4 ", "01.2.3.4", "1.2.3.4\0", "::1\0x",
      "[::1]", "fe80::1%eth0", "2001:db8:::1", "localhost", ("1"):rep(5000) } do
      assert.is_nil(core.ip(text), text)
    end
  end)
end)
