-- way_spec.lua - lua/posthorn/way.lua and server.lua: the walk over servers and addresses.
local calls = require "posthorn.call"
local failures = require "posthorn.failure"
local mocks = require "posthorn.driver.mock"
local options_of = require "posthorn.options"
local servers = require "posthorn.server"
local ways = require "posthorn.way"

-- A peer that says what SMTP wants until it is ready.
local function welcome(peer)
  peer:write "220 mail.test\r\n"
  peer:read_line()
  peer:write "250 mail.test\r\n"
  peer:read_line()
end

-- fn(way, call, asked) in the loop of a mock driver. `refused` = { [ip] = reason }; asked: the
-- addresses connected to, in order.
local function with(given, refused, fn)
  local asked = {}
  local driver = mocks.new {
    peer = welcome,
    connect = function(address)
      asked[#asked + 1] = address.ip
      if refused[address.ip] then return refused[address.ip], "connection refused" end
    end,
  }
  given.tls = given.tls or "none"
  return driver.run(function()
    local way = ways.new(options_of.transport(given), driver)
    return fn(way, calls.new(driver, given.timeout), asked)
  end)
end

local function three_addresses()
  return { host = "mail.test", resolver = { hosts = {
    ["mail.test"] = { "192.0.2.1", "192.0.2.2", "192.0.2.3" } } } }
end

describe("posthorn.way", function()
  it("opens to the first address that takes a connection", function()
    with(three_addresses(), { ["192.0.2.1"] = "error" }, function(way, call, asked)
      local connection = assert(way:open(call, way:trial()))
      assert.equal("192.0.2.2", connection.peer.ip)
      assert.equal(way.servers[1], connection.server)
      assert.same({ "192.0.2.1", "192.0.2.2" }, asked)
      connection:close()
    end)
  end)

  it("goes on where the mail was before, and ends when nothing is left", function()
    with(three_addresses(), {}, function(way, call, asked)
      local trial = way:trial()
      for i = 1, 3 do
        assert.equal(way.servers[1], trial:server())
        local connection = assert(way:open(call, trial))
        assert.equal("192.0.2." .. i, connection.peer.ip)
        assert.is_true(trial:has_tried(connection))
        connection:close()
        assert.is_true(trial:go_on(failures.new("refused", "temporary", "rcpt", "answer " .. i)))
      end
      assert.is_nil(trial:server())
      local connection, message = way:open(call, trial)
      assert.is_nil(connection)
      assert.equal("answer 3", message)
      assert.equal(3, #asked)
    end)
  end)

  it("does not go again where a kept connection led", function()
    with(three_addresses(), {}, function(way, call)
      local kept = assert(way:open(call, way:trial()))
      local trial = way:trial()
      assert.is_false(trial:has_tried(kept))
      trial:take(kept)
      assert.is_true(trial:has_tried(kept))
      local connection = assert(way:open(call, trial))
      assert.equal("192.0.2.2", connection.peer.ip)
      kept:close()
      connection:close()
    end)
  end)

  it("stops after what no other address can mend", function()
    local way = ways.new(options_of.transport { host = "192.0.2.1" }, mocks.new {})
    for _, case in ipairs {
      { "refused", "temporary", "rcpt", true }, { "refused", "permanent", "rcpt", false },
      { "unsupported", "permanent", "mail", true }, { "limit", "permanent", "mail", true },
      { "closed", "unknown", "dot", false }, { "refused", "temporary", "dot", false },
      { "io", "temporary", "content", false }, { "cancelled", "temporary", "mail", false },
    } do
      local trial = way:trial()
      local failure = failures.new(case[1], case[2], case[3], "no")
      assert.equal(case[4], trial:go_on(failure), table.concat(case, " ", 1, 3))
      assert.equal(failure, trial.told)
      assert.equal(case[4], trial:server() ~= nil)
    end
  end)

  it("tells the failure of the address that was got furthest with", function()
    local way = ways.new(options_of.transport { host = "192.0.2.1" }, mocks.new {})
    local trial = way:trial()
    trial:go_on(failures.new("refused", "temporary", "mail", "at mail"))
    trial:go_on(failures.new("connect", "temporary", "connect", "at connect"))
    assert.equal("at mail", trial.told.message)
    trial:go_on(failures.new("refused", "permanent", "mail", "the verdict"))
    assert.equal("the verdict", trial.told.message)
  end)
end)

describe("posthorn.server", function()
  local function key(given)
    given.host = given.host or "mail.test"
    return servers.new(options_of.transport(given)).key
  end

  it("has one key for equal options, another for any difference (security.md, 23)", function()
    assert.equal(key {}, key {})
    for _, given in ipairs {
      { host = "other.test" }, { port = 2525 }, { tls = "implicit" }, { verify = false },
      { ca_file = "a" }, { ca_path = "a" }, { server_name = "a" }, { user = "a", password = "b" },
      { hello_name = "a.test" }, { allow_plaintext_auth = true }, { auth = { "PLAIN" } },
      { extensions = { pipelining = "off" } },
    } do
      assert.not_equal(key {}, key(given))
    end
    assert.not_equal(key { user = "a", password = "b" }, key { user = "a", password = "c" })
  end)
end)
