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

---Opaque: what posthorn.file gave.
---@class posthorn.file

---Any other raises; the fields of an attachment around it come first.
---@class posthorn.file.options
---@field filename? string UTF-8 (RFC 2231); the last part of the path
---@field type? string media type (RFC 2045, 5); by the suffix of the filename
---@field cid? string Content-ID (RFC 2392)
---@field disposition? "attachment"|"inline" RFC 2183; inline with a cid, else attachment
---@field encoding? posthorn.encoding
---@field size? integer octets that it must have; measured when the message is built

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
---@param value any
---@return { path: string, options: posthorn.file.options }|nil
function M.of(value)
  if type(value) ~= "table" then return nil end
  return known[value]
end

return M
