-- submission.lua - the way to one configured server: its addresses in order,
-- the connections that are kept, and when another try is right.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local pump = require "posthorn.pump"
local resolve = require "posthorn.resolve"
local trace = require "posthorn.trace"

local M = {}
local Submission = {}
Submission.__index = Submission

local idle_seconds = 30 -- delivery.md, S29
local life_seconds = 300
local lookup_seconds = 30
local most_messages = 100

---@param options table of posthorn.options
---@param driver table
function M.new(options, driver)
  return setmetatable({
    options = options, driver = driver,
    trace = options.trace and trace.new(options.trace, driver),
    idle = {}, -- pumps, the last used at the end
    calls = setmetatable({}, { __mode = "k" }), -- under way
    is_closed = false,
  }, Submission)
end

-- Everything that makes two connections different (security.md, row 23), so that
-- reuse compares all of it, whatever a transport may hold one day.
local key_names = { "host", "port", "tls", "verify", "ca_file", "ca_path", "server_name", "user",
  "password", "allow_plaintext_auth", "hello_name" }

function M.key(options)
  local parts = {}
  for i, name in ipairs(key_names) do
    local value = tostring(options[name])
    parts[i] = #value .. ":" .. value
  end
  for _, list in ipairs { options.auth or {}, options.extensions or {} } do
    local names = {}
    for name, value in pairs(list) do names[#names + 1] = tostring(name) .. "=" .. value end
    table.sort(names)
    parts[#parts + 1] = table.concat(names, ",")
  end
  return table.concat(parts, ";")
end

-- An idle connection that is still worth something; the others are dropped.
function Submission:take_idle(key)
  local now = self.driver.now()
  local limit = self.options.pool.idle or idle_seconds
  for i = #self.idle, 1, -1 do
    local kept = self.idle[i]
    if kept.key == key then
      table.remove(self.idle, i)
      if now - kept.idle_since <= limit and now - kept.born <= life_seconds
        and kept:is_reusable() then
        return kept
      end
      kept:close()
    end
  end
  return nil
end

-- Keeps a connection for the next mail, or says QUIT.
function Submission:put_back(connection, call)
  local options = self.options
  local most = options.pool and (options.pool.messages or most_messages)
  if options.pool and not self.is_closed and connection:is_reusable()
    and (most == 0 or connection.used < most) then
    connection.idle_since = self.driver.now()
    self.idle[#self.idle + 1] = connection
    return nil
  end
  return connection:quit(call)
end

function Submission:lookup(call)
  local options = self.options
  local resolver = options.resolver or {}
  local list, message, failure = resolve.addresses(options.host, {
    driver = self.driver, owner = call, servers = resolver.servers, hosts = resolver.hosts,
    timeout = resolver.timeout,
    deadline = call:within(options.timeouts.lookup or lookup_seconds),
  })
  if call.is_cancelled then
    return failures.fail(failures.new("cancelled", "temporary", "lookup", "the send was cancelled"))
  end
  if not list then
    failure.host, failure.port = options.host, options.port
    return nil, message, failure
  end
  return list
end

-- To the i-th address. One that answers nothing leaves the others their share of the call's time
-- (delivery.md, D11).
function Submission:connect(addresses, i, call)
  local options = self.options
  local connection, message, failure = pump.open(options, {
    host = options.host, ip = addresses[i].ip, port = options.port,
    connect_seconds = call:share(#addresses - i + 1),
  }, call, self.trace)
  if not connection then return nil, message, failure end
  connection.key = M.key(options)
  connection.born = self.driver.now()
  return connection
end

-- Whether another address may do better (api.md, section 2).
local function may_try_next(failure)
  if failure.kind == "cancelled" or failure.kind == "io" or failure.phase == "dot" then
    return false
  end
  return failure.class == "temporary" or failure.kind == "unsupported" or failure.kind == "limit"
end

-- A connection that had gone stale is no fault of the mail (delivery.md, S32).
local function was_stale(failure)
  return failure.class == "temporary" and (failure.phase == "rset" or failure.phase == "mail")
    and (failure.kind == "closed" or failure.code == 421 or failure.phase == "rset")
end

local function deliver(self, connection, letter, envelope, send, call, item)
  local result, message, failure = connection:deliver(letter, envelope, send, call, item)
  if failure and (failure.kind == "cancelled" or not connection.session:is_reusable()) then
    connection:close()
    return nil, message, failure
  end
  local warning = self:put_back(connection, call)
  local outcome = result or failure
  outcome.warnings = outcome.warnings or {}
  outcome.warnings[#outcome.warnings + 1] = warning
  return result, message, failure
end

local ranks = {}
for rank, phase in ipairs { "lookup", "connect", "greeting", "ehlo", "starttls", "tls", "auth",
  "mail", "rcpt", "data", "content", "dot" } do
  ranks[phase] = rank
end

-- Of several addresses the one that was got furthest with says most about what is wrong.
local function further(best, failure)
  if best and (ranks[best.phase] or 0) > (ranks[failure.phase] or 0) then return best end
  return failure
end

---A connection to the first address that takes one, for a session turned by hand.
function Submission:reach(call)
  local addresses, message, failure = self:lookup(call)
  if not addresses then return nil, message, failure end
  local told
  for i = 1, #addresses do
    local connection, _
    connection, _, failure = self:connect(addresses, i, call)
    if connection then return connection end
    told = further(told, failure)
    if not may_try_next(failure) or call.is_cancelled or call:is_late() then break end
  end
  return failures.fail(told)
end

local function carry_fresh(self, letter, envelope, send, call, item)
  local addresses, message, failure = self:lookup(call)
  if not addresses then return nil, message, failure end
  local told
  for i = 1, #addresses do
    local connection, result, _
    connection, _, failure = self:connect(addresses, i, call)
    if connection then
      result, _, failure = deliver(self, connection, letter, envelope, send, call, item)
      if result then return result end
    end
    told = may_try_next(failure) and further(told, failure) or failure
    -- What was read and cannot be read again would only hide why the mail failed.
    if not may_try_next(failure) or call:is_over() or not letter:is_readable() then break end
  end
  return failures.fail(told)
end

---Carries one mail: over a kept connection, or over a new one to each address in turn.
---@return table|nil result
---@return string? message
---@return table? failure
function Submission:carry(letter, envelope, send, call, item)
  self.calls[call] = true
  local kept = self.options.pool and self:take_idle(M.key(self.options))
  local result, message, failure
  if kept then
    result, message, failure = deliver(self, kept, letter, envelope, send, call, item)
  end
  if not kept or (failure and was_stale(failure)) then
    result, message, failure = carry_fresh(self, letter, envelope, send, call, item)
  end
  self.calls[call] = nil
  local warning = self.trace and self.trace:take_warning()
  if warning then
    local outcome = result or failure
    outcome.warnings = outcome.warnings or {}
    outcome.warnings[#outcome.warnings + 1] = warning
  end
  return result, message, failure
end

---Ends the sends under way and says QUIT on the connections that are kept.
function Submission:close(call)
  self.is_closed = true
  local under_way = {}
  for other in pairs(self.calls) do under_way[#under_way + 1] = other end
  for _, other in ipairs(under_way) do other:cancel() end
  while #self.idle > 0 do
    table.remove(self.idle):quit(call)
  end
end

return M
