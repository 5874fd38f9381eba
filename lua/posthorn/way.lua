-- way.lua - how a connection comes to be: to the servers and their addresses in their order, over
-- TCP to whichever address of a server takes it first (api.md, section 2).
-- SPDX-License-Identifier: MIT
local downs = require "posthorn.down"
local failures = require "posthorn.failure"
local pump = require "posthorn.pump"
local races = require "posthorn.race"
local servers = require "posthorn.server"
local trials = require "posthorn.trial"

local M = {}
---@class posthorn.way
---@field servers posthorn.server[]
local Way = {}
Way.__index = Way

local connect_seconds = 30 -- delivery.md, D11

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

---A walk that begins anew: one for each mail. With `round_robin` each begins one server on.
---@return posthorn.trial
function Way:trial()
  local first = self.turn
  if self.is_round then self.turn = first % #self.servers + 1 end
  return trials.new(self.servers, first, self.down)
end

local function connect_failure(reason, text, call)
  if reason == "timeout" then
    local what = call:is_late() and "the send took longer than its timeout"
      or "the server did not answer the connection in time"
    return failures.new("timeout", "temporary", "connect", what)
  elseif reason == "limit" then
    return failures.new("limit", "temporary", "connect", "no connection can be opened", text)
  end
  local what = reason == "local" and "the local address cannot be used" or "the connection failed"
  local failure = failures.new("connect", "temporary", "connect", what, text)
  failure.enhanced = "4.4.1"
  return failure
end

-- What a race asks on behalf of a pump. Each address has its share of the call's time, so that one
-- that answers nothing leaves the others theirs (delivery.md, D11).
local function new_holder(self, call, trial, server, connecting)
  local holder, down = { latest = nil }, self.down

  local function show(address, before, behind)
    if self.trace then
      connecting:note("connect", (before or "") .. server:name_of(address) .. (behind or ""))
    end
  end

  function holder.begin(address)
    local seconds = server.options.timeouts.connect or connect_seconds
    if call.deadline then seconds = math.min(seconds, call:share(trial:count_left())) end
    trial:note(server, address)
    holder.latest = address
    show(address, "connecting to ")
    return server:place(address), call:within(seconds)
  end

  function holder.failed(address, reason, text)
    local failure = connect_failure(reason, text, call)
    server:sign(failure, address)
    show(address, nil, ": " .. failure.message)
    if reason == "timeout" or reason == "error" then down:mark(server:name_of(address)) end
    trial:go_on(failure)
  end

  -- One that came too late in spite of its head start is tried after the others for a while.
  function holder.lost(address, seconds)
    trial:note(server, address, false)
    if not seconds then return end
    show(address, nil, ": another address was faster")
    if seconds >= races.head_start then down:mark(server:name_of(address)) end
  end

  return holder
end

-- The connection to whichever of the addresses takes it first, and its peer; or nil, the failure.
local function win(self, call, trial, server, addresses, connecting)
  local holder = new_holder(self, call, trial, server, connecting)
  local connection, address = races.connect(self.driver, call, addresses, holder)
  if connection then return connection, server:sign({}, address) end
  if call:is_over() and (call.is_cancelled or not trial.told) then
    local _, _, failure = call:tell_over("connect")
    trial:go_on(server:sign(failure, holder.latest or addresses[1]))
  end
  return nil, trial.told
end

-- How long a look-up or a greeting may take while there are others who might take the mail: their
-- share of the call's time is theirs also where nothing is said.
local function patience_of(call, trial)
  local count = call.deadline and trial:count_left() or 1
  return count > 1 and math.max(call:share(count), 0.001) or nil
end

-- A pump at one of the addresses, ready for a mail. Those that were tried in vain are noted.
local function reach(self, call, trial, server, addresses)
  local has_begun = false
  local connection, _, failure, is_worth_again = pump.open(server.options, function(connecting)
    has_begun = true
    return win(self, call, trial, server, addresses, connecting)
  end, call, self.trace, patience_of(call, trial))
  if connection then
    if not self.down:is_empty() then self.down:clear(server:name_of(connection.peer)) end
    connection.server, connection.born = server, self.driver.now()
    return connection
  end
  -- What fails before, at the user's password, does so at all addresses.
  for _, address in ipairs(has_begun and {} or addresses) do trial:note(server, address) end
  if failure.phase == "greeting" and failure.kind ~= "cancelled" then
    self.down:mark(server:name_of(failure))
  end
  -- A session that was offered costs no mail: without one the address has its turn again.
  if is_worth_again then trial:note(server, failure, false) end
  if failure ~= trial.told then trial:go_on(failure) end
  return nil
end

local function look_up(call, trial, server)
  if trial:found(server) then return true end
  local list, _, failure = server:lookup(call, patience_of(call, trial))
  trial:find(server, list or {})
  if failure then trial:go_on(failure) end
  return list ~= nil
end

-- To an address of this server that takes a connection and a session.
local function open_server(self, call, trial, server)
  if not look_up(call, trial, server) then return nil end
  while true do
    local rest, last = trial:left(server)
    -- What is known to be down comes last, and after what another server has left.
    if #rest == 0 and (#last == 0 or trial:server() ~= server) then return nil end
    if #rest == 0 or #self.servers == 1 then
      for _, address in ipairs(last) do rest[#rest + 1] = address end
    end
    local connection = reach(self, call, trial, server, rest)
    if connection then return connection end
    if trial.is_over or call:is_over() then return nil end
  end
end

---A connection that is ready for a mail, to the first address that takes one and that the trial
---has not been at. When the mail fails on it: `trial:go_on(failure)`, then open again.
---@param call table of posthorn.call
---@param trial posthorn.trial
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
