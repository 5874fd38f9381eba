-- way_spec.lua - lua/posthorn/way.lua: the walk over servers and addresses.
local calls = require "posthorn.call"
local failures = require "posthorn.failure"
local mocks = require "posthorn.driver.mock"
local options_of = require "posthorn.options"
local ways = require "posthorn.way"

-- A peer that says what SMTP wants until it is ready.
local function welcome(peer)
  peer:write "220 mail.test\r\n"
  peer:read_line()
  peer:write "250 mail.test\r\n"
  peer:read_line()
end

-- fn(way, call, asked) in the loop of a mock driver. `refused` = { [ip] = reason }; asked: the
-- addresses connected to, in order. `mock`: further options of the driver.
local function with(given, refused, fn, mock)
  local asked = {}
  local driver = mocks.new {
    peer = mock and mock.peer or welcome, delay = mock and mock.delay,
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

  it("tries the address that lost a race when the winner fails in SMTP", function()
    local delays = { ["192.0.2.1"] = 0.5, ["192.0.2.2"] = 0.1, ["192.0.2.3"] = 9 }
    with(three_addresses(), {}, function(way, call, asked)
      local trial = way:trial()
      local connection = assert(way:open(call, trial))
      assert.equal("192.0.2.1", connection.peer.ip)
      assert.same({ "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1" }, asked)
      assert.equal("refused", trial.told.kind)
      assert.equal("192.0.2.2", trial.told.ip)
      connection:close()
    end, {
      delay = function(place) return delays[place.ip] end,
      peer = function(peer, place)
        if place.ip ~= "192.0.2.2" then return welcome(peer) end
        peer:write "421 4.3.2 later\r\n"
      end,
    })
  end)

  it("goes to the servers in order, each with its own options", function()
    local given = { servers = { "smtp://192.0.2.1:2501",
      { host = "192.0.2.2", port = 2502, hello_name = "me.test" } }, hello_name = "common.test" }
    with(given, { ["192.0.2.1"] = "error" }, function(way, call, asked)
      assert.equal(2, #way.servers)
      assert.not_equal(way.servers[1].key, way.servers[2].key)
      local connection = assert(way:open(call, way:trial()))
      assert.same({ "192.0.2.1", "192.0.2.2" }, asked)
      assert.equal(way.servers[2], connection.server)
      assert.equal(2502, connection.peer.port)
      assert.equal("common.test", way.servers[1].options.hello_name)
      assert.equal("me.test", connection.options.hello_name)
      connection:close()
    end)
  end)

  it("stays at one server when it is told so", function()
    local given = { servers = { "smtp://192.0.2.1", "smtp://192.0.2.2" } }
    with(given, { ["192.0.2.1"] = "error" }, function(way, call, asked)
      local trial = way:trial()
      assert.is_nil(way:open(call, trial, trial:server()))
      assert.same({ "192.0.2.1" }, asked)
      assert.equal(way.servers[2], trial:server())
    end)
  end)

  it("tries last what was down, for a minute, whoever learnt it (delivery.md, D11)", function()
    local refused = { ["192.0.2.1"] = "error" }
    with({ servers = { "smtp://192.0.2.1", "smtp://192.0.2.2" } }, refused,
      function(way, call, asked)
        assert(way:open(call, way:trial())):close()
        assert.equal(way.servers[2], way:trial():server())
        -- Another transport that has the same server.
        local other = ways.new(options_of.transport {
          servers = { "smtp://192.0.2.1", "smtp://192.0.2.3" }, tls = "none" }, way.driver)
        refused["192.0.2.3"] = "error"
        assert.equal("connect", select(3, other:open(call, other:trial())).kind)
        assert.same({ "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1" }, asked)
        way.driver.sleep(61)
        refused["192.0.2.1"] = nil
        assert.equal(way.servers[1], way:trial():server())
        assert(way:open(call, way:trial())):close()
        assert.equal("192.0.2.1", asked[5])
      end)
  end)

  it("tries last the one address of a server that was down", function()
    with(three_addresses(), { ["192.0.2.1"] = "error" }, function(way, call, asked)
      for _ = 1, 2 do assert(way:open(call, way:trial())):close() end
      assert.same({ "192.0.2.1", "192.0.2.2", "192.0.2.2" }, asked)
    end)
  end)

  it("goes round to the servers before the first (round_robin)", function()
    local given = { balance = "round_robin", servers = { "smtp://192.0.2.1", "smtp://192.0.2.2" } }
    with(given, { ["192.0.2.2"] = "error" }, function(way, call, asked)
      way:trial()
      local connection = assert(way:open(call, way:trial()))
      assert.equal(way.servers[1], connection.server)
      assert.same({ "192.0.2.2", "192.0.2.1" }, asked)
      connection:close()
    end)
  end)

  it("leaves each address of each server its share of the time", function()
    local given = { timeout = 9, servers = { "smtp://192.0.2.1", "smtp://192.0.2.2",
      "smtp://192.0.2.3" } }
    with(given, { ["192.0.2.1"] = "timeout", ["192.0.2.2"] = "timeout" },
      function(way, call)
        local connection = assert(way:open(call, way:trial()))
        assert.equal("192.0.2.3", connection.peer.ip)
        assert.equal(6, way.driver.now())
        connection:close()
      end)
  end)

  it("leaves them theirs also where a connection is taken and nothing is said (B3)", function()
    local given = { timeout = 9, servers = { "smtp://192.0.2.1", "smtp://192.0.2.2",
      "smtp://192.0.2.3" } }
    local silent = { ["192.0.2.1"] = true, ["192.0.2.2"] = true }
    with(given, {}, function(way, call)
      local trial = way:trial()
      local connection = assert(way:open(call, trial))
      assert.equal("192.0.2.3", connection.peer.ip)
      assert.equal(6, way.driver.now())
      assert.same({ "timeout", "greeting" }, { trial.told.kind, trial.told.phase })
      connection:close()
    end, { peer = function(peer, place)
      if not silent[place.ip] then return welcome(peer) end
      peer:read_line()
    end })
  end)

  it("lets the last one greet for as long as there is time", function()
    with({ timeout = 9, host = "192.0.2.1" }, {}, function(way, call)
      local connection = assert(way:open(call, way:trial()))
      assert.equal(8, way.driver.now())
      connection:close()
    end, { peer = function(peer, place)
      peer.tasks:sleep(8)
      welcome(peer, place)
    end })
  end)

  it("goes to the next server when a name cannot be looked up", function()
    for timeout, seconds in pairs { [9] = 4.5, [100] = 30 } do
      local given = { servers = { "smtp://silent.test", "smtp://192.0.2.2" }, timeout = timeout,
        resolver = { servers = { "127.0.0.1:53" } } }
      with(given, {}, function(way, call)
        local trial = way:trial()
        local connection = assert(way:open(call, trial))
        assert.equal("192.0.2.2", connection.peer.ip)
        assert.equal("lookup", trial.told.phase)
        assert.is_true(way.driver.now() <= seconds + 0.1, tostring(way.driver.now()))
        connection:close()
      end)
    end
  end)
end)
