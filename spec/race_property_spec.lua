-- race_property_spec.lua - races drawn at random: whatever answers when, one connection comes of it
-- at most, two are under way at most, and nothing is left behind.
-- SPDX-License-Identifier: MIT
local calls = require "posthorn.call"
local mocks = require "posthorn.driver.mock"
local property = require "spec.property"
local races = require "posthorn.race"

-- Addresses: when each answers, and how.
local function draw_addresses(draw)
  local list = {}
  for i = 1, draw.number(1, 6) do
    list[i] = {
      ip = "a" .. i, delay = draw.number(0, 8) / 8, is_refused = draw.number(1, 2) == 1,
      patience = draw.number(1, 12) / 8,
    }
  end
  return list
end

-- One race; what happened, for the checks.
local function run(draw)
  local list = draw_addresses(draw)
  local seen = { list = list, begun = {}, ended = {}, open = 0, most = 0, octets = 0, accepted = 0, closed = 0 }
  local by_ip = {}
  for _, address in ipairs(list) do by_ip[address.ip] = address end
  local driver = mocks.new {
    delay = function(place) return by_ip[place.ip].delay end,
    connect = function(place)
      if by_ip[place.ip].is_refused then return "error", "refused" end
    end,
    peer = function(peer)
      seen.accepted = seen.accepted + 1
      local bytes = peer:read(1)
      seen.octets = seen.octets + #(bytes or "")
      seen.closed = seen.closed + 1
    end,
  }
  local call = calls.new(driver, draw.number(1, 3) == 1 and draw.number(1, 16) / 8 or nil)
  local function ended(how)
    return function(address)
      assert(not seen.ended[address.ip], address.ip .. " ended twice")
      seen.ended[address.ip] = how
      seen.open = seen.open - 1
    end
  end
  driver.run(function()
    local cancel_at = draw.number(1, 4) == 1 and draw.number(0, 12) / 8
    if cancel_at then
      seen.cancel_at = cancel_at
      driver.spawn(function()
        driver.sleep(cancel_at)
        call:cancel()
      end)
    end
    seen.connection, seen.address = races.connect(driver, call, list, {
      begin = function(address)
        seen.begun[#seen.begun + 1] = address.ip
        seen.open = seen.open + 1
        seen.most = math.max(seen.most, seen.open)
        return { ip = address.ip, port = 25 }, call:within(address.patience)
      end,
      failed = ended "failed", lost = ended "lost",
    })
    seen.time = driver.now()
    seen.late = call:is_late()
    if seen.connection then
      driver.sleep(1)
      assert(seen.connection:is_quiet(), "the winner was closed")
      seen.connection:close()
    end
  end)
  for _, peer in ipairs(driver.peers) do peer:wait() end
  seen.call = call
  return seen
end

local function check(seen)
  assert(seen.most <= 2, "more than two under way")
  assert(seen.octets == 0, "an octet was sent")
  assert(seen.accepted == seen.closed, "a connection was left open")
  for i, ip in ipairs(seen.begun) do
    assert(ip == "a" .. i, "out of order")
    local how = seen.ended[ip]
    if seen.address and seen.address.ip == ip then
      assert(not how, "the winner ended")
    else
      assert(how, ip .. " has no end")
    end
  end
  if seen.connection then
    assert(not seen.address.is_refused)
    return
  end
  assert(seen.call.wake == nil)
  if seen.call.is_cancelled then
    assert(seen.time <= seen.cancel_at + 1e-9, "it went on after the cancel")
  elseif not seen.late then
    -- Nobody was left out, and nobody who would have answered in his time was missed.
    assert(#seen.begun == #seen.list, "an address was left out")
    for _, address in ipairs(seen.list) do
      assert(address.is_refused or address.delay >= address.patience, address.ip .. " would have answered")
    end
  end
end

describe("posthorn.race, at random", function()
  it("holds", function()
    property.each(8305, 400, function(draw)
      check(run(draw))
    end)
  end)
end)
