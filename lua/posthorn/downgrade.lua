-- downgrade.lua - opportunistic TLS with a server whose handshake fails: never
-- clear text in the same attempt, but for a while in later ones (delivery.md, T5).
-- SPDX-License-Identifier: MIT
local downs = require "posthorn.down"

local M = {}

-- In the memory of what is down, beside addresses.
local function name_of(options)
  return ("TLS %s %s"):format(options.host, tostring(options.port))
end

-- Clear text is no worse than what was asked for: no proof, and no credential.
local function is_allowed(options)
  return options.tls == "opportunistic" and not options.verify and not options.pin
    and not options.user
end

---How the next connection comes to its TLS.
---@param options table of posthorn.options
---@param driver table
---@return "implicit"|"starttls"|"opportunistic"|"none"
function M.mode(options, driver)
  if options.tls ~= "opportunistic" then return options.tls end
  local is_broken = is_allowed(options) and downs.of(driver):has(name_of(options))
  return is_broken and "none" or options.tls
end

---The handshake failed.
---@param options table of posthorn.options
---@param driver table
function M.note(options, driver)
  if is_allowed(options) then downs.of(driver):mark(name_of(options)) end
end

return M
