-- resolve.lua - from the name of a host to its addresses: literals, hosts
-- given by the caller, localhost, /etc/hosts, then name servers.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local domains = require "posthorn.domain"
local files = require "posthorn.resolve.files"
local flights = require "posthorn.resolve.flight"
local plans = require "posthorn.resolve.plan"

local M = {}

local lookup_seconds = 30   -- for a look-up, when nothing else bounds it
local try_seconds = 2       -- for a server in the first round
local tries = 3             -- rounds
local grace_seconds = 1     -- for one family when the other has come
local silent_seconds = 30   -- that a family which was silent then is not waited for
local questions_limit = 256 -- under way at once; more wait

---@class posthorn.resolve.address
---@field ip string
---@field family "inet"|"inet6"

---@class posthorn.resolve.options
---@field driver? table
---@field deadline? number on the driver's clock
---@field timeout? number seconds for the whole look-up (30)
---@field servers? string[] "192.0.2.53", "127.0.0.1:5353" or "[::1]:5353"; else resolv.conf's
---@field hosts? table<string, string|string[]> names and their addresses
---@field owner? table gets a field `wake`, a function that ends the look-up; nil when it is over
---@field files? posthorn.resolve.paths instead of the system's

-- What the tasks of a driver share: a clock is a driver's own.
local shared = setmetatable({}, { __mode = "k" })

local function state_of(driver)
  local state = shared[driver]
  if not state then
    state = { driver = driver, flights = flights.new(driver), files = {} }
    shared[driver] = state
  end
  return state
end

local function files_of(state, paths)
  local key = paths and (paths.hosts or "") .. "\0" .. (paths.resolv or "") or ""
  if not state.files[key] then state.files[key] = files.new(state.driver.now, paths) end
  return state.files[key]
end

local function fail(kind, message, host)
  local is_data = kind == "invalid"
  return nil, message, core.failure {
    kind = kind, class = is_data and "permanent" or "temporary",
    phase = is_data and "build" or "lookup", field = is_data and "host" or nil,
    message = message, host = core.printable(host),
  }
end

-- What two outcomes say when neither brought an address. That a domain does
-- not exist is true for all types of records (RFC 2308, 2.1).
local function fail_for(host, outcomes)
  local shown, trouble = core.printable(host), nil
  for _, outcome in ipairs(outcomes) do
    if outcome.none == "NXDOMAIN" then
      return fail("dns", ("the domain %s does not exist (NXDOMAIN)"):format(shown), host)
    end
    if outcome.kind then trouble = trouble or outcome end
  end
  if not trouble then return fail("dns", ("the host %s has no address"):format(shown), host) end
  return fail(trouble.kind, ("%s, asked for %s"):format(trouble.text, shown), host)
end

