-- source.lua - bodies that are no string: files, open handles, pull functions.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local drivers = require "posthorn.driver"
local failures = require "posthorn.failure"
local files = require "posthorn.file"

local M = {}

local most_empty = 1000 -- chunks without an octet, one after another

---@class posthorn.source
---@field kind "file"|"handle"|"function"|"spool"
---@field field string the input that it was given as
---@field size integer? octets
---@field is_ended boolean known to end in a line end
---@field start integer? where a handle stood that can be read again from there
---@field is_used boolean a pipe or function was read
---@field raw table? the core's message and has_lf, where the octets are a finished message
local Source = {}
Source.__index = Source

---What kind of source a value is; nil: none.
---@param value any
---@return "file"|"handle"|"function"|nil
function M.kind(value)
  local kind = type(value)
  if kind == "function" then return kind end
  if kind == "userdata" and io.type(value) then return "handle" end
  return files.of(value) and "file" or nil
end

local function io_failure(self, class, phase, what, text)
  local failure = failures.new("io", class, phase, what, text)
  failure.field = self.field
  return failures.fail(failure)
end

-- Octets from here on, and whether the last is a LF; nil: unknown; false and the
-- system's words: it cannot be read.
local function measure(handle)
  local here = handle:seek("cur")
  local stop = here and handle:seek("end")
  if not stop then return nil end
  -- A device may say it ends here, and give octets for ever.
  handle:seek("set", stop > here and stop - 1 or here)
  local last, problem = handle:read(1)
  handle:seek("set", here)
  if stop > here then
    if not last then return false, problem or "it cannot be read" end
    return stop - here, last == "\n"
  end
  if problem then return false, problem end
  if last then return nil end
  return 0, true
end

local function open(self)
  if self.path:find("\0", 1, true) then return nil, "a path holds no NUL" end
  return io.open(self.path, "rb")
end

-- Looks at what is there; nothing of a function or a pipe.
local function look(self)
  if self.kind == "function" then return true end
  local handle, problem = self.handle, nil
  if self.kind == "file" then
    handle, problem = open(self)
  elseif io.type(handle) == "closed file" then
    handle, problem = nil, "the handle was closed"
  end
  if not handle then
    return io_failure(self, "permanent", "build", "the file cannot be opened", problem)
  end
  local size, is_ended = measure(handle)
  if self.kind == "file" then handle:close() end
  if size == false then
    return io_failure(self, "permanent", "build", "the file cannot be read", is_ended)
  end
  if self.kind == "handle" and size then self.start = handle:seek("cur") end
  self.size = self.size or size
  self.is_ended = size ~= nil and is_ended
  return true
end

local function is_size(value)
  return type(value) == "number" and value >= 0 and value < 2 ^ 53 and value % 1 == 0
end

M.is_size = is_size

---A source out of a value that M.kind knows.
---@param field string its input's name
---@param size any octets that it must have, or nil
---@return posthorn.source|nil
---@return string? message
---@return posthorn.failure? failure
function M.new(value, field, size)
  if size ~= nil and not is_size(size) then
    return failures.invalid(field .. ".size", "the size must be a number of octets")
  end
  local kind = M.kind(value)
  local self = setmetatable({
    kind = kind, field = field, size = size, is_ended = false, is_used = false, start = nil,
    raw = nil, spool = nil,
    path = kind == "file" and files.of(value).path or nil,
    handle = kind == "handle" and value or nil,
    pull = kind == "function" and value or nil,
  }, Source)
  local ok, message, failure = look(self)
  if not ok then return nil, message, failure end
  return self
end

-- Whether it can be read once only: a pipe or a function.
local function is_once(self)
  return self.kind == "function" or self.kind == "handle" and not self.start
end

---Whether it can be read (again): a file that is there, a pipe or function not read yet.
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Source:check()
  if self.kind == "file" then
    local handle, problem = open(self)
    if not handle then
      return io_failure(self, "temporary", "content", "the file cannot be opened", problem)
    end
    handle:close()
  elseif self.is_used and is_once(self) then
    return io_failure(self, "permanent", "content", "what can be read once was read already")
  end
  return true
end

-- A function's way to fail: nil and whatever it says.
local function failed_pull(self, problem, failure)
  if type(failure) ~= "table" then failure = problem end
  local class = "temporary"
  if type(failure) == "table" then
    class = failure.class or class
    problem = failure.message or problem
  end
  if class ~= "permanent" and class ~= "unknown" then class = "temporary" end
  return io_failure(self, class, "content", "the source failed", problem)
end

local function pull_reader(self, guard)
  local empty = 0
  return function()
    local ok, chunk, problem, failure = guard(self.pull)
    if not ok then
      return io_failure(self, "temporary", "content", "the source raised an error", chunk)
    elseif chunk == nil then
      if problem == nil then return nil end
      return failed_pull(self, problem, failure)
    end
    if type(chunk) ~= "string" then
      return io_failure(self, "permanent", "content",
        ("the source gave a %s, not a string"):format(type(chunk)))
    end
    empty = chunk == "" and empty + 1 or 0
    if empty > most_empty then
      return io_failure(self, "temporary", "content", "the source gives nothing but empty strings")
    end
    return chunk
  end
end

