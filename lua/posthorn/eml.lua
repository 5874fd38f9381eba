-- eml.lua - `file:///dir`: each message becomes one .eml file.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local failures = require "posthorn.failure"
local results = require "posthorn.result"

local M = {}
local Eml = {}
Eml.__index = Eml

function M.new(options)
  return setmetatable({ directory = (options.path:gsub("/+$", "")) }, Eml)
end

local function io_failure(what, text)
  -- The system's words name the path; it is the operator's own.
  return failures.fail(failures.new("io", "temporary", "content", what, text))
end

-- Written under a name that no reader looks at, then renamed whole.
local function write_file(letter, hidden, path, call)
  local handle, problem = io.open(hidden, "wb")
  if not handle then return io_failure("the file cannot be created", problem) end
  local ok, message, failure = letter:write(handle)
  local closed, trouble = handle:close()
  if ok and call:is_over() then ok, message, failure = call:tell_over("content") end
  if not ok then
    os.remove(hidden)
    return nil, message, failure
  end
  local renamed = closed and os.rename(hidden, path)
  if not renamed then
    os.remove(hidden)
    return io_failure("the file cannot be written", trouble)
  end
  return true
end

-- The result with its path.
local function carry(self, letter, envelope, call)
  local name = core.random_name()
  if not name then return io_failure("the system gives no random octets") end
  local path = ("%s/%d.%s.eml"):format(self.directory, os.time(), name)
  local hidden = ("%s/.%s.tmp"):format(self.directory, name)
  local ok, message, failure = write_file(letter, hidden, path, call)
  if not ok then return nil, message, failure end
  local records = {}
  for i, address in ipairs(envelope.given) do
    records[i] = { address = address, accepted = true, code = 250, text = "written" }
  end
  return results.add_views {
    recipients = records, reply = { code = 250, text = "written" }, path = path,
  }
end

---@param job posthorn.job
function Eml:carry(job)
  job:tell(carry(self, job.letter, job.envelope, job))
end

function Eml:close() -- luacheck: ignore 212/self
end

return M
