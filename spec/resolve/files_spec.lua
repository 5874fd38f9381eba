-- files_spec.lua - lua/posthorn/resolve/files.lua
local files = require "posthorn.resolve.files"

describe("resolve.files", function()
  local path, clock

  local function now() return clock end

  local function write(octets)
    local handle = assert(io.open(path, "wb"))
    handle:write(octets)
    handle:close()
  end

  before_each(function()
    path, clock = os.tmpname(), 100
  end)

  after_each(function() os.remove(path) end)

  it("finds every address of a name, and of an alias", function()
    write("# 192.0.2.9 mail.example\n127.0.0.1\tlocalhost\r\n"
      .. "192.0.2.1 mail.example mx # mail.example\n"
      .. "  2001:DB8::1   MX Mail.Example\n192.0.2.3 xmail.example mail.example.org mail\n"
      .. "not-an-ip mail.example\n192.0.2.4 # mail.example\n192.0.2.5")
    local system = files.new(now, { hosts = path })
    assert.same({ "192.0.2.1", "2001:db8::1" }, system:addresses("mail.example"))
    assert.same({ "192.0.2.1", "2001:db8::1" }, system:addresses("mx"))
    assert.same({ "192.0.2.3" }, system:addresses("mail"))
    assert.same({}, system:addresses("example"))
    assert.same({}, system:addresses("192.0.2.1"))
    assert.same({}, system:addresses("m.il"))
  end)

  it("reads a file again some seconds later, not at each look-up", function()
    write("192.0.2.1 a\n")
    local system = files.new(now, { hosts = path })
    assert.same({ "192.0.2.1" }, system:addresses("a"))
    write("192.0.2.2 a\n")
    clock = clock + 1
    assert.same({ "192.0.2.1" }, system:addresses("a"))
    clock = clock + 5
    assert.same({ "192.0.2.2" }, system:addresses("a"))
  end)

  it("bears files that are missing, folders, or no text (A29)", function()
    for _, other in ipairs { path .. ".none", "/", "/proc/self/exe" } do
      local system = files.new(now, { hosts = other, resolv = other })
      assert.same({}, system:addresses("mail.example"))
      assert.same({ { ip = "127.0.0.1", port = 53 } }, system:servers().servers)
    end
  end)

  it("looks at the first MiB and at 16 addresses", function()
    write(("192.0.2.1 a\n"):rep(100) .. ("#" .. ("x"):rep(62) .. "\n"):rep(16384)
      .. "192.0.2.2 b\n")
    local system = files.new(now, { hosts = path })
    assert.equal(16, #system:addresses("a"))
    assert.same({}, system:addresses("b"))
  end)

  it("reads servers and options of resolv.conf", function()
    write("; a comment\ndomain example.org\nsearch example.org\nnameserver 192.0.2.53\n"
      .. "nameserver   2001:db8::53 \nnameserver nonsense\nnameserver fe80::1%eth0\n"
      .. "options ndots:3 timeout:1 attempts:99 trust-ad\n")
    local resolv = files.new(now, { resolv = path }):servers()
    assert.same({ { ip = "192.0.2.53", port = 53 }, { ip = "2001:db8::53", port = 53 } },
      resolv.servers)
    assert.equal(1, resolv.timeout)
    assert.equal(5, resolv.tries)
  end)

  it("takes eight servers at most, and this machine when there is none", function()
    write(("nameserver 192.0.2.53\n"):rep(20))
    local system = files.new(now, { resolv = path })
    assert.equal(8, #system:servers().servers)
    write("options timeout:0\n")
    clock = clock + 5
    assert.same({ servers = { { ip = "127.0.0.1", port = 53 } }, timeout = 1 }, system:servers())
  end)
end)
