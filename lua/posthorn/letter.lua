-- letter.lua - what posthorn.message and posthorn.raw share: an object whose
-- octets can be had, once or many times, in bounded memory.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local drivers = require "posthorn.driver"
local failures = require "posthorn.failure"

local M = {}

local chunk_size = 65536
local recipients_at_once = 100 -- of a transaction; more want the octets again (delivery.md, S14)

---@class posthorn.letter
---@field package core posthorn.core.message
---@field package sources posthorn.source[] by the numbers that the core knows
---@field package failure posthorn.failure? the first bad data, told by whoever wants octets
---@field package is_frozen boolean octets were asked for
local Letter = {}

---A letter on its way: `attend` is called when the machine is pending; `may_wait` tells that
---a source of the caller's may yield there.
---@class posthorn.reader
---@field machine userdata
---@field size integer? octets
---@field body "7bit"|"8bitmime"
---@field smtputf8 boolean
---@field may_wait boolean
---@field attend fun(): true|nil, string?, posthorn.failure?
---@field close fun()

local classes = {} -- metatables of letters

---A class of letters with these methods and those of all letters.
---@param methods table
---@return table methods
function M.class(methods)
  for name, method in pairs(Letter) do methods[name] = method end
  methods.__index = methods
  classes[methods] = true
  return methods
end

---Whether the value is a message or what posthorn.raw gave.
---@param value any
---@return boolean
function M.is(value)
  return type(value) == "table" and classes[getmetatable(value)] == true
end

---A letter without anything in it. Fails as `limit`: no memory.
---@param class table
---@return posthorn.letter|nil
---@return string? message
---@return posthorn.failure? failure
function M.new(class)
  local empty, message, failure = core.message()
  if not empty then return nil, message, failure end
  return setmetatable({
    core = empty, sources = {}, failure = nil, is_frozen = false, id = nil,
  }, class)
end

