-- down.lua - which addresses did not answer lately: all sends of the process
-- know it, and try these last (delivery.md, D11).
-- SPDX-License-Identifier: MIT
local M = {}
---@class posthorn.down
local Down = {}
Down.__index = Down

local seconds = 60
local most = 1024 -- addresses; past it all of it is learnt anew

-- One memory for each driver: a clock is a driver's own.
local memories = setmetatable({}, { __mode = "k" })

---The memory that all who use this driver share.
---@param driver table
---@return posthorn.down
function M.of(driver)
  local memory = memories[driver]
  if not memory then
    memory = setmetatable({
      now = driver.now, until_when = {}, count = 0, last = 0, -- when all of it will be over
    }, Down)
    memories[driver] = memory
  end
  return memory
end

-- Forgets what is over; when all of it still holds, all of it.
local function make_room(self)
  local now, kept = self.now(), {}
  self.count = 0
  for name, time in pairs(self.until_when) do
    if time > now then
      kept[name] = time
      self.count = self.count + 1
    end
  end
  if self.count >= most then kept, self.count = {}, 0 end
  self.until_when = kept
end

---It did not answer.
---@param name string of an address
function Down:mark(name)
  if not self.until_when[name] then
    if self.count >= most then make_room(self) end
    self.count = self.count + 1
  end
  self.last = self.now() + seconds
  self.until_when[name] = self.last
end

---All may have changed.
function Down:forget()
  self.until_when, self.count = {}, 0
end

---Whether nothing is known to be down: what everybody asks first.
---@return boolean
function Down:is_empty()
  if self.count > 0 and self.now() >= self.last then self:forget() end
  return self.count == 0
end

---It answered.
function Down:clear(name)
  if self.until_when[name] then
    self.until_when[name] = nil
    self.count = self.count - 1
  end
end

---@return boolean
function Down:has(name)
  local time = self.until_when[name]
  if time and time <= self.now() then
    self:clear(name)
    return false
  end
  return time ~= nil
end

return M
