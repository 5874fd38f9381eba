-- resolve_spec.lua - lua/posthorn/resolve.lua: what needs no question.
local resolve = require "posthorn.resolve"

-- Whoever asks a question with this fails: it has no sockets.
local still = { now = os.clock }

local function ips(list)
  local out = {}
  for i, address in ipairs(list) do out[i] = address.ip end
  return out
end

describe("resolve.addresses without a question", function()
  local path

  before_each(function()
    path = os.tmpname()
    local handle = assert(io.open(path, "wb"))
    handle:write("192.0.2.7 files.example\n2001:db8::7 files.example\n192.0.2.8 files.example\n"
      .. "192.0.2.66 localhost\n")
    handle:close()
  end)

  after_each(function() os.remove(path) end)

  local function find(host, options)
    options = options or {}
    options.driver, options.files = still, { hosts = path }
    return resolve.addresses(host, options)
  end

  it("gives literal addresses as they are", function()
    assert.same({ { ip = "192.0.2.1", family = "inet" } }, find("192.0.2.1"))
    assert.same({ { ip = "2001:db8::1", family = "inet6" } }, find("2001:DB8::1"))
    assert.same({ { ip = "::1", family = "inet6" } }, find("[::1]"))
  end)

  it("knows localhost, IPv4 first, whatever a file says", function()
    assert.same({ "127.0.0.1", "::1" }, ips(find("localhost")))
    assert.same({ "127.0.0.1", "::1" }, ips(find("Mail.LocalHost.")))
  end)

  it("takes the caller's hosts before all else", function()
    local hosts = { ["Mail.Example."] = "192.0.2.1",
      ["two.example"] = { "2001:db8::1", "2001:db8::2", "192.0.2.2" }, localhost = "127.0.0.9" }
    assert.same({ "192.0.2.1" }, ips(find("mail.example", { hosts = hosts })))
    assert.same({ "192.0.2.2", "2001:db8::1", "2001:db8::2" },
      ips(find("two.example", { hosts = hosts })))
    assert.same({ "127.0.0.9" }, ips(find("localhost", { hosts = hosts })))
  end)

  it("reads the hosts file, the families in turn (D9)", function()
    assert.same({ "192.0.2.7", "2001:db8::7", "192.0.2.8" }, ips(find("Files.Example")))
  end)

  it("refuses a malformed host by its field (A30), and shows it escaped", function()
    for _, host in ipairs { "", ".", "a b", "a\r\nRCPT TO:<x>", "a..b", "1.2.3", "256.1.1.1",
      "a\0b", "[192.0.2.1]", "[mail.example]", ("x"):rep(64), ("x."):rep(128), "fe80::1%eth0", "\27[2J" } do
      local list, message, failure = find(host)
      assert.is_nil(list, host)
      assert.same({ "invalid", "permanent", "host" },
        { failure.kind, failure.class, failure.field })
      assert.equal(message, tostring(failure))
      assert.is_nil(message:find("%c"))
    end
  end)

  it("raises for options that are none", function()
    for name, options in pairs { hosts = { hosts = { ["a.example"] = "nowhere" } },
      servers = { servers = { "nowhere" } } } do
      local ok, message = pcall(find, "a.example", options)
      assert.is_false(ok)
      assert.matches("option '" .. name .. "'", message)
    end
    for _, server in ipairs { "127.0.0.1:0", "127.0.0.1:99999", "[::1", "::1]:53", "a:53" } do
      assert.is_false((pcall(find, "a.example", { servers = { server } })))
    end
  end)
end)
