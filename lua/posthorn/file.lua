-- file.lua - posthorn.file: the one value that opens a path, and that no
-- decoded data can forge (security.md, row 10).
-- SPDX-License-Identifier: MIT
local M = {}

-- What a value stands for, by identity: there is nothing to see in it, or to copy.
local known = setmetatable({}, { __mode = "k" })

local File = { __name = "posthorn.file", __metatable = false }

function File.__tostring(value)
  return "posthorn.file: " .. known[value].path
end

local option_names = {
  filename = true, type = true, cid = true, disposition = true, encoding = true, size = true,
}

---@class posthorn.file

---@class posthorn.file.options
---@field filename string?
---@field type string?
---@field cid string?
---@field disposition "attachment"|"inline"|nil
---@field encoding string?
---@field size integer?

---A file as a body, an attachment, a key: opened when it is read, each time anew. That it
---cannot be opened is a failure of kind `io` when the message is built.
---@param path string
---@param options? posthorn.file.options
---@return posthorn.file
function M.new(path, options)
  if type(path) ~= "string" then
    error(("posthorn.file takes a path, not a %s"):format(type(path)), 2)
  end
  if options ~= nil and type(options) ~= "table" then
    error(("the options of posthorn.file must be a table, not a %s"):format(type(options)), 2)
  end
  local copy = {}
  for name, value in pairs(options or copy) do
    if not option_names[name] then
      error(("unknown option '%s' of posthorn.file"):format(tostring(name)), 2)
    end
    copy[name] = value
  end
  local value = setmetatable({}, File)
  known[value] = { path = path, options = copy }
  return value
end

---What a value of posthorn.file stands for; nil for all other values.
---@return { path: string, options: table }|nil
function M.of(value)
  if type(value) ~= "table" then return nil end
  return known[value]
end

return M
