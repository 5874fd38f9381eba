-- call.lua - what bounds one call of the user's: its deadline, and whether it
-- was cancelled.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"

local M = {}
local Call = {}
Call.__index = Call
M.methods = Call -- for posthorn.job, which is a call too

---@class posthorn.canceller
local Canceller = {}
Canceller.__index = Canceller

---A value for the option `cancel` of any number of sends; its `:cancel()` ends them all.
---@return posthorn.canceller
function M.canceller()
  return setmetatable({ is_cancelled = false, calls = setmetatable({}, { __mode = "k" }) },
    Canceller)
end

---Whether a value is what posthorn.canceller gave.
function M.is_canceller(value)
  return type(value) == "table" and getmetatable(value) == Canceller
end

---Ends every call that holds this canceller, and each later one at once. May be called twice.
function Canceller:cancel()
  if self.is_cancelled then return end
  self.is_cancelled = true
  local calls = {}
  for call in pairs(self.calls) do calls[#calls + 1] = call end
  for _, call in ipairs(calls) do call:cancel() end
end

---@param driver table
---@param timeout number? seconds for all of it
---@param canceller table? of posthorn.canceller()
function M.new(driver, timeout, canceller)
  local call = setmetatable({
    driver = driver,
    deadline = timeout and driver.now() + timeout,
    canceller = canceller,
    is_cancelled = canceller ~= nil and canceller.is_cancelled,
    connection = nil, -- whose wait is to be ended by cancel
    wake = nil,       -- set by a look-up or a connect that waits
  }, Call)
  if canceller then canceller.calls[call] = true end
  return call
end

---Ends the wait under way, and every later one of this call.
function Call:cancel()
  self.is_cancelled = true
  if self.wake then self.wake() end
  if self.connection then self.connection:wake() end
end

---Over: a later cancel has nothing to end.
function Call:finish()
  if self.canceller then self.canceller.calls[self] = nil end
end

---Whether the deadline has passed.
function Call:is_late()
  return self.deadline ~= nil and self.driver.now() >= self.deadline
end

---The seconds for one of n tries that are left, so that each has its turn; nil: without a bound.
function Call:share(n)
  return self.deadline and (self.deadline - self.driver.now()) / n
end

---Whether nothing more may be done for it.
function Call:is_over()
  return self.is_cancelled or self:is_late()
end

-- What a session is told while this call waits for it; a lane has the same words for its mails.

---Before a wait: whether the session was ended, as the call was cancelled.
function Call:look(session)
  if self.is_cancelled then session:abort("cancelled", "the send was cancelled") end
  return self.is_cancelled
end

---A wait ended with "woken": somebody cancels.
function Call.was_woken(_, session)
  session:abort("cancelled", "the send was cancelled")
end

---A wait ended with "timeout": whether it was the call's own, which ends the session.
function Call:was_late(session)
  if not self:is_late() then return false end
  session:abort("timeout", "the send took longer than its timeout")
  return true
end

---The failure of a call that is over: nil, message, failure.
function Call:tell_over(phase)
  if self.is_cancelled then
    return failures.fail(failures.new("cancelled", "temporary", phase, "the send was cancelled"))
  end
  return failures.fail(failures.new("timeout", "temporary", phase,
    "the send took longer than its timeout"))
end

---Calls what may wait as a task of its own, so that this call's deadline and a cancel hold
---whatever it does: its results, or nil, message, failure.
function Call:beside(fn, ...)
  local bell, outcome = {}, nil
  local function ring()
    if bell.wake then bell.wake() end
  end
  local task = self.driver.spawn(function(...)
    local ok, result, message, failure = self.driver.pcall(fn, ...)
    if not ok then
      failure = failures.new("io", "temporary", "content", "the source raised an error", result)
      result, message = nil, failure.message
    end
    outcome = { result, message, failure }
    ring()
  end, ...)
  self.wake = ring
  while not outcome and not self:is_over() do
    local rest = self.deadline and self.deadline - self.driver.now() or math.huge
    local _, reason = self.driver.sleep(rest, bell)
    if reason == "woken" and not outcome then self.is_cancelled = true end
  end
  self.wake = nil
  if outcome then return outcome[1], outcome[2], outcome[3] end
  task:cancel()
  return self:tell_over("content")
end

---The earlier of the call's deadline and a wait of that many seconds.
function Call:within(seconds)
  if not seconds then return self.deadline end
  local deadline = self.driver.now() + seconds
  if self.deadline and self.deadline < deadline then return self.deadline end
  return deadline
end

return M
