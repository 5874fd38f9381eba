-- esmtp.lua - what a send asks of servers with an extension: delivery status notifications, deliver
-- by, future release, priority, REQUIRETLS; and what was left out where it is not offered.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"

local M = {}

local names = { "dsn", "deliver_by", "mt_priority", "hold_until", "require_tls" }

local function has_any(send)
  return send.dsn or send.deliver_by or send.mt_priority or send.hold_until or send.require_tls
end

local function copy(send, into)
  for _, name in ipairs(names) do into[name] = send[name] end
  return into
end

---Checks their values before a connection is made.
---@param send posthorn.send.options
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function M.check(send)
  if not has_any(send) then return true end
  return core.check_parameters(copy(send, {}))
end

---Adds them to what a session's send is given.
---@param send posthorn.send.options
---@param options posthorn.core.SendOptions
---@return posthorn.core.SendOptions options the same table
function M.add(send, options)
  if not has_any(send) then return options end
  copy(send, options)
  -- A server may bound how long it holds; the machine has no clock.
  if send.hold_until then options.hold_for = send.hold_until - os.time() end
  return options
end

---Makes warnings of what a session left out.
---@param outcome table a result or a failure, whose field left_out goes
---@param warnings string[]
---@return string[] warnings the same table
function M.warn(outcome, warnings)
  for _, keyword in ipairs(outcome.left_out or {}) do
    warnings[#warnings + 1] = "what needs " .. keyword
      .. " was left out: it is not offered, or off"
  end
  outcome.left_out = nil
  return warnings
end

return M
