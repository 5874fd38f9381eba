-- context.lua - contexts of TLS that are kept: to load a trust store takes
-- longer than a handshake, and a session is resumed in its own context alone.
-- SPDX-License-Identifier: MIT
local files = require "posthorn.file"

local M = {}

local tls -- posthorn.tls, once it was wanted

local most = 16        -- contexts; each holds a whole trust store
local life = 60 * 60   -- seconds: how long the system's own trust store counts as read

-- The options that a context is made of.
local names = {
  "verify", "ca_file", "ca_path", "pin", "client_certificate", "client_key",
  "client_key_password", "min_tls",
}
local count = #names

-- Those that were used last come last; an entry is { values, paths, context, stamps, made }.
-- Options are compared, never joined to a key: a private key is among them, and has enough copies.
local kept = {}
local by_options = setmetatable({}, { __mode = "k" })

-- The path of a file is its value, beside the mark that it is none of text.
local function values_of(options)
  local values = {}
  for i, name in ipairs(names) do
    local value = options[name]
    local file = files.of(value)
    if name == "verify" then value = value ~= false end
    values[i] = file and file.path or value
    values[count + i] = file ~= nil
  end
  return values
end

local function are_equal(a, b)
  for i = 1, 2 * count do
    if a[i] ~= b[i] then return false end
  end
  return true
end

local function paths_of(options)
  local paths = { options.ca_file }
  paths[#paths + 1] = options.ca_path
  for _, name in ipairs { "client_certificate", "client_key" } do
    local file = files.of(options[name])
    if file then paths[#paths + 1] = file.path end
  end
  return paths
end

-- What tells whether the files are still those that were read, one for each path.
local function stamps_of(paths)
  local stamps = {}
  for i, path in ipairs(paths) do stamps[i] = tls.stamp(path) or "none" end
  return stamps
end

local function is_current(entry)
  local paths, stamps = entry.paths, entry.stamps
  for i = 1, #paths do
    if (tls.stamp(paths[i]) or "none") ~= stamps[i] then return false end
  end
  return #paths > 0 or not entry.values[1] or os.time() - entry.made < life
end

-- One in PEM, or in a file; a key stands with its certificate where none is named.
local function identity_of(options, given)
  for name, value in pairs {
    certificate = options.client_certificate,
    key = options.client_key or options.client_certificate,
  } do
    local file = files.of(value)
    given[file and name .. "_file" or name] = file and file.path or value
  end
end

-- Makes the context anew. What cannot be read now was perhaps just being replaced: then what was
-- read before goes on to count.
local function renew(entry, options, password)
  local given = {
    verify = options.verify ~= false, ca_file = options.ca_file, ca_path = options.ca_path,
    pins = options.pin, min_tls = options.min_tls, key_password = password,
  }
  identity_of(options, given)
  local stamps = stamps_of(entry.paths)
  local context, message, failure = tls.context(given)
  if context then
    entry.context, entry.stamps, entry.made = context, stamps, os.time()
  elseif not entry.context then
    return nil, message, failure
  end
  return entry.context
end

local function place_of(values)
  for i = #kept, 1, -1 do
    if are_equal(kept[i].values, values) then return i end
  end
  return nil
end

-- The entry for these options, which is the one used last from here on.
local function entry_of(options)
  local entry = by_options[options]
  local values = entry and entry.values or values_of(options)
  local place = place_of(values)
  entry = place and table.remove(kept, place) or entry
    or { values = values, paths = paths_of(options) }
  kept[#kept + 1] = entry
  if #kept > most then table.remove(kept, 1) end
  by_options[options] = entry
  return entry
end

---The client's context for these options (others are not looked at), made once, and again when a
---file of theirs has changed. A trust store or a certificate that cannot be used is a failure of
---kind `io` or `invalid`, class permanent, phase `build`, whose field names the option.
---@param options table checked (posthorn.policy); the same table means the same options
---@param ask fun(value: any, call: any): string|nil, table|nil the passphrase; nil and a failure
---@param call any what `ask` is given beside
---@return posthorn.tls.context|nil context
---@return string? message
---@return table? failure
function M.get(options, ask, call)
  tls = tls or require "posthorn.tls"
  local entry = by_options[options]
  if not entry or kept[#kept] ~= entry then entry = entry_of(options) end
  if entry.context and is_current(entry) then return entry.context end
  local password, failure = ask(options.client_key_password, call)
  if failure then return nil, failure.message, failure end
  return renew(entry, options, password)
end

return M
