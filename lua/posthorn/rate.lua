-- rate.lua - so many messages in so many seconds: a bucket of tokens that fills
-- steadily (api.md, section 2, `rate`).
-- SPDX-License-Identifier: MIT
local M = {}
---@class posthorn.rate
local Rate = {}
Rate.__index = Rate

---@param messages integer that may go at once
---@param seconds number in which as many come again
---@param now number
function M.new(messages, seconds, now)
  return setmetatable({
    messages = messages, pause = seconds / messages,
    full = now, -- when the bucket is full
  }, Rate)
end

---When the n-th message from now on may go.
---@param n integer
---@param now number
---@return number
function Rate:time_of(n, now)
  return math.max(now, math.max(self.full, now) + (n - self.messages) * self.pause)
end

---Takes a token if there is one.
---@param now number
---@return boolean
function Rate:take(now)
  if self:time_of(1, now) > now then return false end
  self.full = math.max(self.full, now) + self.pause
  return true
end

return M
