-- way.lua - how a connection comes to be: the servers and their addresses in
-- order, and when the next one may do better (api.md, section 2).
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local pump = require "posthorn.pump"
local servers = require "posthorn.server"

local M = {}
---@class posthorn.way
---@field servers posthorn.server[]
local Way = {}
Way.__index = Way

---What one mail has tried on its way.
---@class posthorn.way.trial
---@field told table? the failure that says most about what is wrong
---@field is_over boolean no other address can do better
local Trial = {}
Trial.__index = Trial

---@param options table of posthorn.options
---@param driver table
---@param trace table? of posthorn.trace
---@return posthorn.way
function M.new(options, driver, trace)
  return setmetatable({
    driver = driver, trace = trace, servers = { servers.new(options) },
  }, Way)
end

-- ---- what a mail has tried ----

---A walk that begins anew: one for each mail.
---@return posthorn.way.trial
function Way:trial()
  local trial = setmetatable({
    servers = self.servers, told = nil, is_over = false,
    tried = {},     -- by server: { [ip] = true }
    addresses = {}, -- by server, once they are known
  }, Trial)
  for _, server in ipairs(trial.servers) do trial.tried[server] = {} end
  return trial
end

---Whether the mail has been at the address of this connection.
---@param connection table of posthorn.pump
---@return boolean
function Trial:has_tried(connection)
  local tried = self.tried[connection.server]
  return tried ~= nil and tried[connection.peer.ip] == true
end

---The mail goes over a connection that was kept: its address has had its turn.
---@param connection table of posthorn.pump
function Trial:take(connection)
  self.tried[connection.server][connection.peer.ip] = true
end

-- Whether another address may do better.
local function may_try_next(failure)
  if failure.kind == "cancelled" or failure.kind == "io" or failure.phase == "dot" then
    return false
  end
  return failure.class == "temporary" or failure.kind == "unsupported" or failure.kind == "limit"
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

---Notes what became of the mail at an address; whether another one may do better.
---@param failure table
---@return boolean
function Trial:go_on(failure)
  local may = may_try_next(failure)
  self.told = may and further(self.told, failure) or failure
  self.is_over = self.is_over or not may
  return not self.is_over
end

-- The addresses of a server that have had no turn; nil: they are not known yet.
local function left(trial, server)
  local addresses = trial.addresses[server]
  if not addresses then return nil end
  local rest = {}
  for _, address in ipairs(addresses) do
    if not trial.tried[server][address.ip] then rest[#rest + 1] = address end
  end
  return rest
end

---The server whose turn it is: where a kept connection is looked for, and a new one opened.
---@return posthorn.server|nil none is left that could do better
function Trial:server()
  if self.is_over then return nil end
  for _, server in ipairs(self.servers) do
    local rest = left(self, server)
    if not rest or #rest > 0 then return server end
  end
  return nil
end

-- ---- opening ----

-- How many tries may still come, those of servers not looked up yet counted as one each.
local function count_left(trial)
  local count = 0
  for _, server in ipairs(trial.servers) do
    local rest = left(trial, server)
    count = count + (rest and #rest or 1)
  end
  return count
end

-- To an address. One that answers nothing leaves the others their share of the call's time
-- (delivery.md, D11).
local function connect(self, call, server, address, share)
  local options = server.options
  local connection, message, failure = pump.open(options, {
    host = options.host, ip = address.ip, port = options.port, connect_seconds = share,
  }, call, self.trace)
  if not connection then return nil, message, failure end
  connection.server, connection.born = server, self.driver.now()
  return connection
end

-- To the first address of this server that takes a connection.
local function open_server(self, call, trial, server)
  local failure, _
  if not trial.addresses[server] then
    trial.addresses[server], _, failure = server:lookup(call)
    if failure then
      trial.addresses[server] = {}
      trial:go_on(failure)
      return nil
    end
  end
  for _, address in ipairs(left(trial, server)) do
    local share = call:share(count_left(trial))
    trial.tried[server][address.ip] = true
    local connection
    connection, _, failure = connect(self, call, server, address, share)
    if connection then return connection end
    if not trial:go_on(failure) or call:is_over() then return nil end
  end
  return nil
end

---A connection that is ready for a mail, to the first address that takes one and that the trial
---has not been at. When the mail fails on it: `trial:go_on(failure)`, then open again.
---@param call table of posthorn.call
---@param trial posthorn.way.trial
---@param only posthorn.server? the one that `trial:server()` gave: go to no other
---@return table|nil pump with `server` and `born`
---@return string? message
---@return table? failure of all that was tried
function Way:open(call, trial, only)
  local server = only or trial:server()
  while server do
    local connection = open_server(self, call, trial, server)
    if connection then return connection end
    if only or call:is_over() then break end
    server = trial:server()
  end
  return failures.fail(trial.told)
end

return M
