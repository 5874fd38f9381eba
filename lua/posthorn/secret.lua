-- secret.lua - passwords and passphrases that a function of the caller's gives.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"

local M = {}

---The secret itself. A function is called beside the call, so that deadline and cancel hold; its
---own words are not told, since they may hold the secret.
---@param value string|function|nil
---@param call table of posthorn.call
---@param phase "auth"|"tls" of a failure, which is of that kind too
---@param what string "password"
---@return string|nil
---@return table? failure
function M.ask(value, call, phase, what)
  if type(value) ~= "function" then return value end
  local given, _, failure = call:beside(function()
    local ok, secret = call.driver.pcall(value)
    return { is_raised = not ok, secret = secret }
  end)
  if not given then
    failure.phase = phase
    return nil, failure
  elseif not given.is_raised and type(given.secret) == "string" then
    return given.secret
  end
  return nil, failures.new(phase, "temporary", phase, ("the function for the %s %s"):format(what,
    given.is_raised and "raised an error" or "gave no string"))
end

return M
