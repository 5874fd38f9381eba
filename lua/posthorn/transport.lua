-- transport.lua - what users send with: one server, or a place that keeps
-- messages, behind `send`, `send_many` and `close`.
-- SPDX-License-Identifier: MIT
local calls = require "posthorn.call"
local drivers = require "posthorn.driver"
local envelopes = require "posthorn.envelope"
local esmtp = require "posthorn.esmtp"
local jobs = require "posthorn.job"
local letters = require "posthorn.letter"
local misuse = require "posthorn.misuse"
local options_of = require "posthorn.options"

local M = {}
---@class posthorn.Transport
---@field messages table[]? of `capture:`
local Transport = {}
Transport.__index = Transport
Transport.__name = "posthorn.transport"

-- Never shows a user name or a password.
function Transport:__tostring()
  local names = {}
  for i, server in ipairs(self.carrier.way and self.carrier.way.servers or {}) do
    names[i] = server.name
  end
  if not names[1] then names[1] = self.options.scheme .. ":" end
  return ("posthorn.transport (%s)"):format(table.concat(names, ", "))
end

local carriers = {
  smtp = "posthorn.submission", smtps = "posthorn.submission", lmtp = "posthorn.submission",
  capture = "posthorn.capture", file = "posthorn.eml",
}

---A transport; no I/O happens yet. Raises, naming the option, at misuse.
---@param first string|posthorn.transport.options a URL or a table of options
---@param second posthorn.transport.options? options beside a URL
---@return posthorn.Transport
function M.new(first, second)
  local options = options_of.transport(first, second)
  local driver = drivers.get(options.driver)
  local carrier = require(carriers[options.scheme]).new(options, driver)
  return setmetatable({
    options = options, driver = driver, carrier = carrier, messages = carrier.messages,
    is_closed = false,
  }, Transport)
end

---Whether a value is a transport.
function M.is_transport(value)
  return getmetatable(value) == Transport
end

local function checked(self, what)
  if getmetatable(self) ~= Transport then
    misuse.raise(("use transport:%s(…), with a colon"):format(what))
  end
  if self.is_closed then misuse.raise(("transport:%s after close"):format(what)) end
end

---A message and its checked envelope out of what was given, or nil, message, failure.
function M.prepare(item, send)
  local letter, message, failure = item, nil, nil
  if not letters.is(item) then letter, message, failure = require("posthorn.message").new(item) end
  if not letter then return nil, message, failure end
  local ok
  ok, message, failure = letter:check()
  if not ok then return nil, message, failure end
  local envelope
  if send.envelope then
    envelope, message, failure = envelopes.check(send.envelope)
  else
    envelope, message, failure = letter:checked_envelope()
  end
  if not envelope then return nil, message, failure end
  ok, message, failure = esmtp.check(send)
  if not ok then return nil, message, failure end
  return letter, envelope
end

---The job of an item: nil, message, failure where the item is bad.
---@param item table
---@param send posthorn.send.options checked
---@param spare posthorn.job? one that may be used again
---@return posthorn.job|nil
---@return string? message
---@return posthorn.failure? failure
function Transport:job(item, send, spare)
  if letters.is(item) and item.plain and self.carrier.submit and options_of.is_bare(send) then
    return jobs.new(self.driver, item, nil, send, self.options.timeout, item, spare)
  end
  local letter, envelope, failure = M.prepare(item, send)
  if not letter then return nil, envelope, failure end
  return jobs.new(self.driver, letter, envelope, send, self.options.timeout, item, spare)
end

---Sends with options that were checked. For `send`, `send_many` and `posthorn.send`.
---@param item table
---@param send posthorn.send.options
---@return posthorn.result|nil result
---@return string? message
---@return posthorn.failure? failure
function Transport:deliver(item, send)
  local job, message, failure = self:job(item, send)
  if not job then return nil, message, failure end
  local ok = job.plain
  if not ok then ok, message, failure = job.letter:look_ahead(job, #job.envelope.to) end
  if ok and job:is_over() then ok, message, failure = job:tell_over("build") end
  if ok then
    self.carrier:carry(job)
  else
    job:tell(nil, message, failure)
  end
  return job:outcome()
end

---Sends one message, or the table of one.
---@param item table
---@param options posthorn.send.options?
---@return posthorn.result|nil result
---@return string? message
---@return posthorn.failure? failure
function Transport:send(item, options)
  checked(self, "send")
  return self:deliver(item, options_of.send(options))
end

---Sends many: an iterator of item, result, message, failure, in the order of completion.
---@param items table|fun(): table|nil, table|nil an array, or a function that gives item, options
---@param options posthorn.send.options? for all
---@return fun(): table|nil, table|nil, string|nil, table|nil
function Transport:send_many(items, options)
  checked(self, "send_many")
  return require("posthorn.many").start(self, items, options_of.send(options))
end

---Ends the sends under way (kind cancelled), says QUIT on kept connections. May be called twice.
function Transport:close()
  if self.is_closed then return end
  self.is_closed = true
  self.carrier:close(calls.new(self.driver))
end
Transport.__close = Transport.close

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
  if M.is_transport(server) then return server:send(message, options) end
  local transport = M.new(server)
  local result, text, failure = transport:send(message, options)
  transport:close()
  return result, text, failure
end

return M
