-- way.lua - how a connection comes to be: the servers and their addresses in
-- order, and when the next one may do better (api.md, section 2).
-- SPDX-License-Identifier: MIT
local downs = require "posthorn.down"
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
  local list = {}
  for i, own in ipairs(options.servers or { options }) do list[i] = servers.new(own) end
  return setmetatable({
    driver = driver, trace = trace, servers = list, down = downs.of(driver),
    is_round = options.balance == "round_robin", turn = 1, -- whose turn is the next walk
  }, Way)
end

-- ---- what a mail has tried ----

---A walk that begins anew: one for each mail. With `round_robin` each begins one server on.
---@return posthorn.way.trial
function Way:trial()
  local first = self.turn
  if self.is_round then self.turn = first % #self.servers + 1 end
  return setmetatable({
    way = self, first = first, told = nil, is_over = false,
    tried = nil,     -- by server: { [ip] = true }, once there is one
    addresses = nil, -- by server, once one was looked up
  }, Trial)
end

local function has_tried(trial, server, ip)
  local tried = trial.tried and trial.tried[server]
  return tried ~= nil and tried[ip] == true
end

local function note_tried(trial, server, ip)
  trial.tried = trial.tried or {}
  trial.tried[server] = trial.tried[server] or {}
  trial.tried[server][ip] = true
end

---Whether the mail has been at the address of this connection.
---@param connection table of posthorn.pump
---@return boolean
function Trial:has_tried(connection)
  return has_tried(self, connection.server, connection.peer.ip)
end

---The mail has failed over a connection that was kept: its address has had its turn.
---@param connection table of posthorn.pump
function Trial:take(connection)
  note_tried(self, connection.server, connection.peer.ip)
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

-- Of several addresses the one that was got furthest with says most about what is wrong; but while
-- one of them may take the mail later, it is not refused for good.
local function further(best, failure)
  if not best then return failure end
  if best.class ~= failure.class then
    return best.class == "temporary" and best or failure
  end
  return (ranks[best.phase] or 0) > (ranks[failure.phase] or 0) and best or failure
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

local function addresses_of(trial, server)
  return trial.addresses and trial.addresses[server]
end

-- The addresses of a server that have had no turn: those that are not known to be down, and the
-- others. Of one that was not looked up yet, those that were found last.
local function left(trial, server)
  local rest, last = {}, {}
  for _, address in ipairs(addresses_of(trial, server) or server.addresses) do
    if not has_tried(trial, server, address.ip) then
      local list = trial.way.down:has(server:name_of(address)) and last or rest
      list[#list + 1] = address
    end
  end
  return rest, last
end

-- The servers in the order of this walk.
local function each_server(trial)
  local list, count, i = trial.way.servers, #trial.way.servers, 0
  return function()
    i = i + 1
    return i <= count and list[(trial.first + i - 2) % count + 1] or nil
  end
end

---The server whose turn it is: where a kept connection is looked for, and a new one opened.
---@return posthorn.server|nil none is left that could do better
function Trial:server()
  if self.is_over then return nil end
  local way = self.way
  if not self.tried and not self.addresses and way.down.count == 0 then
    return way.servers[self.first]
  end
  local second
  for server in each_server(self) do
    local rest, last = left(self, server)
    if #rest > 0 or #last == 0 and not addresses_of(self, server) then return server end
    if #last > 0 then second = second or server end
  end
  return second
end

-- ---- opening ----

-- How many tries may still come; a server that was not looked up yet has one at least.
local function count_left(trial)
  local count = 0
  for server in each_server(trial) do
    local rest, last = left(trial, server)
    count = count + math.max(#rest + #last, addresses_of(trial, server) and 0 or 1)
  end
  return count
end

-- Whether that failure says that nobody is there.
local function is_silence(failure)
  local kind, phase = failure.kind, failure.phase
  return phase == "connect" and (kind == "connect" or kind == "timeout")
    or phase == "greeting" and kind ~= "cancelled" and kind ~= "limit"
end

-- To an address. One that answers nothing leaves the others their share of the call's time
-- (delivery.md, D11).
local function connect(self, call, server, address, share)
  local options = server.options
  local connection, message, failure = pump.open(options, {
    host = options.host, ip = address.ip, port = options.port, connect_seconds = share,
  }, call, self.trace)
  if not connection then
    if is_silence(failure) then self.down:mark(server:name_of(address)) end
    return nil, message, failure
  end
  self.down:clear(server:name_of(address))
  connection.server, connection.born = server, self.driver.now()
  return connection
end

-- To the first address of this server that takes a connection.
local function open_server(self, call, trial, server)
  local failure, _
  if not addresses_of(trial, server) then
    trial.addresses = trial.addresses or {}
    trial.addresses[server], _, failure = server:lookup(call)
    if failure then
      trial.addresses[server] = {}
      trial:go_on(failure)
      return nil
    end
  end
  local rest, last = left(trial, server)
  if #rest == 0 and trial:server() ~= server then return nil end -- all its addresses are down
  for _, address in ipairs(#rest > 0 and rest or last) do
    local share = call:share(count_left(trial))
    note_tried(trial, server, address.ip)
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
---@return table? failure of all that was tried; with `only` ask `trial:server()` whether to go on
function Way:open(call, trial, only)
  local server = only or trial:server()
  while server do
    local connection = open_server(self, call, trial, server)
    if connection then return connection end
    if only or call:is_over() then break end
    server = trial:server()
  end
  if not trial.told then return nil end -- it is another server's turn
  return failures.fail(trial.told)
end

return M
