-- submission.lua - mail to the configured servers: the connections that are
-- kept, and the mail that is carried over them.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local trace = require "posthorn.trace"
local ways = require "posthorn.way"

local M = {}
local Submission = {}
Submission.__index = Submission

local idle_seconds = 30 -- delivery.md, S29
local life_seconds = 300
local most_messages = 100

---@param options table of posthorn.options
---@param driver table
function M.new(options, driver)
  local shown = options.trace and trace.new(options.trace, driver)
  return setmetatable({
    options = options, driver = driver, trace = shown, way = ways.new(options, driver, shown),
    idle = {}, -- pumps, the last used at the end
    calls = setmetatable({}, { __mode = "k" }), -- under way
    is_closed = false,
  }, Submission)
end

-- An idle connection that is still worth something; the others are dropped.
function Submission:take_idle(trial)
  local server = trial:server()
  local now = self.driver.now()
  local limit = self.options.pool.idle or idle_seconds
  for i = #self.idle, 1, -1 do
    local kept = self.idle[i]
    if kept.server == server and not trial:has_tried(kept) then
      table.remove(self.idle, i)
      if now - kept.idle_since <= limit and now - kept.born <= life_seconds
        and kept:is_reusable() then
        return kept
      end
      kept:close()
    end
  end
  return nil
end

-- Keeps a connection for the next mail, or says QUIT.
function Submission:put_back(connection, call)
  local options = self.options
  local most = options.pool and (options.pool.messages or most_messages)
  if options.pool and not self.is_closed and connection:is_reusable()
    and (most == 0 or connection.used < most) then
    connection.idle_since = self.driver.now()
    self.idle[#self.idle + 1] = connection
    return nil
  end
  return connection:quit(call)
end

-- A connection that had gone stale is no fault of the mail (delivery.md, S32).
local function was_stale(failure)
  return failure.class == "temporary" and (failure.phase == "rset" or failure.phase == "mail")
    and (failure.kind == "closed" or failure.code == 421 or failure.phase == "rset")
end

local function deliver(self, connection, letter, envelope, send, call, item)
  local result, message, failure = connection:deliver(letter, envelope, send, call, item)
  if failure and (failure.kind == "cancelled" or not connection.session:is_reusable()) then
    connection:close()
    return nil, message, failure
  end
  local warning = self:put_back(connection, call)
  local outcome = result or failure
  outcome.warnings = outcome.warnings or {}
  outcome.warnings[#outcome.warnings + 1] = warning
  return result, message, failure
end

local function carry_fresh(self, trial, letter, envelope, send, call, item)
  repeat
    local connection, message, failure = self.way:open(call, trial)
    if not connection then return nil, message, failure end
    local result, _
    result, _, failure = deliver(self, connection, letter, envelope, send, call, item)
    if result then return result end
    -- What was read and cannot be read again would only hide why the mail failed.
  until not trial:go_on(failure) or not trial:server() or call:is_over()
    or not letter:is_readable()
  return failures.fail(trial.told)
end

---Carries one mail: over a kept connection, or over a new one to each address in turn.
---@return table|nil result
---@return string? message
---@return table? failure
function Submission:carry(letter, envelope, send, call, item)
  self.calls[call] = true
  local trial = self.way:trial()
  local kept = self.options.pool and self:take_idle(trial)
  local result, message, failure
  if kept then
    result, message, failure = deliver(self, kept, letter, envelope, send, call, item)
  end
  if not kept or (failure and was_stale(failure)) then
    result, message, failure = carry_fresh(self, trial, letter, envelope, send, call, item)
  end
  self.calls[call] = nil
  local warning = self.trace and self.trace:take_warning()
  if warning then
    local outcome = result or failure
    outcome.warnings = outcome.warnings or {}
    outcome.warnings[#outcome.warnings + 1] = warning
  end
  return result, message, failure
end

---Ends the sends under way and says QUIT on the connections that are kept.
function Submission:close(call)
  self.is_closed = true
  local under_way = {}
  for other in pairs(self.calls) do under_way[#under_way + 1] = other end
  for _, other in ipairs(under_way) do other:cancel() end
  while #self.idle > 0 do
    table.remove(self.idle):quit(call)
  end
end

return M
