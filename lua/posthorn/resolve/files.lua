-- files.lua - what the system's files say of names: /etc/hosts and
-- /etc/resolv.conf (hosts(5), resolv.conf(5)), read within bounds.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"

local M = {}

local octets_limit = 1048576 -- of a file; what is behind is not looked at
local fresh_seconds = 5      -- a file is read again after that
local found_limit = 16       -- addresses of one name
local servers_limit = 8

local Files = {}
Files.__index = Files

---@class posthorn.resolve.paths
---@field hosts? string
---@field resolv? string

---@param now fun(): number the driver's clock
---@param paths? posthorn.resolve.paths
function M.new(now, paths)
  paths = paths or {}
  return setmetatable({
    now = now,
    hosts_path = paths.hosts or "/etc/hosts", resolv_path = paths.resolv or "/etc/resolv.conf",
    read = {},       -- by path: { at =, octets = }
    resolv_from = nil, -- the octets that resolv was made of
    resolv = nil,
  }, Files)
end

local function slurp(path)
  local handle = io.open(path, "rb")
  if not handle then return "" end
  local octets = handle:read(octets_limit) or ""
  handle:close()
  if #octets == octets_limit then octets = octets:match("^(.*)\n") or "" end
  return octets
end

-- The octets of a file, at most some seconds old, in small letters.
local function content(self, path)
  local now, kept = self.now(), self.read[path]
  if not kept or now - kept.at >= fresh_seconds or now < kept.at then
    local octets = slurp(path):lower()
    -- The same string as before when nothing has changed: its maker compares.
    kept = { at = now, octets = octets }
    self.read[path] = kept
  end
  return kept.octets
end

---The addresses that the hosts file gives to a name; the name in small letters.
---@param name string
---@return string[] addresses maybe none
function Files:addresses(name)
  local octets, found = content(self, self.hosts_path), {}
  if not octets:find(name, 1, true) then return found end
  for line in octets:gmatch("[^\n]+") do
    if line:find(name, 1, true) then
      local ip, names = line:match("^%s*(%S+)([^#]*)")
      local family, text = core.ip(ip or "")
      for word in (family and names or ""):gmatch("%S+") do
        if word == name and #found < found_limit then
          found[#found + 1] = text
          break
        end
      end
    end
  end
  return found
end

local function number(options, name, least, most)
  local value = tonumber(options:match("%f[%w]" .. name .. ":(%d+)"))
  return value and math.max(least, math.min(most, value))
end

local function parse(octets)
  local resolv = { servers = {} }
  for line in octets:gmatch("[^\n]+") do
    local word, rest = line:match("^(%l+)%s+(.*)$")
    if word == "nameserver" and #resolv.servers < servers_limit then
      local family, ip = core.ip(rest:match("^%S*"))
      if family then resolv.servers[#resolv.servers + 1] = { ip = ip, port = 53 } end
    elseif word == "options" then
      resolv.timeout = number(rest, "timeout", 1, 30) or resolv.timeout
      resolv.tries = number(rest, "attempts", 1, 5) or resolv.tries
    end
  end
  if #resolv.servers == 0 then resolv.servers[1] = { ip = "127.0.0.1", port = 53 } end
  return resolv
end

---What resolv.conf says: { servers = { { ip =, port = }, ... }, timeout =, tries = }. Search
---domains are passed over: names are whole. Without the file the server is this machine.
---@return table
function Files:servers()
  local octets = content(self, self.resolv_path)
  if octets ~= self.resolv_from then
    self.resolv_from, self.resolv = octets, parse(octets)
  end
  return self.resolv
end

return M
