-- server.lua - one configured server: its options, the key under which its
-- connections are kept, and its addresses.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local options_of = require "posthorn.options"
local policies = require "posthorn.policy"
local resolve = require "posthorn.resolve"

local M = {}
---@class posthorn.server
---@field options table of posthorn.options
---@field name string for those who read it
---@field key string equal for servers between whose connections nothing differs
---@field addresses posthorn.resolve.address[] as they were found last
local Server = {}
Server.__index = Server

local lookup_seconds = 30

-- Everything that makes two connections different (security.md, row 23), so that
-- reuse compares all of it, whatever a transport may hold one day.
local key_names = { "host", "port", "tls", "user", "password", "allow_plaintext_auth",
  "hello_name" }
for _, name in ipairs(policies.names) do key_names[#key_names + 1] = name end

local function key_of(options)
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

---@param options table of posthorn.options
---@return posthorn.server
function M.new(options)
  return setmetatable({
    options = options, key = key_of(options), addresses = {},
    name = options.scheme .. "://" .. options_of.place(options),
  }, Server)
end

---The name of an address (or of a peer there), for traces and for the memory of what is down.
---@param address table
---@return string
function Server:name_of(address)
  return ("%s port %d"):format(address.ip, self.options.port)
end

---What a driver connects to.
---@param address posthorn.resolve.address
---@return posthorn.driver.address
function Server:place(address)
  return { ip = address.ip, port = self.options.port }
end

---Puts the peer at an address into a failure, or a table of its own.
---@generic T: table
---@param outcome T
---@param address posthorn.resolve.address
---@return T
function Server:sign(outcome, address)
  outcome.host, outcome.ip, outcome.port = self.options.host, address.ip, self.options.port
  return outcome
end

---Looks its addresses up, in the order in which they should be tried.
---@param call table of posthorn.call
---@return posthorn.resolve.address[]|nil
---@return string? message
---@return table? failure
function Server:lookup(call)
  local options = self.options
  local resolver = options.resolver or {}
  local list, message, failure = resolve.addresses(options.host, {
    driver = call.driver, owner = call, servers = resolver.servers, hosts = resolver.hosts,
    timeout = resolver.timeout,
    deadline = call:within(options.timeouts.lookup or lookup_seconds),
  })
  if list and not call.is_cancelled then
    self.addresses = list
    return list
  end
  if call.is_cancelled then
    message = "the send was cancelled"
    failure = failures.new("cancelled", "temporary", "lookup", message)
  end
  failure.host, failure.port = options.host, options.port
  return nil, message, failure
end

return M
