-- secure.lua - TLS for those who name options: whom to believe, and contexts
-- kept, since to load a trust store takes longer than a handshake.
-- SPDX-License-Identifier: MIT
local domains = require "posthorn.domain"

local M = {}

local kept_most = 16 -- contexts; each holds a whole trust store

-- The options that make a context what it is: all of them are its key.
local trust_names = { "verify", "ca_file", "ca_path" }

local kept = {}  -- by key
local order = {} -- keys, the one used longest ago first

local function key_of(options)
  local parts = {}
  for i, name in ipairs(trust_names) do
    local value = options[name]
    parts[i] = type(value) .. #tostring(value) .. ":" .. tostring(value)
  end
  return table.concat(parts, ";")
end

local function touch(key)
  for i = #order, 1, -1 do
    if order[i] == key then table.remove(order, i) end
  end
  order[#order + 1] = key
  if #order > kept_most then kept[table.remove(order, 1)] = nil end
end

---The client context for these options (others are not looked at), made once.
---A trust store that cannot be read is a failure of kind `io`, class permanent,
---phase `build`, whose field names the option.
---@param options { verify: boolean?, ca_file: string?, ca_path: string? }
---@return posthorn.tls.context|nil context
---@return string? message
---@return table? failure
function M.context(options)
  local trust = {}
  for _, name in ipairs(trust_names) do trust[name] = options[name] end
  if trust.verify == nil then trust.verify = true end
  local key = key_of(trust)
  if not kept[key] then
    local context, message, failure = require("posthorn.tls").context(trust)
    if not context then return nil, message, failure end
    kept[key] = context
  end
  touch(key)
  return kept[key]
end

local public_names = {
  verify = true, ca_file = true, ca_path = true, server_name = true, timeout = true,
}

local function check(options)
  if type(options) ~= "table" then
    error(("posthorn.tls.engine takes a table, not a %s"):format(type(options)), 3)
  end
  for name in pairs(options) do
    if not public_names[name] then
      error(("unknown option '%s'"):format(tostring(name)), 3)
    end
  end
end

---An engine of a client: ciphertext by `feed`, `output`, `consume`; after the
---event `secured` (its value are the facts for `session:secured`) a session's
---machine is put behind it by `attach`.
---
---With one argument this is `posthorn.tls.engine`, which takes verify, ca_file,
---ca_path, server_name and timeout (of the handshake). With a reference name
---the options are a transport's: server_name goes before that name, the
---handshake's deadline is timeouts.tls.
---@param options table
---@param reference_name string? whose certificate is expected
---@return posthorn.tls.engine|nil engine
---@return string? message
---@return table? failure
function M.engine(options, reference_name)
  local seconds
  if reference_name == nil then
    check(options)
    seconds = options.timeout
  else
    seconds = options.timeouts and options.timeouts.tls
  end
  local context, message, failure = M.context(options)
  if not context then return nil, message, failure end
  local name = options.server_name or reference_name
  if type(name) == "string" then
    -- A certificate bears A-labels (RFC 6125, 6.4.2).
    name, message, failure = domains.host(name, options.server_name and "server_name" or "host")
    if not name then return nil, message, failure end
  end
  return require("posthorn.tls").engine {
    context = context, server_name = name, timeout = seconds,
  }
end

return M
