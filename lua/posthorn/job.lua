-- job.lua - one mail on its way: the call that bounds it, what is sent, and
-- what became of it.
-- SPDX-License-Identifier: MIT
local calls = require "posthorn.call"
local results = require "posthorn.result"

local M = {}
---@class posthorn.job
local Job = {}
for name, method in pairs(calls.methods) do Job[name] = method end
Job.__index = Job

---A job without a mail.
---@param driver table
---@return posthorn.job
function M.blank(driver)
  return setmetatable({
    -- the call
    driver = driver, deadline = nil, canceller = nil, is_cancelled = false, connection = nil,
    wake = nil, waiting = nil,
    -- the mail
    letter = nil, envelope = nil, send = nil, item = nil, began = nil,
    plain = nil, -- octets and envelope together, of posthorn.core.raw
    -- on a connection (posthorn.pump)
    reader = nil, progress = nil,
    cause = nil, -- why its content ended the session
    -- in a pool (posthorn.pool, posthorn.lane)
    pool = nil, place = nil, lane = nil, trial = nil, returns = 0, has_token = false,
    was_reused = false,  -- its connection had carried another mail
    wants_fresh = false, -- it goes over a new connection only
    is_spent = false, -- it went more than once, or its lane may know it yet: for no other mail
    is_left = false, -- its outcome is told, though its lane still awaits the server's
    -- the outcome, and who is told of it beside a wait for this job
    is_done = false, result = nil, message = nil, failure = nil, raised = nil, owner = nil,
  }, Job)
end

---@param driver table
---@param letter table a message or raw
---@param envelope table? checked; nil: that of a posthorn.raw which is plain
---@param send table checked send options
---@param timeout number? the transport's
---@param item any what the caller gave, for progress
---@param spare posthorn.job? one that is over, to be used again
---@return posthorn.job
function M.new(driver, letter, envelope, send, timeout, item, spare)
  local job = spare or M.blank(driver)
  local now, canceller = driver.now(), send.cancel
  timeout = send.timeout or timeout
  job.letter, job.envelope, job.send, job.item, job.began = letter, envelope, send, item, now
  job.plain = not envelope and letter.plain or nil
  job.is_done, job.has_token, job.trial = false, false, nil
  job.deadline, job.canceller = timeout and now + timeout, canceller
  if canceller then
    job.is_cancelled = canceller.is_cancelled
    canceller.calls[job] = true
  end
  return job
end

---@return table
function Job:checked_envelope()
  self.envelope = self.envelope or self.letter:checked_envelope()
  return self.envelope
end

---Tells what became of the mail, once; a later verdict is too late.
---@param result table|nil
---@param message string?
---@param failure table?
function Job:tell(result, message, failure)
  if self.is_done then return end
  self.is_done = true
  if self.canceller then self.canceller.calls[self] = nil end
  if result then
    if not self.plain then result.message_id = self.letter.id end
    if not result.warnings then result.warnings = {} end
    result.seconds = self.driver.now() - self.began
    self.result = result
  else
    self.is_spent = true
    results.spread(failure, self:checked_envelope())
    self.message, self.failure = message, failure
  end
  local owner = self.owner
  if owner then
    owner:told(self)
  else
    self.driver.ring(self)
  end
end

---An error takes the place of an outcome.
function Job:raise(problem)
  if self.is_done then return end
  self.is_done = true
  self:finish()
  self.raised = { problem }
  if self.owner then self.owner:told(self) end
  self.driver.ring(self)
end

---What a send returns.
function Job:outcome()
  if self.raised then error(self.raised[1], 0) end
  if self.result then return self.result end
  return nil, self.message, self.failure
end

---Ends the mail: one that waits at once, one under way with its connection.
function Job:cancel()
  if self.is_done or self.is_cancelled then return end
  self.is_spent = true
  calls.methods.cancel(self)
  if self.lane then
    self.lane:notice()
  elseif self.pool then
    self.pool:withdraw(self)
  end
end

---Adds a warning to the outcome, if there is one to add.
---@param outcome table a result or a failure
---@param warning string?
function M.warn(outcome, warning)
  if not warning then return end
  outcome.warnings = outcome.warnings or {}
  outcome.warnings[#outcome.warnings + 1] = warning
end

return M
