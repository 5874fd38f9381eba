---@meta
-- parser.lua - posthorn.core.parser, the tree of a received message, for editors. Users reach it
-- by posthorn.parse, see parse.lua.
-- SPDX-License-Identifier: MIT

---@class posthorn.core
local core = {}

---Reads a message. Failure: kind `limit`: too many parts, levels, fields or octets of headers.
---@param octets string
---@return posthorn.parser|nil
---@return string? message
---@return posthorn.failure? failure
function core.parser(octets) end

---Parts are numbered from 1, the root, in the order of their headers.
---@class posthorn.parser
local parser = {}

---@return integer
function parser:count() end

---@class posthorn.parser.part
---@field type string in lower case
---@field parameters table<string, string>
---@field disposition string?
---@field filename string?
---@field cid string? without brackets
---@field parent integer? nil: the root
---@field is_multipart boolean

---@param index integer
---@return posthorn.parser.part
function parser:part(index) end

---Decoded text of the first such field, or nil.
---@param index integer
---@param name string
---@return string?
function parser:header(index, name) end

---All fields of a part: { name, decoded text }.
---@param index integer
---@return { [1]: string, [2]: string }[]
function parser:headers(index) end

---The first such field in one line, in UTF-8, its encoded-words as they are; or nil.
---@param index integer
---@param name string
---@return string?
function parser:line(index, name) end

---All fields of a part: { name, octets as they stand }.
---@param index integer
---@return { [1]: string, [2]: string }[]
function parser:fields(index) end

---The content in pieces: `reader:read()` gives some 64 KiB at most, nil at the end.
---@param index integer
---@return posthorn.parser.reader
function parser:reader(index) end

---The content, its transfer encoding undone.
---@param index integer
---@return string|nil octets
---@return string? message
---@return posthorn.failure? failure
function parser:content(index) end

---The content as UTF-8 where its charset is known.
---@param index integer
---@return string|nil text
---@return string? message
---@return posthorn.failure? failure
function parser:text(index) end

return core
