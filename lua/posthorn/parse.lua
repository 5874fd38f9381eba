-- parse.lua - a received message as a tree of parts.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"

local M = {}

local largest = 256 * 1024 * 1024 -- octets taken of a handle

---A part of a message; the root is the message itself.
---@class posthorn.part
---@field type string media type in lower case, "text/plain" where none is told
---@field parameters table<string, string> of the media type, names in lower case
---@field disposition string? "attachment", "inline", in lower case
---@field filename string? as the sender tells it: no path to be opened unseen
---@field cid string? Content-ID without brackets
---@field parts posthorn.part[] empty unless the part is a multipart
local part = {}
part.__index = part

-- Where a part stands: { tree, index }; no field of the user's, and no way
-- back to a part, so that 5.1's weak tables let go of it.
local places = setmetatable({}, { __mode = "k" })

---Decoded text of the first field of that name.
---@param name string without case
---@return string? text nil: there is none
function part:header(name)
  local place = places[self]
  return place.tree:header(place.index, name)
end

---All fields in order.
---@return { [1]: string, [2]: string }[] fields name, decoded text
function part:headers()
  local place = places[self]
  return place.tree:headers(place.index)
end

---The mailboxes of the first field of that name; empty: there is none.
---@param name string without case
---@return posthorn.Address[]|nil mailboxes
---@return string? message
---@return table? failure
function part:addresses(name)
  local place = places[self]
  local value = place.tree:raw(place.index, name)
  if not value then return {} end
  return require("posthorn.address").parse(value)
end

---An iterator over the content in pieces of some 64 KiB at most.
---@return fun(): string?
function part:chunks()
  local place = places[self]
  local reader = place.tree:reader(place.index)
  return function() return reader:read() end
end

---The content, its transfer encoding undone; of a multipart the octets of all
---its parts as they stand.
---@return string|nil octets
---@return string? message
---@return table? failure
function part:content()
  local place = places[self]
  return place.tree:content(place.index)
end

-- The parts without parts of their own, in order, without recursion.
local function each_leaf(root)
  local waiting = { root }
  return function()
    while #waiting > 0 do
      local one = table.remove(waiting)
      if #one.parts == 0 then return one end
      for i = #one.parts, 1, -1 do waiting[#waiting + 1] = one.parts[i] end
    end
  end
end

local function is_body(leaf)
  return leaf.type:sub(1, 5) == "text/" and leaf.disposition ~= "attachment" and not leaf.filename
end

local function first_text(root, media_type)
  for leaf in each_leaf(root) do
    if leaf.type == media_type and is_body(leaf) then
      local place = places[leaf]
      return place.tree:text(place.index)
    end
  end
  return nil
end

---The first text/plain that is no attachment, as UTF-8 where its charset is
---known (UTF-8, US-ASCII, ISO-8859-1, windows-1252), else its octets; line
---ends as they came.
---@return string? text nil: there is none
function part:text() return first_text(self, "text/plain") end

---The first text/html that is no attachment; otherwise as text.
---@return string? html
function part:html() return first_text(self, "text/html") end

---The leaves that are no text bodies: attached files, pictures shown inline,
---messages.
---@return posthorn.part[]
function part:attachments()
  local found = {}
  for leaf in each_leaf(self) do
    if not is_body(leaf) and leaf.type:sub(1, 10) ~= "multipart/" then
      found[#found + 1] = leaf
    end
  end
  return found
end

local function read(source)
  if type(source) == "string" then return source end
  local chunks, size = {}, 0
  repeat
    local chunk, message = source:read(65536)
    if not chunk and message then
      return nil, core.failure {
        kind = "io", class = "temporary", phase = "build", message = tostring(message),
      }
    end
    chunks[#chunks + 1] = chunk
    size = size + #(chunk or "")
    if size > largest then
      return nil, core.failure {
        kind = "limit", class = "permanent", phase = "build",
        message = "the message is larger than 256 MiB",
      }
    end
  until not chunk
  return table.concat(chunks)
end

local function build(tree)
  local all = {}
  for i = 1, tree:count() do
    local one, message, failure = tree:part(i)
    if not one then return nil, message, failure end
    places[one] = { tree = tree, index = i }
    if one.parent then
      local siblings = all[one.parent].parts
      siblings[#siblings + 1] = one
    end
    one.parent, one.is_multipart, one.parts = nil, nil, {}
    all[i] = setmetatable(one, part)
  end
  return all[1]
end

---Reads a message, tolerant of bare LF, a missing end boundary and lines that
---are no fields. More than 1000 parts, 32 levels, 10000 fields or 1 MiB of
---headers are a failure of kind `limit`. A message/rfc822 part is a leaf: give
---its content to parse.
---@param source string|file* octets, or an open handle that is read to its end
---@return posthorn.part|nil root
---@return string? message
---@return table? failure
function M.parse(source)
  local kind = type(source)
  if kind ~= "string" and not ((kind == "userdata" or kind == "table") and source.read) then
    error(("posthorn.parse takes octets or an open handle, not a %s"):format(kind), 2)
  end
  local octets, failure = read(source)
  if not octets then return nil, failure.message, failure end
  local tree, message, why = core.parser(octets)
  if not tree then return nil, message, why end
  return build(tree)
end

return M
