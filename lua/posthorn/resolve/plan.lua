-- plan.lua - what a caller's options say of names: hosts of his own, and which
-- name servers are asked.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local domains = require "posthorn.domain"

local M = {}

local function misuse(option, expected)
  error(("option '%s' must be %s"):format(option, expected), 0)
end

---A host as it is compared: in small letters, without a last dot.
---@param host string
---@return string
function M.plain(host)
  return (host:lower():gsub("%.$", ""))
end

---The address that the host is by itself; IPv6 may stand in brackets.
---@param host string
---@return string? ip
---@return "inet"|"inet6"? family
function M.literal(host)
  local inner = host:match("^%[(.*)%]$")
  local family, ip = core.ip(inner or host)
  if family == "inet6" or (family and not inner) then return ip, family end
end

local function check(text)
  if type(text) ~= "string" or not core.ip(text) then
    misuse("hosts", "a table of names and their IP addresses")
  end
end

-- The addresses of one name: at least one.
local function addresses(value)
  local list = type(value) == "table" and value or { value }
  check(list[1])
  for _, text in ipairs(list) do check(text) end
  return list
end

---The addresses that option `hosts` gives to a name, or nil.
---@param hosts table<string, string|string[]>?
---@param name string plain, in A-labels
---@return string[]?
function M.given(hosts, name)
  for key, value in pairs(hosts or {}) do
    if type(key) ~= "string" then misuse("hosts", "a table by names") end
    if M.plain(domains.host(key, "hosts") or key) == name then return addresses(value) end
  end
end

local function server(text)
  local ip, port = text:match("^%[([%x:.]+)%]:?(%d*)$")
  if not ip then ip, port = text:match("^([%d.]+):(%d+)$") end
  port = tonumber(port) or 53
  local family, address = core.ip(ip or text)
  if not family or port < 1 or port > 65535 then return nil end
  return { ip = address, port = port }
end

-- Option `servers` as { ip =, port = } each.
local function servers(list)
  local out = {}
  for i, text in ipairs(list) do
    out[i] = type(text) == "string" and server(text)
      or misuse("servers", 'addresses as "192.0.2.53", "127.0.0.1:5353" or "[::1]:53"')
  end
  if #out == 0 then misuse("servers", "at least one address") end
  return out
end

---Raises where a look-up with these options would.
---@param options { servers: string[]?, hosts: table<string, string|string[]>? }
function M.check(options)
  for _, value in pairs(options.hosts or {}) do addresses(value) end
  if options.servers then servers(options.servers) end
end

---Whom to ask, and how long each: the caller's servers, or those of resolv.conf.
---@param list string[]? option `servers`
---@param files table of files.lua
---@return posthorn.resolve.plan
function M.make(list, files)
  local plan = list and { servers = servers(list) } or {}
  if not list then
    local system = files:servers()
    plan.servers, plan.timeout, plan.tries = system.servers, system.timeout, system.tries
  end
  local names = {}
  for i, one in ipairs(plan.servers) do names[i] = one.ip .. " " .. one.port end
  plan.key = table.concat(names, ",")
  return plan
end

return M
