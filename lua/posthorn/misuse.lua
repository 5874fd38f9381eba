-- misuse.lua - errors that are raised for misuse, at the line of the caller's: never at one of
-- ours, however many of our functions lie between (api.md, section 0).
-- SPDX-License-Identifier: MIT
local M = {}

-- Where our files lie; nil: they were bundled, and nobody can tell.
local ours = debug.getinfo(1, "S").source:match("^(@.*[/\\])misuse%.lua$")

local function is_callers(info)
  return info.what ~= "C" and info.what ~= "tail" and info.source:sub(1, #ours) ~= ours
end

---Raises the message, with the place of the innermost function that is none of ours.
---@param message string
function M.raise(message)
  local level = 2
  local info = ours and debug.getinfo(level, "S")
  while info and not is_callers(info) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(message, info and level or 0)
end

return M
