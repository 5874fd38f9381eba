-- trial.lua - what one mail has tried on its way over servers and addresses: where its next try
-- goes, and which of its failures is told.
-- SPDX-License-Identifier: MIT
local M = {}
---@class posthorn.trial
---@field told table? the failure that says most about what is wrong
---@field is_over boolean no other address can do better
local Trial = {}
Trial.__index = Trial

---@param servers posthorn.server[]
---@param first integer the one that the walk begins with
---@param down posthorn.down
---@return posthorn.trial
function M.new(servers, first, down)
  return setmetatable({
    servers = servers, first = first, down = down, told = nil, is_over = false,
    tried = nil,     -- by server: { [name] = true }, once there is one
    addresses = nil, -- by server, once one was looked up
    tries = nil,     -- what failed, in order
  }, Trial)
end

-- ---- what was tried ----

-- Addresses have ip or path, peers ip and host, which is the path where there is one.
local function name_of(address)
  return address.ip or address.path or address.host
end

local function has_tried(trial, server, address)
  local tried = trial.tried and trial.tried[server]
  return tried ~= nil and tried[name_of(address)] == true
end

---An address has had its turn (or, with false, has it still).
---@param server posthorn.server
---@param address table
---@param is_so boolean?
function Trial:note(server, address, is_so)
  self.tried = self.tried or {}
  self.tried[server] = self.tried[server] or {}
  self.tried[server][name_of(address)] = is_so ~= false or nil
end

---Whether the mail has been at the address of this connection.
---@param connection table of posthorn.pump
---@return boolean
function Trial:has_tried(connection)
  return has_tried(self, connection.server, connection.peer)
end

---The mail has failed over a connection that was kept: its address has had its turn.
---@param connection table of posthorn.pump
function Trial:take(connection)
  self:note(connection.server, connection.peer)
end

-- ---- what became of it ----

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

-- That another address of a host was not reached takes nothing from what the host itself said.
local function is_unreached(failure, other)
  return failure.phase == "connect" and failure.host ~= nil
    and failure.host == other.host and failure.port == other.port
end

-- Of several addresses the one that was got furthest with says most about what is wrong; but while
-- one of them may take the mail later, it is not refused for good.
local function further(best, failure)
  if not best then return failure end
  if best.class ~= failure.class and not is_unreached(best, failure)
    and not is_unreached(failure, best) then
    return best.class == "temporary" and best or failure
  end
  return (ranks[best.phase] or 0) > (ranks[failure.phase] or 0) and best or failure
end

-- What a failure says of its address, without the recipients.
local function try_of(failure)
  return {
    host = failure.host, ip = failure.ip, port = failure.port, kind = failure.kind,
    class = failure.class, phase = failure.phase, code = failure.code,
    enhanced = failure.enhanced, message = failure.message,
  }
end

---Notes what became of the mail at an address; whether another one may do better. The failure that
---is told has all of them, when there are several.
---@param failure table
---@return boolean
function Trial:go_on(failure)
  local may = may_try_next(failure)
  self.told = may and further(self.told, failure) or failure
  self.tries = self.tries or {}
  self.tries[#self.tries + 1] = try_of(failure)
  if #self.tries > 1 then self.told.tries = self.tries end
  self.is_over = self.is_over or not may
  return not self.is_over
end

-- ---- where to go ----

-- The servers in the order of this walk.
local function each_server(trial)
  local list, count, i = trial.servers, #trial.servers, 0
  return function()
    i = i + 1
    return i <= count and list[(trial.first + i - 2) % count + 1] or nil
  end
end

---The addresses of a server, once they were looked up.
---@param server posthorn.server
---@return table[]|nil
function Trial:found(server)
  return self.addresses and self.addresses[server]
end

---@param server posthorn.server
---@param addresses table[]
function Trial:find(server, addresses)
  self.addresses = self.addresses or {}
  self.addresses[server] = addresses
end

---The addresses of a server that have had no turn: those that are not known to be down, and the
---others. Of one that was not looked up yet, those that were found last.
---@param server posthorn.server
---@return table[]
---@return table[]
function Trial:left(server)
  local rest, last = {}, {}
  local is_well = self.down:is_empty()
  for _, address in ipairs(self:found(server) or server.addresses) do
    if not has_tried(self, server, address) then
      local list = not is_well and self.down:has(server:name_of(address)) and last or rest
      list[#list + 1] = address
    end
  end
  return rest, last
end

---How many tries may still come; a server that was not looked up yet has one at least.
---@return integer
function Trial:count_left()
  local count = 0
  for server in each_server(self) do
    local rest, last = self:left(server)
    count = count + math.max(#rest + #last, self:found(server) and 0 or 1)
  end
  return count
end

---The server whose turn it is: where a kept connection is looked for, and a new one opened.
---@return posthorn.server|nil none is left that could do better
function Trial:server()
  if self.is_over then return nil end
  if not self.tried and not self.addresses and self.down:is_empty() then
    return self.servers[self.first]
  end
  local second
  for server in each_server(self) do
    local rest, last = self:left(server)
    if #rest > 0 or #last == 0 and not self:found(server) then return server end
    if #last > 0 then second = second or server end
  end
  return second
end

return M
