-- init.lua - posthorn: mail submission for Lua hosts. What users require.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local drivers = require "posthorn.driver"

---What stands behind a door is documented where it is written.
---@class posthorn
---@field message fun(fields: posthorn.message.fields): posthorn.message|nil, string?, table?
---@field raw fun(body: any, envelope: table, options?: table): posthorn.raw|nil, string?, table?
---@field file fun(path: string, options?: posthorn.file.options): posthorn.file
---@field address table
---@field parse fun(source: any, options?: table): posthorn.part|nil, string?, table?
---@field transport fun(first: string|table, second?: table): posthorn.Transport
---@field send fun(fields: table): posthorn.result|nil, string?, table?
---@field session fun(first: string|table, second?: table): posthorn.Session|nil, string?, table?
---@field canceller fun(): posthorn.canceller
---@field tls table
local M = { _VERSION = "posthorn scm", core = core }

-- Each module is loaded when it is first wanted: who composes needs no session, who sends plain
-- text no parser, and few processes need all. A name is that of a function in its module, or with
-- true the module itself.
local doors = {
  message = { "posthorn.message", "new" }, raw = { "posthorn.raw", "new" },
  file = { "posthorn.file", "new" }, address = { "posthorn.address", true },
  parse = { "posthorn.parse", "parse" }, transport = { "posthorn.transport", "new" },
  send = { "posthorn.transport", "send" }, session = { "posthorn.session", "open" },
  canceller = { "posthorn.call", "canceller" }, tls = { "posthorn.secure", true },
}

---The driver of this host, or the one named (api.md, section 4).
M.driver = drivers.get

---Runs fn in the built-in loop until it and its tasks end; gives its results. Its error, else the
---first of a task that nobody waited for, is raised again.
---@param fn function
---@param ... any its arguments
---@return any ...
function M.run(fn, ...)
  return drivers.get().run(fn, ...)
end

---Starts a task; `task:wait()` gives its results, `task:cancel()` ends its wait.
---@param fn function
---@param ... any its arguments
---@return posthorn.task
function M.spawn(fn, ...)
  return drivers.get().spawn(fn, ...)
end

---Waits that many seconds; other tasks go on.
---@param seconds number
---@return true|nil
---@return string? reason "woken": the task was cancelled
function M.sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds then
    error("posthorn.sleep takes a number of seconds", 2)
  end
  return drivers.get().sleep(seconds)
end

return setmetatable(M, {
  doors = doors,
  __index = function(self, name)
    local door = doors[name]
    if not door then return nil end
    local module = require(door[1])
    local value = door[2] == true and module or module[door[2]]
    rawset(self, name, value)
    return value
  end,
})
