-- cache.lua - outcomes of look-ups, kept as long as they are true and no
-- longer than the room lasts (RFC 2181, 8; RFC 2308, 5 and 7).
-- SPDX-License-Identifier: MIT
local M = {}

local entries_limit = 4096
local weight_limit = 32768 -- addresses in all entries together, about

local Cache = {}
Cache.__index = Cache

---@param now fun(): number
function M.new(now)
  -- Two generations: what is asked for moves to the young one; when that is
  -- full it becomes the old one, and what nobody asked for meanwhile is gone.
  return setmetatable({ now = now, young = {}, old = {}, count = 0, weight = 0 }, Cache)
end

local function keep(self, key, entry)
  if self.count >= entries_limit / 2 or self.weight >= weight_limit / 2 then
    self.old, self.young, self.count, self.weight = self.young, {}, 0, 0
  end
  if not self.young[key] then
    self.count = self.count + 1
    self.weight = self.weight + entry.weight
  end
  self.young[key] = entry
end

---The outcome that was kept under this key and is still true, or nil.
---@param key string
---@return table?
function Cache:get(key)
  local entry = self.young[key] or self.old[key]
  if not entry then return nil end
  if self.now() >= entry.expires then
    self.young[key], self.old[key] = nil, nil
    return nil
  end
  if not self.young[key] then
    self.old[key] = nil
    keep(self, key, entry)
  end
  return entry.outcome
end

---Keeps an outcome for that many seconds.
---@param key string
---@param outcome table
---@param seconds number
function Cache:put(key, outcome, seconds)
  local weight = 1 + (outcome.addresses and #outcome.addresses or 0)
  keep(self, key, { outcome = outcome, expires = self.now() + seconds, weight = weight })
end

return M
