-- init.lua - finds the driver: what carries bytes and waits in this host.
-- SPDX-License-Identifier: MIT
local misuse = require "posthorn.misuse"

---What the library asks of a host. Deadlines are absolute, on the clock of `now`; nil: none.
---@class posthorn.driver
---@field name string
---@field now fun(): number monotonic seconds
---@field sleep fun(seconds: number, bell?: table): true|nil, string? bell.wake() ends it: "woken"
---@field wait? fun(bell: table, deadline?: number): "ready"|"timeout"|"woken"
---@field ring? fun(bell: table): boolean ends the wait for that bell
---@field pass? fun() lets go on whoever may
---@field spawn fun(fn: function, ...): posthorn.task
---@field background? fun(fn: function, ...): posthorn.task that no run waits for
---@field run fun(fn: function, ...): ...
---@field connect fun(address: posthorn.driver.address, deadline?: number, owner?: table): ...
---@field listen? fun(address: posthorn.driver.address): ...
---@field datagram? fun(ip: string, port: integer): ...
---@field pcall fun(fn: function, ...): boolean, ... a pcall that waits may cross
---@field callback fun(fn: function, ...): boolean, ... a pcall for functions of the user's
---@field in_place fun(fn: function, ...): ... calls it where no yield may happen (PUC Lua 5.1)
---@field is_cancelled fun(): boolean whether the running task was cancelled

---@class posthorn.driver.address
---@field ip? string an IPv4 or IPv6 literal
---@field port? integer
---@field path? string of a Unix socket, instead of both
---@field local_address? string the literal to talk from; it cannot be had: nil, "local"

-- The modules by name. Each gives `new()`.
local MODULES = { sys = "posthorn.driver.sys" }

-- What a driver must offer; the rest is filled in.
local NEEDED = { "now", "sleep", "spawn", "run", "connect" }

local made = {}

local driver = {}

-- The host's name. Others will be recognised here once their drivers are there.
local function find()
  return "sys"
end

local function never()
  return false
end

local function call(fn, ...)
  return fn(...)
end

-- Bells for a driver that has none, by its sleep.
local function add_bells(given)
  function given.wait(bell, deadline)
    local seconds = deadline and math.max(0, deadline - given.now()) or math.huge
    bell.is_rung = false
    local _, reason = given.sleep(seconds, bell)
    if bell.is_rung then
      return "ready"
    end
    return reason == "woken" and reason or "timeout"
  end
  function given.ring(bell)
    bell.is_rung = bell.wake ~= nil
    return bell.is_rung and bell.wake() ~= false
  end
  function given.pass()
    given.sleep(0)
  end
end

local function check(given)
  for _, name in ipairs(NEEDED) do
    if type(given[name]) ~= "function" then
      misuse.raise(("option 'driver' lacks the function '%s'"):format(name))
    end
  end
  given.name = given.name or "own"
  given.pcall = given.pcall or pcall
  given.callback = given.callback or given.pcall
  given.in_place = given.in_place or call
  if not given.wait then
    add_bells(given)
  end
  given.is_cancelled = given.is_cancelled or never
  return given
end

---The driver of this host, the one of that name, or a table of your own once it was checked.
---@param which? string|posthorn.driver
---@return posthorn.driver
function driver.get(which)
  if type(which) == "table" then
    return check(which)
  end
  local name = which == nil and find() or which
  if type(name) ~= "string" then
    misuse.raise("option 'driver' must be a name or a table, not a " .. type(name))
  end
  if not MODULES[name] then
    misuse.raise(("option 'driver': there is no driver named '%s'"):format(name))
  end
  made[name] = made[name] or require(MODULES[name]).new()
  return made[name]
end

return driver
