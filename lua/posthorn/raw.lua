-- raw.lua - posthorn.raw: finished octets and their envelope.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local envelopes = require "posthorn.envelope"
local letters = require "posthorn.letter"
local misuse = require "posthorn.misuse"

local M = {}

---@class posthorn.raw: posthorn.letter
---@field package plain userdata? octets and envelope that can be sent as they are; what else there
---is of it comes to be when it is wanted
local Raw = { sources = {}, is_frozen = false }
letters.class(Raw)

local option_names = { line_ends = true }

-- Finished octets have no name, type or encoding of ours: of a file's options its size alone.
local function size_of(body)
  local file = type(body) == "table" and require("posthorn.file").of(body) or nil
  for name in pairs(file and file.options or {}) do
    if name ~= "size" then
      misuse.raise(("unknown field '%s' of a file as a finished message"):format(name))
    end
  end
  return file and file.options.size
end

local function check_arguments(envelope, options)
  if type(envelope) ~= "table" then
    error(("posthorn.raw takes an envelope, a table, not a %s"):format(type(envelope)), 3)
  end
  envelopes.check_names(envelope)
  if options ~= nil and type(options) ~= "table" then
    error(("the options of posthorn.raw must be a table, not a %s"):format(type(options)), 3)
  end
  for name in pairs(options or {}) do
    if not option_names[name] then
      error(("unknown option '%s' of posthorn.raw"):format(tostring(name)), 3)
    end
  end
  local line_ends = options and options.line_ends
  if line_ends ~= nil and line_ends ~= "crlf" and line_ends ~= "lf" then
    error("option 'line_ends' must be \"crlf\" or \"lf\"", 3)
  end
  return line_ends == "lf"
end

---A message that is finished: not dot-stuffed, with CRLF line ends (or those of Unix, which
---become CRLF). Bare CR, bare LF, NUL and lines over 998 octets are `invalid` (RFC 5322, 2.1.1
---and 2.3): of a string here, of a file, handle or function before a connection is made. Wrong
---types of the envelope and of options raise.
---@param body posthorn.content not frozen; what is read once is kept when it is sent
---@param envelope posthorn.envelope checked when it is sent
---@param options? { line_ends: "crlf"|"lf"|nil } crlf
---@return posthorn.raw|nil
---@return string? message
---@return posthorn.failure? failure
function M.new(body, envelope, options)
  local plain = options == nil and core.raw(body, envelope)
  if plain then return setmetatable({ plain = plain }, Raw) end
  local has_lf, wanted = check_arguments(envelope, options), size_of(body)
  local self, message, failure = letters.new(Raw)
  if not self then return nil, message, failure end
  self.given = envelopes.copy(envelope)
  local content, size
  content, size, failure = letters.take(self, body, "body", wanted)
  if not content then return nil, size, failure end
  local source = self.sources[1]
  if source then source.raw = { core = self.core, has_lf = has_lf } end
  local ok
  ok, message, failure =
    self.core:set_raw(content, size, has_lf, source ~= nil and source.is_ended)
  if not ok then return nil, message, failure end
  return self
end

-- The message behind what is plain.
local function complete(self)
  local letter = assert(letters.new(Raw))
  local octets = self.plain:octets()
  assert(letter.core:set_raw(octets, #octets, false, false))
  rawset(self, "core", letter.core)
  rawset(self, "given", self.plain:envelope())
end

function Raw:__index(name)
  local value = Raw[name]
  if value == nil and (name == "core" or name == "given") and rawget(self, "plain") then
    complete(self)
    value = rawget(self, name)
  end
  return value
end

---Octets and envelope that can be sent as they are, if the value has such.
---@param value any
---@return userdata|nil
function M.plain_of(value)
  return type(value) == "table" and getmetatable(value) == Raw and rawget(value, "plain") or nil
end

---The envelope as it was given.
---@return posthorn.envelope
function Raw:envelope()
  return envelopes.copy(self.given)
end

---The same checked.
---@return table|nil
---@return string? message
---@return posthorn.failure? failure
function Raw:checked_envelope()
  return envelopes.check(self.given)
end

return M
