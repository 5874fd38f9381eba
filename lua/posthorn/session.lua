-- session.lua - one connection, turned by hand (api.md, section 3).
-- SPDX-License-Identifier: MIT
local calls = require "posthorn.call"
local drivers = require "posthorn.driver"
local failures = require "posthorn.failure"
local jobs = require "posthorn.job"
local misuse = require "posthorn.misuse"
local options_of = require "posthorn.options"
local results = require "posthorn.result"
local traces = require "posthorn.trace"
local transports = require "posthorn.transport"
local ways = require "posthorn.way"

local M = {}
---@class posthorn.Session
local Session = {}
Session.__index = Session
Session.__name = "posthorn.session"

function Session:__tostring()
  return ("posthorn.session (%s)"):format(options_of.place(self.server.options))
end

-- Runs one call on the connection; two at once are misuse. One that has ended is no misuse: the
-- server's doing shows whenever it likes.
local function exclusively(self, what, fn, ...)
  local pump = self.pump
  if not pump then misuse.raise(("session:%s after close"):format(what)) end
  if self.call then misuse.raise("two coroutines in one session") end
  if pump:is_over() then
    return failures.fail(failures.new("closed", "temporary", "command",
      "the connection of the session has ended"))
  end
  self.call = calls.new(self.driver, self.options.timeout)
  local function finish(ok, ...)
    self.call = nil
    if self.pump ~= pump then pump:close() end
    if not ok then error((...), 0) end
    return ...
  end
  return finish(self.driver.pcall(fn, self, pump, ...))
end

---Connects; until the session is ready for mail.
---@param first string|posthorn.transport.options as for posthorn.transport, smtp and smtps only
---@param second posthorn.transport.options?
---@return posthorn.Session|nil
---@return string? message
---@return posthorn.failure? failure
function M.open(first, second)
  local options = options_of.transport(first, second)
  if not (options.host or options.servers) then
    misuse.raise("option 'url' must name a server")
  end
  local driver = drivers.get(options.driver)
  local way = ways.new(options, driver, options.trace and traces.new(options.trace, driver))
  local call = calls.new(driver, options.timeout)
  local pump, message, failure = way:open(call, way:trial())
  call:finish()
  if not pump then return nil, message, failure end
  return setmetatable({
    options = options, driver = driver, pump = pump, server = pump.server,
    call = nil, -- under way
    offered = pump.session:capabilities(),
  }, Session)
end

local function carry(self, pump, job)
  self.call = job
  local result, message, failure = job.letter:look_ahead(job, #job.envelope.to)
  if result then result, message, failure = pump:deliver(job) end
  job:tell(result, message, failure)
  return job:outcome()
end

---Sends one message over this connection.
---@param item table a message, raw, or the table of a message
---@param options posthorn.send.options?
---@return posthorn.result|nil result
---@return string? message
---@return posthorn.failure? failure
function Session:send(item, options)
  local send = options_of.send(options)
  local letter, envelope, failure = transports.prepare(item, send)
  if not letter then return nil, envelope, failure end
  local job = jobs.new(self.driver, letter, envelope, send, self.options.timeout, letter)
  local result, message
  result, message, failure = exclusively(self, "send", carry, job)
  if failure then results.spread(failure, envelope) end
  return result, message, failure
end

---What the server offered in its last EHLO: { SIZE = "10240000", … }.
---@return table<string, string>
function Session:capabilities()
  if not self.pump then misuse.raise("session:capabilities after close") end
  return self.offered
end

local function ask(self, pump, verb, line)
  return pump:ask(self.call, verb, line)
end

---Clears the transaction under way (RFC 5321, 4.1.1.5).
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Session:reset()
  return exclusively(self, "reset", ask, "reset")
end

---Asks for a sign of life (RFC 5321, 4.1.1.9).
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function Session:noop()
  return exclusively(self, "noop", ask, "noop")
end

---Says any other command line; gives the reply { code, enhanced, text }, also a negative one.
---@param line string without CR or LF
---@return { code: integer, enhanced: string?, text: string }|nil
---@return string? message
---@return posthorn.failure? failure
function Session:command(line)
  return exclusively(self, "command", ask, "command", line)
end

---Says QUIT and closes (RFC 5321, 4.1.1.10).
---@return true
---@return string? warning QUIT met trouble
function Session:quit()
  if not self.pump then return true end
  local warning
  if not self.pump:is_over() then
    warning = exclusively(self, "quit", function(session, pump)
      return pump:quit(session.call)
    end)
  end
  self:close()
  return true, warning
end

---Closes without QUIT; a call under way ends with `cancelled`. May be called twice.
function Session:close()
  local pump, call = self.pump, self.call
  self.pump = nil
  if call then
    call:cancel() -- the connection is closed by whoever uses it
  elseif pump then
    pump:close()
  end
end
Session.__close = Session.close

return M
