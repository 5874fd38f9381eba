-- parse.lua - a received message as a tree of parts.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local drivers = require "posthorn.driver"
local failures = require "posthorn.failure"
local misuse = require "posthorn.misuse"

local M = {}

local chunk_size = 65536
local largest = 64 * 1024 * 1024 -- octets taken of a handle; a string is the caller's memory
local most_empty = 1000 -- reads without an octet, one after another

---A part of a message; the root is the message itself.
---@class posthorn.part
---@field type string media type in lower case, "text/plain" where none is told
---@field parameters table<string, string> of the media type, names in lower case
---@field disposition string? "attachment", "inline", in lower case
---@field filename string? as the sender tells it: no path to be opened unseen
---@field cid string? Content-ID without brackets
---@field parts posthorn.part[] empty unless the part is a multipart; see message()
local part = {}
part.__index = part

-- Where a part stands: { tree, index, is_form }; no field of the user's, and no way
-- back to a part, so that 5.1's weak tables let go of it.
local places = setmetatable({}, { __mode = "k" })

local function check_name(name, what)
  if type(name) ~= "string" then
    misuse.raise(("part:%s takes a name, not a %s"):format(what, type(name)))
  end
end

---Decoded text of the first field of that name: UTF-8, also where its octets
---were something else (they are read as windows-1252 then); only an
---encoded-word of an unknown charset, or a broken one, stays as it is.
---@param name string without case
---@return string? text nil: there is none
function part:header(name)
  check_name(name, "header")
  local place = places[self]
  return place.tree:header(place.index, name)
end

---All fields in order.
---@return { [1]: string, [2]: string }[] fields name, decoded text
function part:headers()
  local place = places[self]
  return place.tree:headers(place.index)
end

---All fields in order, as they stand: folds, encoded-words and blanks.
---@return { [1]: string, [2]: string }[] fields name, octets
function part:fields()
  local place = places[self]
  return place.tree:fields(place.index)
end

---The mailboxes of the first field of that name; empty: there is none.
---@param name string without case
---@return posthorn.Address[]|nil mailboxes
---@return string? message
---@return posthorn.failure? failure
function part:addresses(name)
  check_name(name, "addresses")
  local place = places[self]
  local value, message, failure = place.tree:line(place.index, name)
  if not value then
    if failure then return nil, message, failure end
    return {}
  end
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
---@return posthorn.failure? failure
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

-- Whether a leaf is to be shown as the message itself: plain text or HTML, or
-- any text that is one of alternative forms (an invitation, AMP).
local function is_body(leaf)
  if leaf.disposition == "attachment" or leaf.filename then return false end
  return leaf.type == "text/plain" or leaf.type == "text/html"
    or leaf.type:sub(1, 5) == "text/" and places[leaf].is_form
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
---known (UTF-8, US-ASCII, UTF-16, ISO-8859, windows-1250 to 1258, KOI8), else
---its octets. Without a charset, octets that are no UTF-8 are read as
---windows-1252. Line ends are as they came; of format=flowed each paragraph
---is one line, as it was written (RFC 3676).
---@return string? text nil: there is none
---@return string? message
---@return posthorn.failure? failure
function part:text() return first_text(self, "text/plain") end

---The first text/html that is no attachment; otherwise as text.
---@return string? html
---@return string? message
---@return posthorn.failure? failure
function part:html() return first_text(self, "text/html") end

---The leaves that are not the message itself: attached files, pictures that
---the HTML shows (they have a `cid`), messages, reports of delivery, and text
---with a filename or of a kind that is not shown as it is.
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

---The message that this part is: of a part of the type message/rfc822 or
---message/global, read as by posthorn.parse. Nothing is read unasked, so no
---message within a message within a message costs what nobody looks at.
---@return posthorn.part|nil root nil: the part is no message
---@return string? message
---@return posthorn.failure? failure
function part:message()
  if self.type ~= "message/rfc822" and self.type ~= "message/global" then return nil end
  local octets, message, failure = self:content()
  if not octets then return nil, message, failure end
  return M.parse(octets)
end

-- The next chunk that is not empty; nil: the end; false, and words: no more can be read.
local function next_chunk(source)
  local guard = drivers.get().pcall
  for _ = 1, most_empty do
    local ok, chunk, problem = guard(source.read, source, chunk_size)
    if not ok then
      return false, chunk
    elseif chunk == nil then
      if problem ~= nil then return false, problem end
      return nil
    elseif type(chunk) ~= "string" then
      return false, ("it gave a %s"):format(type(chunk))
    elseif chunk ~= "" then
      return chunk
    end
  end
  return false, "it gives no octets"
end

local function read(source)
  local chunks, size = {}, 0
  if io.type(source) == "closed file" then
    return failures.fail(failures.new("io", "permanent", "build", "the handle was closed"))
  end
  while true do
    local chunk, problem = next_chunk(source)
    if chunk == nil then return table.concat(chunks) end
    if not chunk then
      return failures.fail(failures.new("io", "temporary", "build",
        "the handle cannot be read", problem))
    end
    size = size + #chunk
    if size > largest then
      return failures.fail(failures.new("limit", "permanent", "build",
        "the message is larger than 64 MiB"))
    end
    chunks[#chunks + 1] = chunk
  end
end

local function build(tree)
  local all = {}
  for i = 1, tree:count() do
    local one, message, failure = tree:part(i)
    if not one then return nil, message, failure end
    local parent = one.parent and all[one.parent]
    places[one] = {
      tree = tree, index = i, is_form = parent and parent.type == "multipart/alternative",
    }
    if parent then parent.parts[#parent.parts + 1] = one end
    one.parent, one.is_multipart, one.parts = nil, nil, {}
    all[i] = setmetatable(one, part)
  end
  return all[1]
end

-- A userdata without a metatable, as JSON's null is one, raises where it is indexed.
local function has_read(value)
  local kind = type(value)
  if kind ~= "userdata" and kind ~= "table" then return false end
  local ok, method = pcall(function() return value.read end)
  return ok and method ~= nil
end

---Reads a message, tolerant of what the world sends: bare LF (or bare CR where
---there is no LF), a missing end boundary, lines that are no fields, 8-bit
---headers, a mailbox file's "From " line. Refused as `limit`, since half a tree
---would hide the other half: more than 1000 parts, 32 levels of multiparts,
---10000 fields or 1 MiB of headers; of a handle, more than 64 MiB. A
---message within the message is a leaf: see part:message().
---@param source string|file* octets, or an open handle that is read to its end
---@return posthorn.part|nil root
---@return string? message
---@return posthorn.failure? failure
function M.parse(source)
  local kind = type(source)
  if kind ~= "string" and not has_read(source) then
    misuse.raise(("posthorn.parse takes octets or an open handle, not a %s"):format(kind))
  end
  local octets, message, failure = source, nil, nil
  if kind ~= "string" then octets, message, failure = read(source) end
  if not octets then return nil, message, failure end
  local tree
  tree, message, failure = core.parser(octets)
  if not tree then return nil, message, failure end
  return build(tree)
end

return M
