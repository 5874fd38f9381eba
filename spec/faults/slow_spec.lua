-- slow_spec.lua - fault catalogue D19, D21, D27: minutes at the limits of RFC 5321, 4.5.3.2, on a
-- clock that jumps.
local mocks = require "posthorn.driver.mock"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local content = { text = (("x"):rep(70) .. "\n"):rep(10000) }

-- A server that greets and takes each command, reads the content so many octets a second, and then
-- does answer(peer, sleep).
local function server(rate, answer)
  local driver
  driver = mocks.new { capacity = 1024, peer = function(peer)
    peer:write "220 mock\r\n"
    local line
    repeat
      line = peer:read_line()
      peer:write(line == "DATA" and "354 go on\r\n" or "250 ok\r\n")
    until line == "DATA"
    local tail = ""
    while tail ~= "\r\n.\r\n" do
      local octets = peer:read(rate)
      if not octets then return end
      tail = (tail .. octets):sub(-5)
      driver.sleep(1)
    end
    if answer then answer(peer, driver.sleep) end
    peer:read(1)
  end }
  return driver
end

-- The outcome of one mail, and how many seconds it took.
local function send(driver, fields, options)
  return driver.run(function()
    local all = { host = "192.0.2.1", port = 25, tls = "none", driver = driver }
    for name, value in pairs(options or {}) do all[name] = value end
    local transport = posthorn.transport(all)
    local result, _, failure = transport:send(setting.mail(fields))
    local seconds = driver.now()
    transport:close()
    return result or failure, seconds
  end)
end

local function expect(failure, kind, class, phase)
  assert.same({ kind, class, phase }, { failure.kind, failure.class, failure.phase })
  assert.equal(class, failure.recipients[1].class)
end

describe("faults D, minutes", function()
  local function take(peer) peer:write "250 2.0.0 queued as m1\r\n" end

  it("D19: a reader of 100 octets a second is given up after three minutes", function()
    local failure, seconds = send(server(100, take), content)
    expect(failure, "timeout", "temporary", "content")
    assert.is_true(seconds >= 180 and seconds < 181, tostring(seconds))
  end)

  it("D19: the limit that is given takes its place", function()
    local failure, seconds = send(server(100, take), content, { timeouts = { content = 20 } })
    expect(failure, "timeout", "temporary", "content")
    assert.is_true(seconds >= 20 and seconds < 21, tostring(seconds))
  end)

  it("D19: one of 700 octets a second is slow, and has its mail", function()
    local result, seconds = send(server(700, take), content)
    assert.equal("m1", result.queue_id)
    assert.is_true(seconds > 900, tostring(seconds))
  end)

  it("D21: silence after the dot is unknown after ten minutes", function()
    local failure, seconds = send(server(1000))
    expect(failure, "timeout", "unknown", "dot")
    assert.is_true(seconds >= 600 and seconds < 602, tostring(seconds))
  end)

  it("D27: 250 nine minutes after the dot is an answer", function()
    local result, seconds = send(server(1000, function(peer, sleep)
      sleep(540)
      take(peer)
    end))
    assert.equal("m1", result.queue_id)
    assert.is_true(seconds >= 540 and seconds < 542, tostring(seconds))
  end)

  it("D27: it is none where octets dripped for eleven minutes", function()
    local failure, seconds = send(server(1000, function(peer, sleep)
      for octet in ("250 2.0.0 " .. ("x"):rep(100)):gmatch "." do
        sleep(6)
        if not pcall(peer.write, peer, octet) then return end
      end
    end))
    expect(failure, "timeout", "unknown", "dot")
    assert.is_true(seconds >= 600 and seconds < 602, tostring(seconds))
  end)
end)
