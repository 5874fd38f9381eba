-- trace.lua - shows a conversation to a handle or a function: no content, no secret.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"

local M = {}
local Trace = {}
Trace.__index = Trace

-- Wall-clock seconds with a fraction, from a monotonic clock.
local function wall(self)
  local now = self.driver.now()
  self.base = self.base or os.time() - now
  return self.base + now
end

local arrows = { sent = "> ", received = "< " }

local function line_of(event)
  return ("%.3f #%d %-8s %s%s\n"):format(event.time, event.connection, event.phase,
    arrows[event.direction] or "* ", event.text)
end

---@param target userdata|table|function a handle, or function(event)
---@param driver table
function M.new(target, driver)
  return setmetatable({
    target = target, driver = driver, base = nil, connections = 0, warning = nil,
  }, Trace)
end

---The number of a new connection.
function Trace:connection()
  self.connections = self.connections + 1
  return self.connections
end

---Hands one event out. A callback's error becomes a warning, once.
function Trace:emit(connection, phase, direction, text)
  local event = {
    time = wall(self), connection = connection, phase = phase, direction = direction, text = text,
  }
  local ok, problem
  if type(self.target) == "function" then
    ok, problem = self.driver.callback(self.target, event)
  else
    local written, trouble
    ok, written, trouble = pcall(self.target.write, self.target, line_of(event))
    if ok and trouble ~= nil then ok, written = written, trouble end
    problem = written
  end
  if not ok then
    self.warning = "the trace callback failed: " .. failures.words(problem)
  end
end

---The warning that waits, if any; it is told once.
function Trace:take_warning()
  local warning = self.warning
  self.warning = nil
  return warning
end

return M