---Takes content: what the core is given for it (octets, or a number of a source and its
---size), or nil, message, failure.
---@param self posthorn.letter
---@param value any
---@param field string the input's name
---@param size any octets that it must have, or nil
---@return string|integer|nil
---@return integer|string|nil
---@return posthorn.failure? failure
function M.take(self, value, field, size)
  if type(value) == "string" then
    if size ~= nil and size ~= #value then
      return failures.invalid(field .. ".size", "the size is not that of the content")
    end
    return value
  end
  local sources = require "posthorn.source"
  if not sources.kind(value) then
    return failures.invalid(field, field .. " is no string, handle, function or posthorn.file")
  end
  local source, message, failure = sources.new(value, field, size)
  if not source then return nil, message, failure end
  self.sources[#self.sources + 1] = source
  return #self.sources, source.size
end

---Whether all that was given is good.
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Letter:check()
  if self.failure then return failures.fail(self.failure) end
  return true
end

---What the octets ask of a server.
---@return { smtputf8: boolean, eight_bit: boolean }
function Letter:needs()
  self.core:plan()
  local smtputf8, eight_bit = self.core:needs()
  return { smtputf8 = smtputf8, eight_bit = eight_bit }
end

---Learns what a connection cannot wait for (see posthorn.source).
---@param call table of posthorn.call
---@param recipients integer
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Letter:look_ahead(call, recipients)
  for _, source in ipairs(self.sources) do
    local ok, message, failure = source:look_ahead(call, recipients > recipients_at_once)
    if not ok then return nil, message, failure end
  end
  return true
end

-- Whether the sources can be read, and whether one may make its reader wait.
local function check_sources(self)
  local may_wait = false
  for _, source in ipairs(self.sources) do
    local ok, message, failure = source:check()
    if not ok then return nil, message, failure end
    may_wait = may_wait or source.kind == "function"
  end
  return true, may_wait
end

---Whether the octets can be had (again).
---@return boolean
function Letter:is_readable()
  return check_sources(self) == true
end

-- Feeds the writer with what it wants: `attend` does one chunk, `close` may be called twice.
local function feeder(self, writer, guard)
  local number, read, close
  local function stop()
    if close then close() end
    read, close = nil, nil
  end
  -- What the writer found in the octets of the last source.
  local function fail(failure)
    failure.field = number and self.sources[number].field
    return failures.fail(failure)
  end
  local function start(wanted)
    stop()
    local reader, ending, failure = self.sources[wanted]:open(guard)
    if not reader then return nil, ending, failure end
    number, read, close = wanted, reader, ending
    return true
  end
  local function attend()
    local event, wanted = writer:next()
    if event == "failed" then return fail(wanted) end
    if event ~= "want_source" then return true end
    if not read or number ~= wanted then
      local ok, message, failure = start(wanted)
      if not ok then return nil, message, failure end
    end
    local chunk, message, failure = read()
    if chunk == nil and message then return nil, message, failure end
    local ok, _, problem
    if chunk then
      ok, _, problem = writer:feed(chunk)
    else
      stop()
      ok, _, problem = writer:feed_eof()
    end
    if not ok then return fail(problem) end
    return true
  end
  return attend, stop
end

---The octets for a server with these extensions.
---@param options { eight_bit: boolean, smtputf8: boolean }
---@param guard? function a pcall that a pull function may wait below; this host's
---@return posthorn.reader|nil
---@return string? message
---@return posthorn.failure? failure
function Letter:open(options, guard)
  if self.failure then return failures.fail(self.failure) end
  self.is_frozen = true
  local ok, may_wait, problem = check_sources(self)
  if not ok then return nil, may_wait, problem end
  local writer, message, failure = self.core:writer(options.eight_bit, options.smtputf8)
  if not writer then return nil, message, failure end
  local smtputf8, _, is_eight_bit = self.core:needs()
  local attend, stop = feeder(self, writer, guard or drivers.get().pcall)
  return {
    machine = writer:machine(), writer = writer, attend = attend,
    size = self.core:size(options.eight_bit), smtputf8 = smtputf8, may_wait = may_wait,
    body = options.eight_bit and is_eight_bit and "8bitmime" or "7bit",
    close = function()
      stop()
      writer:close()
    end,
  }
end

-- The octets as a server with 8BITMIME gets them.
local function open_for_bytes(self)
  return self:open { eight_bit = true, smtputf8 = true }
end

---The whole message as a server with 8BITMIME gets it: CRLF line ends, no Bcc, not dot-stuffed.
---Fails as `invalid` for what was given later, as `io` where a source fails or was read already.
---@return string|nil
---@return string? message
---@return posthorn.failure? failure
function Letter:bytes()
  if self.failure then return failures.fail(self.failure) end
  if #self.sources == 0 then
    self.is_frozen = true
    return self.core:bytes()
  end
  local reader, message, failure = open_for_bytes(self)
  if not reader then return nil, message, failure end
  local parts, ok = { reader.writer:drain() }, true
  while ok and reader.writer:next() ~= "done" do
    ok, message, failure = reader.attend()
    parts[#parts + 1] = ok and reader.writer:drain() or nil
  end
  reader.close()
  if not ok then return nil, message, failure end
  return table.concat(parts)
end

---The same in pieces of at most that size: an iterator, which is a pull function too (it
---fails with nil, message, failure). A size that is none raises.
---@param size integer? octets; 65536
---@return (fun(): string|nil, string?, posthorn.failure?)|nil
---@return string? message
---@return posthorn.failure? failure
function Letter:chunks(size)
  if size == nil then size = chunk_size end
  if not require("posthorn.source").is_size(size) or size == 0 then
    error("message:chunks takes a number of octets", 2)
  end
  local reader, message, failure = open_for_bytes(self)
  if not reader then return nil, message, failure end
  local writer, is_open = reader.writer, true
  local function finish(...)
    is_open = false
    reader.close()
    return ...
  end
  return function()
    if not is_open then return nil end
    while true do
      local output = writer:output(size)
      if output ~= "" then
        writer:consume(#output)
        return output
      end
      if writer:next() == "done" then return finish(nil) end
      local ok, text, problem = reader.attend()
      if not ok then return finish(nil, text, problem) end
    end
  end
end

-- What the writer has, to an open file or to something that is written as one. True, or nil and
-- what is wrong.
local function put(writer, handle, guard)
  if io.type(handle) == "file" then return writer:write(handle) end
  while true do
    local output = writer:output(chunk_size)
    if output == "" then return true end
    writer:consume(#output)
    local ok, written, problem = guard(handle.write, handle, output)
    if not ok then return nil, written end
    if not written then return nil, problem end
  end
end

---Writes all octets to a handle, which stays open; `io` where it takes no more.
---@param handle file*
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Letter:write(handle)
  local kind = io.type(handle)
  if kind == "closed file" or not kind and (type(handle) ~= "table" and type(handle) ~= "userdata"
    or type(handle.write) ~= "function") then
    error("message:write takes an open handle", 2)
  end
  local reader, message, failure = open_for_bytes(self)
  if not reader then return nil, message, failure end
  local writer, ok, problem, _ = reader.writer
  repeat
    ok, problem = put(writer, handle, drivers.get().pcall)
    if not ok then
      failure = failures.new("io", "temporary", "content", "the message cannot be written",
        problem)
    elseif writer:next() == "done" then
      break
    else
      ok, _, failure = reader.attend()
    end
  until not ok
  reader.close()
  if ok then return true end
  return failures.fail(failure)
end

---How many octets a server with 8BITMIME gets; nil alone when a source's size is not known, or
---text is streamed.
---@return integer|nil octets
---@return string? message
---@return posthorn.failure? failure
function Letter:size()
  if self.failure then return failures.fail(self.failure) end
  return self.core:size(true)
end

return M
