-- init.lua - posthorn: mail submission for Lua hosts. What users require.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local calls = require "posthorn.call"
local drivers = require "posthorn.driver"
local messages = require "posthorn.message"
local options_of = require "posthorn.options"
local transports = require "posthorn.transport"

---@class posthorn
local M = { _VERSION = "posthorn scm", core = core }

M.message = messages.new
M.raw = require("posthorn.raw").new
M.file = require("posthorn.file").new
M.address = require "posthorn.address"
M.parse = require("posthorn.parse").parse
M.transport = transports.new
M.session = require("posthorn.session").open
M.canceller = calls.canceller

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

---Sends one message: `server` (a URL, a table of options or a transport), the
---fields of a message and the options of a send in one table.
---@param fields table
---@return posthorn.result|nil result
---@return string? message
---@return posthorn.failure? failure
function M.send(fields)
  if type(fields) ~= "table" then
    error(("posthorn.send takes a table, not a %s"):format(type(fields)), 2)
  end
  local server, message, options = fields.server, {}, {}
  if server == nil then error("option 'server' is missing", 2) end
  for name, value in pairs(fields) do
    if options_of.send_names[name] then
      options[name] = value
    elseif name ~= "server" then
      message[name] = value
    end
  end
  if transports.is_transport(server) then return server:send(message, options) end
  local transport = transports.new(server)
  local result, text, failure = transport:send(message, options)
  transport:close()
  return result, text, failure
end

-- The modules that link a foreign library are loaded when they are first wanted.
return setmetatable(M, {
  __index = function(self, name)
    if name ~= "tls" then return nil end
    local secure = require "posthorn.secure"
    rawset(self, "tls", secure)
    return secure
  end,
})