-- One of each family in turn (RFC 8305, 4), beginning with this one; each address once.
local function alternate(by_family, first)
  local list, seen = {}, {}
  local second = first == "inet" and "inet6" or "inet"
  local function add(ip, family)
    if ip and not seen[ip] then
      seen[ip] = true
      list[#list + 1] = { ip = ip, family = family }
    end
  end
  for i = 1, math.max(#by_family.inet, #by_family.inet6) do
    add(by_family[first][i], first)
    add(by_family[second][i], second)
  end
  return list
end

-- Addresses as they were written: the first one stays first.
local function sorted(addresses)
  local by = { inet = {}, inet6 = {} }
  for _, text in ipairs(addresses) do
    local family, ip = core.ip(text)
    by[family][#by[family] + 1] = ip
  end
  return alternate(by, (core.ip(addresses[1])))
end

-- What is known without a question (localhost: RFC 6761, 6.3).
local function known(state, name, options)
  local given = plans.given(options.hosts, name)
  if given then return sorted(given) end
  if name == "localhost" or name:sub(-10) == ".localhost" then
    return sorted { "127.0.0.1", "::1" }
  end
  local found = name ~= "" and files_of(state, options.files):addresses(name) or {}
  return #found > 0 and sorted(found) or nil
end

-- Sleeps until the bell rings or the deadline; false: it is time to end.
local function rest(driver, bell, deadline)
  local seconds = deadline - driver.now()
  if seconds <= 0 or bell.is_cancelled then return false end
  bell.has_rung = false
  local _, reason = driver.sleep(seconds, bell)
  if reason == "woken" and not bell.has_rung then bell.is_cancelled = true end
  return not bell.is_cancelled
end

-- Waits for both, for the second not long when the first has brought addresses.
local function wait_for(driver, pair, bell, deadline)
  local grace
  while true do
    local first, second = pair[1].outcome, pair[2].outcome
    if first and second then return end
    if not grace and ((first or second or {}).addresses) then
      grace = driver.now() + grace_seconds
    end
    if not rest(driver, bell, math.min(deadline, grace or deadline)) then
      return grace and driver.now() >= grace
    end
  end
end

-- The outcomes of both; had_grace: one family came, and the other did not in
-- its time, so the next look-up shall not wait for it.
local function outcomes_of(state, pair, bell, had_grace)
  local outcomes = {}
  for i, flight in ipairs(pair) do
    outcomes[i] = flight.outcome
    state.flights:leave(flight, bell)
    if not outcomes[i] then
      outcomes[i] = { kind = "timeout", text = "no name server answered in time" }
      state.flights:keep(flight.key, outcomes[i], had_grace and silent_seconds)
    end
  end
  return outcomes
end

local function ask_both(state, name, plan, bell, deadline)
  local all = state.flights
  while all.count >= questions_limit do
    local soon = math.min(deadline, state.driver.now() + 0.05)
    if not rest(state.driver, bell, soon) then break end
  end
  local pair = { all:get(plan, name, "A", bell), all:get(plan, name, "AAAA", bell) }
  return outcomes_of(state, pair, bell, wait_for(state.driver, pair, bell, deadline))
end

-- Within the time there is each server shall have its turn.
local function plan_for(state, options, deadline)
  local plan = plans.make(options.servers, files_of(state, options.files))
  local share = (deadline - state.driver.now()) / (#plan.servers + 1)
  plan.timeout = math.max(0.05, math.min(plan.timeout or try_seconds, share))
  plan.tries = plan.tries or tries
  return plan
end

local function ask(state, host, name, options, deadline)
  local bell, owner = { wake = nil, has_rung = false, is_cancelled = false }, options.owner
  local plan = plan_for(state, options, deadline)
  if owner then
    owner.wake = function()
      bell.is_cancelled = true
      if bell.wake then bell.wake() end
    end
  end
  local outcomes = ask_both(state, name, plan, bell, deadline)
  if owner then owner.wake = nil end
  if bell.is_cancelled then return fail("cancelled", "the look-up was cancelled", host) end
  local by = { inet = outcomes[1].addresses or {}, inet6 = outcomes[2].addresses or {} }
  local list = alternate(by, "inet")
  if #list > 0 then return list end
  return fail_for(host, outcomes)
end

---The addresses of a host, in the order in which they should be tried: the families in turn.
---
---Failures: `invalid` (field `host`) and `unsupported` (it has U-labels, and there is no libidn2):
---permanent; `timeout`, `dns`, `cancelled`, `limit`, `io`:
---temporary, of phase `lookup`. Wrong options raise.
---@param host string a name, an address, or an address of IPv6 in brackets
---@param options? posthorn.resolve.options
---@return posthorn.resolve.address[]|nil
---@return string? message
---@return table? failure
function M.addresses(host, options)
  options = options or {}
  local ip, family = plans.literal(host)
  if ip then return { { ip = ip, family = family } } end
  local driver = options.driver or require("posthorn.driver").get()
  local ascii, message, failure = domains.host(host, "host")
  if not ascii then
    failure.host = core.printable(host)
    return nil, message, failure
  end
  local state, name = state_of(driver), plans.plain(ascii)
  local list = known(state, name, options)
  if list then return list end
  name = require("posthorn.dns").name(ascii)
  if not name then
    return fail("invalid", ("the host %s is no domain name"):format(core.printable(host)), host)
  end
  local deadline = driver.now() + (options.timeout or lookup_seconds)
  if options.deadline then deadline = math.min(deadline, options.deadline) end
  return ask(state, host, name, options, deadline)
end

return M
