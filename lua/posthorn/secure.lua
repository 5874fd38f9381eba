-- secure.lua - TLS for those who name options: engines whose context is kept,
-- and which resume what the last connection to the same place left.
-- SPDX-License-Identifier: MIT
local contexts = require "posthorn.context"
local domains = require "posthorn.domain"
local failures = require "posthorn.failure"
local misuse = require "posthorn.misuse"
local policies = require "posthorn.policy"
local secrets = require "posthorn.secret"

local M = {}

-- The engine of a context whose certificate must bear that name (RFC 6125, 6.4.2: in A-labels).
local function engine_of(context, name, field, fields)
  if name then
    local message, failure
    name, message, failure = domains.host(name, field)
    if not name then return nil, message, failure end
  end
  fields.context, fields.server_name = context, name
  return require("posthorn.tls").engine(fields)
end

-- Sessions are resumed where nothing at all differs: the context holds the policy, this names the
-- place (delivery.md, T8).
local function place_of(options, peer, name)
  return table.concat({ peer.host, peer.ip or "", peer.port or "", name, options.tls }, "\0")
end

local function ask(password, call)
  return secrets.ask(password, call, "tls", "passphrase of the client's key")
end

---An engine for a transport's connection to a peer.
---@param options table of posthorn.options
---@param peer { host: string, ip: string?, port: integer? }
---@param call table of posthorn.call
---@return posthorn.tls.engine|nil engine
---@return string? message
---@return table? failure
function M.client(options, peer, call)
  if options.tls_engine == "host" then
    return failures.fail(failures.new("unsupported", "permanent", "tls",
      "this host has no TLS of its own (option 'tls_engine')"))
  end
  local context, message, failure = contexts.get(options, ask, call)
  if not context then return nil, message, failure end
  local name = options.server_name or peer.host
  local is_resuming = options.tls_resumption ~= false
  return engine_of(context, name, options.server_name and "server_name" or "host", {
    timeout = options.timeouts.tls, now = os.time(),
    session = is_resuming and place_of(options, peer, name) or nil,
  })
end

-- What posthorn.tls.engine takes, checked: a copy.
local function checked(given)
  if type(given) ~= "table" then
    misuse.raise(("posthorn.tls.engine takes a table, not a %s"):format(type(given)))
  end
  local copy = {}
  for name, value in pairs(given) do
    local check = policies.checks[name]
    if name ~= "timeout" and not check then
      misuse.raise(("unknown option '%s'"):format(tostring(name)))
    end
    local ok, what = pcall(check or type, name, value)
    if not ok then misuse.raise(what) end
    copy[name] = check and what or value
  end
  local ok, problem = pcall(policies.check_together, copy)
  if not ok then misuse.raise(problem) end
  return copy
end

---An engine of a client: ciphertext by `feed`, `output`, `consume`; after the
---event `secured` (its value are the facts for `session:secured`) a session's
---machine is put behind it by `attach`. This is `posthorn.tls.engine`.
---@param options posthorn.tls.options and `timeout`, the seconds of the handshake
---@return posthorn.tls.engine|nil engine
---@return string? message
---@return table? failure
function M.engine(options)
  local own = checked(options)
  local context, message, failure = contexts.get(own, function(password)
    return type(password) == "function" and password() or password
  end)
  if not context then return nil, message, failure end
  return engine_of(context, own.server_name, "server_name", { timeout = own.timeout })
end

return M
