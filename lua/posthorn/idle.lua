-- idle.lua - connections that wait for a next mail, and the watch that ends
-- them when none comes (delivery.md, S29 and S30).
-- SPDX-License-Identifier: MIT
local calls = require "posthorn.call"

local M = {}
---@class posthorn.idle
local Idle = {}
Idle.__index = Idle

---@param driver table
---@param idle_seconds number
---@param life_seconds number
function M.new(driver, idle_seconds, life_seconds)
  return setmetatable({
    driver = driver, idle_seconds = idle_seconds, life_seconds = life_seconds,
    pumps = {}, count = 0, -- the last used at the end
  }, Idle)
end

-- ---- the watch: one task for each driver, which holds no transport alive ----

local watches = setmetatable({}, { __mode = "k" }) -- by driver

-- Ends what waited too long; when the next one will have.
local function sweep(watch, driver)
  local earliest
  for idle in pairs(watch.idles) do
    local due = idle:expire(driver)
    if due and not (earliest and earliest < due) then earliest = due end
  end
  return earliest
end

local function keep_watch(watch, driver)
  local due = sweep(watch, driver)
  while due do
    driver.wait(watch, due)
    due = sweep(watch, driver)
  end
  watch.is_kept = false
end

-- Where a driver knows no task that nobody waits for, a connection is looked at when it is taken.
local function begin_watch(idle)
  local driver = idle.driver
  if not driver.background then return end
  local watch = watches[driver]
  if not watch then
    watch = { idles = setmetatable({}, { __mode = "k" }), is_kept = false }
    watches[driver] = watch
  end
  watch.idles[idle] = true
  if watch.is_kept then return end
  watch.is_kept = true
  driver.background(keep_watch, watch, driver)
end

-- ---- the connections ----

local function limit_of(self, pump)
  return math.min(pump.idle_since + self.idle_seconds, pump.born + self.life_seconds)
end

local function quit(pump, driver)
  pump:quit(calls.new(driver))
end

-- Says QUIT on those that waited too long; when the first of the others will have.
function Idle:expire(driver)
  local now, earliest = driver.now(), nil
  for i = self.count, 1, -1 do
    local pump = self.pumps[i]
    local limit = limit_of(self, pump)
    if limit <= now then
      self:remove(i)
      driver.background(quit, pump, driver)
    elseif not (earliest and earliest < limit) then
      earliest = limit
    end
  end
  return earliest
end

function Idle:remove(i)
  self.count = self.count - 1
  return table.remove(self.pumps, i)
end

---@param pump table
function Idle:put(pump)
  pump.idle_since = self.driver.now()
  self.count = self.count + 1
  self.pumps[self.count] = pump
  begin_watch(self)
end

---The one used last that is still worth something for this mail; others of its kind are dropped.
---@param trial posthorn.way.trial
function Idle:take(trial)
  local server, now = trial:server(), self.driver.now()
  for i = self.count, 1, -1 do
    local pump = self.pumps[i]
    if pump.server == server and not trial:has_tried(pump) then
      self:remove(i)
      if now < limit_of(self, pump) and pump:is_reusable() then return pump end
      pump:close()
    end
  end
end

function Idle:drop_oldest()
  if self.count > 0 then quit(self:remove(1), self.driver) end
end

---@param call table of posthorn.call
function Idle:close(call)
  while self.count > 0 do self:remove(self.count):quit(call) end
end

return M
