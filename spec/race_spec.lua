-- race_spec.lua - lua/posthorn/race.lua, under a clock that jumps and over real sockets.
local calls = require "posthorn.call"
local mocks = require "posthorn.driver.mock"
local patiently = require "spec.patience"
local peers = require "spec.peer"
local posthorn = require "posthorn"
local races = require "posthorn.race"
local setting = require "spec.faults.setting"

-- A race between a, b, c in the loop of a mock driver, in which `delays` are seconds until each is
-- connected, or refused where it is in `refused`. Gives what happened, in words with their times.
local function race(delays, refused, options)
  options = options or {}
  local told, open, most, octets = {}, 0, 0, 0
  local driver
  local function tell(...)
    told[#told + 1] = ("%.2f "):format(driver.now()) .. table.concat({ ... }, " ")
  end
  driver = mocks.new {
    delay = function(place) return delays[place.ip] end,
    peer = function(peer, place)
      if refused and refused[place.ip] then return end
      local bytes, reason = peer:read(100, driver.now() + 1000)
      octets = octets + #(bytes or "")
      tell(place.ip, "ends with", reason or "octets")
    end,
    connect = options.connect,
  }
  local connection, address
  local call = calls.new(driver, options.timeout)
  if options.is_deaf then
    local connect = driver.connect
    function driver.connect(place, deadline) return connect(place, deadline) end
  end
  local list = {}
  for name in pairs(delays) do list[#list + 1] = { ip = name } end
  table.sort(list, function(one, other) return one.ip < other.ip end)
  driver.run(function()
    if options.beside then driver.spawn(options.beside, driver, call) end
    connection, address = races.connect(driver, call, list, {
      begin = function(one)
        open = open + 1
        most = math.max(most, open)
        tell(one.ip, "begins")
        return { ip = one.ip, port = 25 }, options.timeout or driver.now() + 30
      end,
      failed = function(one, reason, text)
        open = open - 1
        tell(one.ip, "failed:", text or reason)
        if options.rest then driver.sleep(options.rest) end
      end,
      lost = function(one, seconds)
        open = open - 1
        tell(one.ip, "lost", seconds and ("%.2f"):format(seconds) or "with all")
      end,
    })
    if connection then
      tell(address.ip, "won")
      connection:close()
    end
  end)
  for _, task in ipairs(driver.peers) do task:wait() end
  return told, { most = most, call = call, connection = connection, octets = octets,
    driver = driver }
end

-- Without the peers' own words.
local function without_ends(told)
  local list = {}
  for _, line in ipairs(told) do
    if not line:find "ends with" then list[#list + 1] = line end
  end
  return list
end

local function refuse(...)
  local names = {}
  for _, name in ipairs { ... } do names[name] = true end
  return function(place)
    if names[place.ip] then return "error", "refused" end
  end
end

describe("posthorn.race", function()
  it("gives the next address its turn after a head start of 250 ms (RFC 8305, 8)", function()
    assert.same({ "0.00 a begins", "0.25 b begins", "0.35 a lost 0.35", "0.35 b won" },
      without_ends(race { a = 9, b = 0.1 }))
  end)

  it("lets the first win though the second has begun", function()
    assert.same({ "0.00 a begins", "0.25 b begins", "0.40 b lost 0.15", "0.40 a won" },
      without_ends(race { a = 0.4, b = 0.3 }))
  end)

  it("needs no second where the first is quick", function()
    assert.same({ "0.00 a begins", "0.20 a won" }, without_ends(race { a = 0.2, b = 0 }))
  end)

  it("gives the next its turn at once when one is refused", function()
    assert.same({ "0.00 a begins", "0.10 a failed: refused", "0.10 b begins", "0.10 b failed: refused",
      "0.10 c begins", "0.20 c won" },
      without_ends(race({ a = 0.1, b = 0, c = 0.1 }, nil, { connect = refuse("a", "b") })))
  end)

  it("has two under way at most", function()
    local told, about = race({ a = 9, b = 9, c = 0.1, d = 0.1 }, nil, { connect = refuse("b") })
    assert.same({ "0.00 a begins", "0.25 b begins", "9.00 b lost 8.75", "9.00 a won" },
      without_ends(race { a = 9, b = 9, c = 0.1 }))
    assert.same({ "0.00 a begins", "0.25 b begins", "9.00 b lost 8.75", "9.00 a won" },
      without_ends(told))
    assert.equal(2, about.most)
  end)

  it("goes on with the third when one of two under way failed", function()
    local told = race({ a = 9, b = 1, c = 0.1 }, nil, { connect = refuse "b" })
    assert.same({ "0.00 a begins", "0.25 b begins", "1.25 b failed: refused", "1.25 c begins",
      "1.35 a lost 1.35", "1.35 c won" }, without_ends(told))
  end)

  it("closes the one that comes second before any octet", function()
    local told, about = race { a = 0.35, b = 0.1 }
    assert.same({ "0.00 a begins", "0.25 b begins" }, { told[1], told[2] })
    assert.equal(0, about.octets)
    assert.equal(1, select(2, table.concat(told, "\n"):gsub("won", "")))
    for _, line in ipairs(told) do
      if line:find "ends with" then assert.matches("ends with eof", line) end
    end
  end)

  it("gives the third its turn at once when the second is refused early", function()
    local told = race({ a = 9, b = 0.05, c = 0.1 }, nil, { connect = refuse "b" })
    assert.same({ "0.00 a begins", "0.25 b begins", "0.30 b failed: refused", "0.30 c begins",
      "0.40 a lost 0.40", "0.40 c won" }, without_ends(told))
  end)

  it("hears of one that is connected while another's failure is told", function()
    local told = race({ a = 0.4, b = 0.05 }, nil, { connect = refuse "b", rest = 0.2 })
    assert.same({ "0.00 a begins", "0.25 b begins", "0.30 b failed: refused", "0.50 a won" },
      without_ends(told))
  end)

  it("closes one that is connected afterwards, where no wake ends a connect", function()
    local told, about = race({ a = 0.6, b = 0.1 }, nil, { is_deaf = true })
    assert.same({ "0.00 a begins", "0.25 b begins", "0.35 a lost 0.35", "0.35 b won" },
      without_ends(told))
    assert.equal(0, about.octets)
    table.sort(told)
    assert.equal("0.60 a ends with eof", told[#told])
  end)

  it("tells each that failed, and gives nothing", function()
    local told, about = race({ a = 0, b = 0.1 }, nil, { connect = refuse("a", "b") })
    assert.same({ "0.00 a begins", "0.00 a failed: refused", "0.00 b begins",
      "0.10 b failed: refused" }, told)
    assert.is_nil(about.connection)
  end)

  it("begins nothing any more when the call's time is over", function()
    local told, about = race({ a = 9, b = 9, c = 9 }, nil, { timeout = 2 })
    assert.same({ "0.00 a begins", "0.25 b begins", "2.00 a failed: timeout",
      "2.00 b failed: timeout" }, told)
    assert.is_nil(about.connection)
  end)

  it("ends at once by the call's cancel, and leaves nothing under way", function()
    local told, about = race({ a = 9, b = 9 }, nil, { beside = function(driver, call)
      driver.sleep(1)
      call:cancel()
    end })
    assert.same({ "0.00 a begins", "0.25 b begins", "1.00 a lost with all",
      "1.00 b lost with all" }, told)
    assert.is_true(about.call.is_cancelled)
    assert.equal(1, about.driver.now())
  end)

  it("ends at once when its task is cancelled", function()
    local driver = mocks.new { delay = 9 }
    local call, given = calls.new(driver), nil
    driver.run(function()
      local task = driver.spawn(function()
        given = races.connect(driver, call, { { ip = "a" }, { ip = "b" } }, {
          begin = function(one) return { ip = one.ip, port = 25 } end,
          failed = function() end, lost = function() end,
        })
      end)
      driver.sleep(1)
      task:cancel()
    end)
    assert.is_nil(given)
    assert.is_true(call.is_cancelled)
    assert.equal(1, driver.now())
  end)

  it("takes an error of the driver's for a failure of that address", function()
    local told = race({ a = 0, b = 0 }, nil, { connect = function(place)
      if place.ip == "a" then error("no memory", 0) end
    end })
    assert.same({ "0.00 a begins", "0.00 a failed: no memory", "0.00 b begins", "0.00 b won" },
      without_ends(told))
  end)

  it("needs no task for one address", function()
    local driver = mocks.new { peer = function() end }
    driver.spawn = function() error "a task" end
    local given = driver.run(function()
      return races.connect(driver, calls.new(driver), { { ip = "a" } }, {
        begin = function(one) return { ip = one.ip, port = 25 } end,
      })
    end)
    assert.is_truthy(given)
  end)
end)

describe("a race over real sockets", function()
  -- One mail to mail.test at these addresses; the result, the trace and the seconds.
  local function send(port, addresses, options)
    local seen = {}
    local all = { host = "mail.test", port = port, tls = "none", timeout = 10,
      resolver = { hosts = { ["mail.test"] = addresses } },
      trace = function(event)
        if event.phase == "connect" then seen[#seen + 1] = event.text end
      end }
    for name, value in pairs(options or {}) do all[name] = value end
    local transport = posthorn.transport(all)
    local began = transport.driver.now()
    local result, message = transport:send(setting.mail())
    local seconds = transport.driver.now() - began
    transport:close()
    return assert(result, message), table.concat(seen, "\n"), seconds
  end

  it("is won by 127.0.0.1 where nobody listens at ::1", function()
    posthorn.run(function()
      local peer = peers.start({}, "127.0.0.1")
      local result, seen = send(peer.port, { "::1", "127.0.0.1" })
      assert.equal("127.0.0.1", result.ip)
      assert.matches("connecting to ::1 port %d+\n::1 port %d+: the connection failed: ", seen)
      peer:stop()
    end)
  end)

  it("is won by the second where the first drops every SYN, and remembered", function()
    posthorn.run(function()
      local port, stop = setting.deaf "127.0.0.2"
      local peer = peers.start({}, "127.0.0.1", port)
      local result, seen, seconds = send(port, { "127.0.0.2", "127.0.0.1" })
      assert.equal("127.0.0.1", result.ip)
      assert.is_true(seconds >= 0.25 and seconds < 3, tostring(seconds))
      assert.matches("127.0.0.2 port %d+: another address was faster", seen)
      result, seen = send(port, { "127.0.0.2", "127.0.0.1" })
      assert.equal("127.0.0.1", result.ip)
      assert.is_nil(seen:find("127.0.0.2", 1, true))
      peer:stop()
      stop()
    end)
  end)

  for what, finish in pairs {
    ["cancel"] = function(_, canceller) canceller:cancel() end,
    ["the transport's close"] = function(transport) transport:close() end,
    ["its task's cancel"] = function(_, _, task) task:cancel() end,
  } do
    it("ends at once by " .. what, patiently(function(in_time)
      posthorn.run(function()
        local port, stop = setting.deaf "127.0.0.2"
        local canceller, begun = posthorn.canceller(), 0
        local transport = posthorn.transport { host = "mail.test", port = port, tls = "none",
          resolver = { hosts = { ["mail.test"] = { "127.0.0.2", "127.0.0.2", "::1" } } },
          trace = function(event)
            if event.text:find "^connecting to" then begun = begun + 1 end
          end }
        local driver = transport.driver
        local task = driver.spawn(function()
          local result, _, failure = transport:send(setting.mail(), { cancel = canceller })
          return result, failure, driver.now()
        end)
        local limit = driver.now() + 5
        while begun < 1 and driver.now() < limit do driver.sleep(0.005) end
        local began = driver.now()
        finish(transport, canceller, task)
        local result, failure, ended = task:wait()
        assert.is_nil(result)
        assert.same({ "cancelled", "temporary", "connect" }, { failure.kind, failure.class, failure.phase })
        in_time(ended - began, 0.1)
        transport:close()
        stop()
      end)
    end))
  end

  it("runs outside of the loop as well", function()
    local port = setting.dead_port()
    local transport = posthorn.transport { host = "mail.test", port = port, tls = "none",
      resolver = { hosts = { ["mail.test"] = { "::1", "127.0.0.1", "127.0.0.2" } } } }
    local began = transport.driver.now()
    local result, _, failure = transport:send(setting.mail())
    local seconds = transport.driver.now() - began
    assert.is_nil(result)
    assert.equal("connect", failure.kind)
    assert.equal("127.0.0.2", failure.ip)
    assert.is_true(seconds < 3, tostring(seconds))
    transport:close()
  end)

  it("is not all: the next address is tried when the winner fails in SMTP", function()
    posthorn.run(function()
      local winner = peers.start({ ehlo = "421 4.3.2 later" }, "127.0.0.1")
      local other = peers.start({}, "127.0.0.2", winner.port)
      local result = send(winner.port, { "127.0.0.1", "127.0.0.2" })
      assert.equal("127.0.0.2", result.ip)
      assert.equal(1, winner.connections)
      winner:stop()
      other:stop()
    end)
  end)
end)
