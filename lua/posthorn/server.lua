-- server.lua - one configured server: its options, the key under which its
-- connections are kept, and its addresses.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local failures = require "posthorn.failure"
local options_of = require "posthorn.options"
local policies = require "posthorn.policy"

local M = {}
---@class posthorn.server
---@field options table of posthorn.options
---@field name string for those who read it
---@field key string equal for servers between whose connections nothing differs
---@field addresses table[] as they were found last
local Server = {}
Server.__index = Server

local lookup_seconds = 30

-- Everything that makes two connections different (security.md, row 23), so that
-- reuse compares all of it, whatever a transport may hold one day.
local key_names = { "scheme", "host", "port", "path", "local_address", "tls", "user", "password",
  "allow_plaintext_auth", "hello_name" }
for _, name in ipairs(policies.names) do key_names[#key_names + 1] = name end

local function key_of(options)
  local parts = {}
  for i, name in ipairs(key_names) do
    local value = tostring(options[name])
    parts[i] = #value .. ":" .. value
  end
  for _, list in ipairs { "auth", "extensions", "self_names" } do
    local names = {}
    for name, value in pairs(options[list] or {}) do
      names[#names + 1] = tostring(name) .. "=" .. value
    end
    table.sort(names)
    parts[#parts + 1] = table.concat(names, ",")
  end
  return table.concat(parts, ";")
end

-- The address of a server that needs no look-up.
local function known_of(options)
  if options.path then return { { path = options.path } } end
  local family, ip = core.ip(options.host)
  return family and { { ip = ip, family = family } } or nil
end

---@param options table of posthorn.options
---@return posthorn.server
function M.new(options)
  local known = known_of(options)
  return setmetatable({
    options = options, key = key_of(options), addresses = known or {}, known = known,
    name = options.scheme .. "://" .. options_of.place(options),
  }, Server)
end

---The name of an address (or of a peer there), for traces and for the memory of what is down.
---@param address table
---@return string
function Server:name_of(address)
  local options = self.options
  if options.path then return options.path end
  local name = ("%s port %d"):format(address.ip, options.port)
  return options.local_address and name .. " from " .. options.local_address or name
end

---What a driver connects to.
---@param address table
---@return posthorn.driver.address
function Server:place(address)
  local options = self.options
  if options.path then return { path = options.path } end
  return { ip = address.ip, port = options.port, local_address = options.local_address }
end

---Puts the peer at an address into a failure, or a table of its own.
---@generic T: table
---@param outcome T
---@param address table
---@return T
function Server:sign(outcome, address)
  outcome.host, outcome.ip, outcome.port = self.options.host, address.ip, self.options.port
  return outcome
end

-- Those that can be reached from the local address, if one was given.
local function reachable(self, list)
  local own = self.options.local_address
  if not own then return list end
  local family, kept = core.ip(own), {}
  for _, address in ipairs(list) do
    if address.family == family then kept[#kept + 1] = address end
  end
  if #kept > 0 then return kept end
  local failure = failures.new("connect", "temporary", "connect",
    ("the host has no address that can be reached from %s"):format(own))
  failure.enhanced = "4.4.1"
  return failures.fail(failure)
end

local function resolve_all(self, call, patience)
  local options = self.options
  if self.known then return reachable(self, self.known) end
  local resolver = options.resolver or {}
  local list, message, failure = require("posthorn.resolve").addresses(options.host, {
    driver = call.driver, owner = call, servers = resolver.servers, hosts = resolver.hosts,
    timeout = resolver.timeout,
    deadline = call:within(math.min(options.timeouts.lookup or lookup_seconds, patience)),
  })
  if call.is_cancelled then
    return failures.fail(failures.new("cancelled", "temporary", "lookup", "the send was cancelled"))
  elseif not list then
    return nil, message, failure
  end
  return reachable(self, list)
end

---Looks its addresses up, in the order in which they should be tried.
---@param call table of posthorn.call
---@param patience number? seconds, where there are other servers
---@return table[]|nil
---@return string? message
---@return table? failure
function Server:lookup(call, patience)
  local list, message, failure = resolve_all(self, call, patience or math.huge)
  if not list then return nil, message, self:sign(failure, {}) end
  self.addresses = list
  return list
end

return M
