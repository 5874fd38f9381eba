-- failure.lua - failures of the Lua floor, of the same shape as the C floor's
-- (api.md, section 0).
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"

local M = {}

---An error's words in one printable line; an error may be of any type, and its own tostring raise.
---@param problem any
---@return string
function M.words(problem)
  local ok, words = pcall(tostring, problem)
  return core.printable(ok and type(words) == "string" and words or "an error without words")
end

---Makes a failure; text is a peer's or a library's words, escaped here.
---@param kind string
---@param class string
---@param phase string
---@param message string one plain sentence
---@param text any words; an error of the caller's may be of any type
---@return table
function M.new(kind, class, phase, message, text)
  if text ~= nil and text ~= "" then
    text = M.words(text)
    message = message .. ": " .. text
  end
  return core.failure { kind = kind, class = class, phase = phase, message = message, text = text }
end

---What a function of ours returns when it fails.
---@return nil, string, table
function M.fail(failure)
  return nil, failure.message, failure
end

---Bad data of the caller's: kind invalid, with its field.
---@return nil, string, table
function M.invalid(field, message)
  local failure = M.new("invalid", "permanent", "build", message)
  failure.field = field
  return nil, message, failure
end

---A copy that may be given other fields: a failure is shared by many records.
function M.copy(failure)
  local copy = {}
  for name, value in pairs(failure) do copy[name] = value end
  return core.failure(copy)
end

return M
