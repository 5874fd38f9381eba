-- source.lua - bodies that are no string: files, open handles, pull functions.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local files = require "posthorn.file"

local M = {}

local chunk_size = 65536
local most_empty = 1000 -- chunks without an octet, one after another

---@class posthorn.source
---@field kind "file"|"handle"|"function"
---@field field string the input that it was given as
---@field size integer? octets
---@field is_ended boolean known to end in a line end
---@field is_used boolean a handle or function was read
local Source = {}
Source.__index = Source

---"file", "handle", "function", or nil: no source.
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
---@return table? failure
function M.new(value, field, size)
  if size ~= nil and not is_size(size) then
    return failures.invalid(field .. ".size", "the size must be a number of octets")
  end
  local kind = M.kind(value)
  local self = setmetatable({
    kind = kind, field = field, size = size, is_ended = false, is_used = false,
    path = kind == "file" and files.of(value).path or nil,
    handle = kind == "handle" and value or nil,
    pull = kind == "function" and value or nil,
  }, Source)
  local ok, message, failure = look(self)
  if not ok then return nil, message, failure end
  return self
end

---Whether it can be read (again): a file that is there, a handle or function not read yet.
---@return true|nil
---@return string? message
---@return table? failure
function Source:check()
  if self.kind == "file" then
    local handle, problem = open(self)
    if not handle then
      return io_failure(self, "temporary", "content", "the file cannot be opened", problem)
    end
    handle:close()
  elseif self.is_used then
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
  return io_failure(self, class, "content", "the source failed", tostring(problem))
end

local function pull_reader(self)
  local empty = 0
  return function()
    local chunk, problem, failure = self.pull()
    if chunk == nil then
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

local function handle_reader(self, handle)
  return function()
    if io.type(handle) ~= "file" then
      return io_failure(self, "temporary", "content", "the handle was closed")
    end
    local chunk, problem = handle:read(chunk_size)
    if chunk == nil and problem then
      return io_failure(self, "temporary", "content", "the file cannot be read", problem)
    end
    return chunk
  end
end

---Starts a reading: a function that gives the next chunk, nil at the end, or nil, message,
---failure; and one that ends the reading.
---@return (fun(): string|nil, string?, table?)|nil
---@return string|fun()|nil
---@return table? failure
function Source:open()
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
  local read = self.pull and pull_reader(self) or handle_reader(self, self.handle)
  return read, function() end
end

return M
