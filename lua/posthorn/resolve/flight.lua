-- flight.lua - questions under way: each is asked once for all who want it,
-- and what came of it is kept as long as it is true.
-- SPDX-License-Identifier: MIT
local caches = require "posthorn.resolve.cache"
local question = require "posthorn.resolve.question"

local M = {}

local address_limit = 64 -- of one answer, that are kept
local alias_limit = 16
local smallest_ttl, largest_ttl, largest_negative, trouble_ttl = 5, 3600, 900, 5

local Flights = {}
Flights.__index = Flights

---@param driver table
function M.new(driver)
  return setmetatable({
    driver = driver,
    cache = caches.new(driver.now),
    flying = {}, -- by key
    count = 0,
  }, Flights)
end

-- What an answer says: addresses; or that there are none; or what went wrong.
local function outcome_of(answer, failure)
  if failure then return { kind = failure.kind, text = failure.message } end
  if not answer then return { kind = "cancelled", text = "the look-up was cancelled" } end
  if answer.rcode == "NXDOMAIN" then
    return { none = "NXDOMAIN", ttl = answer.negative_ttl }
  elseif answer.rcode ~= "NOERROR" then
    local text = "the name server answered " .. answer.rcode
    if answer.ede then text = ("%s (extended error %d)"):format(text, answer.ede) end
    return { kind = "dns", text = text, ttl = trouble_ttl }
  elseif #answer.records == 0 then
    return { none = "NODATA", ttl = answer.negative_ttl }
  end
  local outcome = { addresses = {}, ttl = answer.ttl }
  for i = 1, math.min(#answer.records, address_limit) do
    outcome.addresses[i] = answer.records[i].address
  end
  return outcome
end

-- How long an outcome may be kept; nil: not at all (a TTL of 0 is used once).
local function keep_seconds(outcome)
  if not outcome.ttl or outcome.ttl == 0 then return nil end
  local most = outcome.addresses and largest_ttl or largest_negative
  return math.max(smallest_ttl, math.min(most, outcome.ttl))
end

-- Asks on where aliases lead out of the answer.
local function ask(driver, plan, name, kind)
  local aliases, ttl = 0, math.huge
  while true do
    local answer, failure = question.ask(driver, plan, name, kind)
    -- A name that cannot be asked for, at the end of an alias, has no address.
    if failure and failure.kind == "invalid" then return { none = "NODATA" } end
    local outcome = outcome_of(answer, failure)
    if answer and answer.ttl then ttl = math.min(ttl, answer.ttl) end
    if outcome.addresses then outcome.ttl = ttl end
    if outcome.none ~= "NODATA" or outcome.ttl or answer.aliases == 0 then return outcome end
    aliases, name = aliases + answer.aliases, answer.name
    if aliases > alias_limit then
      return { kind = "dns", text = "the name servers gave too many aliases" }
    end
  end
end

local function land(self, flight)
  if self.flying[flight.key] == flight then
    self.flying[flight.key] = nil
    self.count = self.count - 1
  end
end

local function fly(self, flight, plan, name, kind)
  flight.outcome = ask(self.driver, plan, name, kind)
  self:keep(flight.key, flight.outcome, keep_seconds(flight.outcome))
  land(self, flight)
  for bell in pairs(flight.bells) do
    bell.has_rung = true
    if bell.wake then bell.wake() end
  end
end

---The question's flight: its `outcome` is there already, or comes later and wakes the bell's sleep
---(which sets `has_rung`). Whoever gets one must leave it.
---@param plan posthorn.resolve.plan
---@param name string
---@param kind "A"|"AAAA"
---@param bell table
---@return table
function Flights:get(plan, name, kind, bell)
  local key = kind .. " " .. name .. " " .. plan.key
  local flight = self.flying[key]
  if not flight then
    flight = { key = key, outcome = self.cache:get(key), bells = {}, task = nil }
    if flight.outcome then return flight end
    self.flying[key] = flight
    self.count = self.count + 1
    flight.task = self.driver.spawn(fly, self, flight, plan, name, kind)
  end
  flight.bells[bell] = true
  return flight
end

---This bell waits no longer; a flight that nobody waits for is given up.
function Flights:leave(flight, bell)
  flight.bells[bell] = nil
  if not flight.outcome and not next(flight.bells) then
    land(self, flight)
    flight.task:cancel()
  end
end

---Keeps an outcome; without seconds it does nothing.
function Flights:keep(key, outcome, seconds)
  if seconds then self.cache:put(key, outcome, seconds) end
end

return M