-- From where a handle stood when it was given, or on from where it is: a pipe. Each reading of a
-- handle knows its own place, as there may be others at once, and leaves it where it was found:
-- given again, to the next message, it is not at its end.
local function handle_reader(self, handle, start)
  local at, chunk = start, core.chunk()
  return function()
    if io.type(handle) ~= "file" then
      return io_failure(self, "temporary", "content", "the handle was closed")
    end
    if at then handle:seek("set", at) end
    local octets, problem = chunk:read(handle)
    if problem then
      return io_failure(self, "temporary", "content", "the file cannot be read", problem)
    end
    if at then
      at = at + (octets or 0)
      handle:seek("set", start)
    end
    return octets and chunk
  end
end

local function spool_reader(self)
  local read = self.spool:reader()
  return function()
    local chunk, problem = read()
    if chunk == nil and problem then
      return io_failure(self, "temporary", "content", "what was kept cannot be read", problem)
    end
    return chunk
  end
end

---Starts a reading: a function that gives the next chunk (a string, or octets that it borrows
---until it is asked for the next), nil at the end, or nil, message, failure; and one that ends
---the reading.
---@param guard fun(fn: function): boolean, ... a pcall that a function may wait below
---@return (fun(): string|posthorn.core.chunk|nil, string?, posthorn.failure?)|nil
---@return string|fun()|nil
---@return posthorn.failure? failure
function Source:open(guard)
  local ok, message, failure = self:check()
  if not ok then return nil, message, failure end
  if self.kind == "file" then
    local handle, problem = open(self)
    if not handle then
      return io_failure(self, "temporary", "content", "the file cannot be opened", problem)
    end
    return handle_reader(self, handle), function() handle:close() end
  end
  self.is_used = true
  local read
  if self.kind == "spool" then
    read = spool_reader(self)
  elseif self.kind == "function" then
    read = pull_reader(self, guard)
  else
    read = handle_reader(self, self.handle, self.start)
  end
  return read, function() end
end

---All of it at once, of what must be looked into when the message is built; `limit` over so many
---octets.
---@param most integer
---@return string|nil octets
---@return string? message
---@return posthorn.failure? failure
function Source:whole(most)
  local read, close, failure = self:open(drivers.get().pcall)
  if not read then return nil, close, failure end
  local chunks, size = {}, 0
  local chunk, message
  repeat
    chunk, message, failure = read()
    if chunk then
      chunks[#chunks + 1] = type(chunk) == "string" and chunk or chunk:octets()
      size = size + #chunks[#chunks]
    end
  until not chunk or size > most
  close()
  if size > most then
    failure = failures.new("limit", "permanent", "build",
      ("%s is larger than %d octets"):format(self.field, most))
    failure.field = self.field
    return failures.fail(failure)
  elseif message then
    return nil, message, failure
  elseif self.size and size ~= self.size then
    return io_failure(self, "temporary", "build", "the source has not the size that it should have")
  end
  return table.concat(chunks)
end

-- ---- before a connection is made ----

-- Keeps a chunk; true, or nil, message, failure.
local function put(self, spool, chunk)
  local ok, problem = spool:put(type(chunk) == "string" and chunk or chunk:octets())
  if ok then return true end
  if not spool.is_full then
    return io_failure(self, "temporary", "content", "the source cannot be kept", problem)
  end
  local failure =
    failures.new("limit", "permanent", "content", "the source cannot be kept", problem)
  failure.field = self.field
  return failures.fail(failure)
end

local function finish(self, spool, check)
  if check then
    local ok, message, failure = check:finish()
    if not ok then return nil, message, failure end
  end
  if spool then
    local ok, problem = spool:finish()
    if not ok then
      return io_failure(self, "temporary", "content", "the source cannot be kept", problem)
    end
    self.kind, self.spool, self.pull, self.handle = "spool", spool, nil, nil
    if not self.raw then return true end
  end
  self.raw.core:know_raw(check)
  return true
end

-- Reads all of it once: kept, where it could not be read again; checked, where it is a finished
-- message.
local function read_ahead(self, call)
  local read, close, failure = self:open(call.driver.pcall)
  if not read then return nil, close, failure end
  local spool = is_once(self) and require("posthorn.spool").new() or nil
  local check = self.raw and core.raw_check(self.raw.has_lf)
  local chunk, message, ok
  repeat
    chunk, message, failure = read()
    ok = chunk ~= nil or message == nil
    if chunk and check then ok, message, failure = check:feed(chunk) end
    if chunk and ok and spool then ok, message, failure = put(self, spool, chunk) end
  until not (chunk and ok) or call:is_over()
  close()
  if chunk and ok then return call:tell_over("content") end
  if not ok then return nil, message, failure end
  return finish(self, spool, check)
end

---Learns what must be known before a connection is made: whether a finished message is fit to be
---sent and what it asks of a server. What can be read once only is kept where it is read twice.
---@param call table of posthorn.call
---@param is_twice boolean the octets will be wanted more than once
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Source:look_ahead(call, is_twice)
  if not (self.raw or is_twice and is_once(self)) then return true end
  if self.kind == "function" then return call:beside(read_ahead, self, call) end
  if self.kind == "spool" then return true end -- it was checked when it was kept
  return read_ahead(self, call)
end

return M
