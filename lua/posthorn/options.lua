-- options.lua - what transports and sends may be told: names, types, defaults.
-- Misuse raises here, with the option's name; an option that is not built yet
-- is an unknown option.
-- SPDX-License-Identifier: MIT
local calls = require "posthorn.call"
local core = require "posthorn.core"
local envelopes = require "posthorn.envelope"
local policies = require "posthorn.policy"

local M = {}

local function wrong(name, expected, value)
  error(("option '%s' must be %s, not a %s"):format(name, expected, type(value)), 0)
end

local function of_type(...)
  local types = { ... }
  return function(name, value)
    for i = 1, #types do
      if type(value) == types[i] then return value end
    end
    wrong(name, "a " .. table.concat(types, " or a "), value)
  end
end

local text, boolean, callable = of_type "string", of_type "boolean", of_type "function"

local function seconds(name, value)
  if type(value) ~= "number" then wrong(name, "a number of seconds", value) end
  if not (value > 0 and value < math.huge) then
    error(("option '%s' must be a positive number of seconds"):format(name), 0)
  end
  return value
end

local function integer(least, most)
  return function(name, value)
    if type(value) ~= "number" or value % 1 ~= 0 or value < least or value > most then
      error(("option '%s' must be a whole number from %d to %d"):format(name, least, most), 0)
    end
    return value
  end
end

local function one_of(...)
  local words = { ... }
  return function(name, value)
    for i = 1, #words do
      if value == words[i] then return value end
    end
    error(("option '%s' must be one of %s"):format(name, table.concat(words, ", ")), 0)
  end
end

local function list_of(check)
  return function(name, value)
    if type(value) ~= "table" then wrong(name, "an array", value) end
    local copy = {}
    for i = 1, #value do copy[i] = check(("%s[%d]"):format(name, i), value[i]) end
    return copy
  end
end

-- A table with these fields and no others.
local function fields(checks)
  return function(name, value)
    if type(value) ~= "table" then wrong(name, "a table", value) end
    local copy = {}
    for key, field in pairs(value) do
      local check = checks[key]
      if not check then error(("unknown option '%s.%s'"):format(name, tostring(key)), 0) end
      copy[key] = check(name .. "." .. key, field)
    end
    return copy
  end
end

-- A table whose keys are names of the caller's.
local function map_of(check)
  return function(name, value)
    if type(value) ~= "table" then wrong(name, "a table", value) end
    local copy = {}
    for key, field in pairs(value) do
      if type(key) ~= "string" then wrong(name, "a table with names as keys", key) end
      copy[key] = check(name .. "." .. key, field)
    end
    return copy
  end
end

local function ip(name, value)
  if type(value) ~= "string" then wrong(name, "a string", value) end
  local family, address = core.ip(value)
  if not family then
    error(("option '%s' must be an IPv4 or IPv6 address"):format(name), 0)
  end
  return address
end

-- A name of this host's, as a greeting bears it.
local function own_name(name, value)
  if type(value) ~= "string" then wrong(name, "a string", value) end
  local plain = value:gsub("%.$", "")
  local ascii = plain ~= "" and not plain:find("[%z\1- \127]")
    and require("posthorn.domain").host(plain, name)
  if not ascii then error(("option '%s' must be a domain or an address"):format(name), 0) end
  return ascii
end

local function pool(name, value)
  if value == false then return false end
  return fields {
    size = integer(1, 100000), messages = integer(0, 2 ^ 31), idle = seconds,
    backlog = integer(0, 2 ^ 31),
  }(name, value)
end

local function rate(name, value)
  value = fields { messages = integer(1, 2 ^ 31), seconds = seconds }(name, value)
  if not (value.messages and value.seconds) then
    error(("option '%s' must be { messages =, seconds = }"):format(name), 0)
  end
  return value
end

local function handle_or_function(name, value)
  if type(value) == "function" then return value end
  local ok, write = pcall(function() return value.write end)
  if ok and type(write) == "function" then return value end
  wrong(name, "a handle or a function", value)
end

local function canceller(name, value)
  if not calls.is_canceller(value) then wrong(name, "a posthorn.canceller()", value) end
  return value
end

local function servers(name, value)
  if type(value) ~= "table" then wrong(name, "an array of URLs and tables", value) end
  local copy = {}
  for key, entry in pairs(value) do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > #value then
      error(("unknown option '%s.%s'"):format(name, tostring(key)), 0)
    end
    copy[key] = entry -- checked when the options that all have in common are known
  end
  if #copy == 0 then error(("option '%s' must name a server"):format(name), 0) end
  return copy
end

local function envelope(name, value)
  if type(value) ~= "table" then wrong(name, "a table", value) end
  envelopes.check_names(value)
  return value
end

local timeouts = {}
for _, phase in ipairs { "lookup", "connect", "greeting", "ehlo", "starttls", "tls", "auth",
  "mail", "rcpt", "data", "content", "dot", "rset", "quit", "command" } do
  timeouts[phase] = seconds
end

local transport = {
  host = text, port = integer(1, 65535),
  user = text, password = of_type("string", "function"), auth = list_of(text),
  allow_plaintext_auth = boolean,
  tls = one_of("implicit", "starttls", "opportunistic", "none"),
  hello_name = text, self_names = list_of(own_name), local_address = ip,
  driver = of_type("string", "table"),
  resolver = fields {
    servers = list_of(text), timeout = seconds, hosts = map_of(of_type("string", "table")),
  },
  timeout = seconds, timeouts = fields(timeouts), concurrency = integer(1, 100000), pool = pool,
  rate = rate, bulk = boolean,
  extensions = map_of(one_of("require", "prefer", "off")),
  trace = handle_or_function,
  servers = servers, balance = one_of("failover", "round_robin"),
}
for name, check in pairs(policies.checks) do transport[name] = check end

-- What one of several servers may be told: all but what holds for the transport.
local server = {}
for name, check in pairs(transport) do server[name] = check end
for _, name in ipairs { "servers", "balance", "timeout", "concurrency", "pool", "rate", "bulk",
  "driver", "resolver", "trace" } do
  server[name] = nil
end

local send = {
  envelope = envelope, timeout = seconds, cancel = canceller, progress = callable,
  require_all = boolean,
  dsn = fields { notify = of_type("string", "table"), ret = text, envid = text },
  deliver_by = fields { seconds = of_type "number", mode = text },
  mt_priority = of_type "number", hold_until = of_type "number", require_tls = boolean,
}
M.send_names, M.transport_names = send, transport

-- Which options a scheme takes; all others are unknown to it.
local schemes = {
  smtp = transport, smtps = transport, lmtp = transport,
  capture = { respond = callable }, file = {},
}
local server_schemes = { smtp = server, smtps = server, lmtp = server }

-- Scalars in a URL come as text, and stay it where the option takes that.
local function scalar(check, value)
  if pcall(check, "", value) then return value end
  if value == "true" then return true end
  if value == "false" then return false end
  return tonumber(value) or value
end

local function checked(into, checks, given, convert)
  for name, value in pairs(given) do
    local check = checks[name]
    if not check then error(("unknown option '%s'"):format(tostring(name)), 0) end
    if into[name] ~= nil then error(("option '%s' is given twice"):format(name), 0) end
    if convert then value = convert(check, value) end
    into[name] = check(name, value)
  end
  return into
end

local function malformed(what)
  error("option 'url' is malformed: " .. what, 0)
end

local longest_socket = 107 -- octets of a path in sockaddr_un, but its NUL

local function check_socket(path)
  if path:sub(-1) == "/" or path:sub(1, 1) ~= "/" then
    malformed("lmtp: wants a host, or the path of a socket, as in lmtp:///run/lmtp.sock")
  elseif #path > longest_socket then
    malformed(("the path of a socket has %d octets at most"):format(longest_socket))
  end
end

local function check_place(parts)
  if parts.scheme == "file" then
    if parts.host or not parts.path then malformed "file: wants a path, as in file:///dir" end
  elseif parts.scheme == "capture" then
    if parts.host or parts.path then malformed("capture: stands alone") end
  elseif parts.scheme == "lmtp" and not parts.host then
    check_socket(parts.path or "/")
  elseif not parts.host then
    malformed("the host is missing")
  elseif parts.path and parts.path ~= "/" then
    malformed(parts.scheme .. ": takes no path beside a host")
  end
end

local function from_url(address, known)
  local parts = require("posthorn.url").parse(address)
  local checks = known[parts.scheme]
  if not checks then
    local others = known == schemes and ", capture and file" or ""
    error("option 'url' has an unknown scheme; known are smtp, smtps, lmtp" .. others, 0)
  end
  check_place(parts)
  local options = {
    scheme = parts.scheme, user = parts.user, password = parts.password,
    host = parts.host, port = parts.port,
  }
  if not parts.host then options.path = parts.path end
  return checked(options, checks, parts.query, scalar)
end

-- The host as written decides; what DNS answers never matters (security.md, row 22).
local function is_loopback(host)
  return host:lower() == "localhost" or host == "::1"
    or host:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

-- What the session and the look-up know of their options is asked now: misuse shows where the
-- transport is made, not with the first mail.
local function check_below(options)
  local ok, session = pcall(core.session,
    { hello_name = "[127.0.0.1]", auth = options.auth, extensions = options.extensions })
  if not ok then error(session, 0) end
  session:close()
  if options.resolver then require("posthorn.resolve.plan").check(options.resolver) end
end

-- IPv6 stands in brackets as in a URL, or without.
local function plain_host(host)
  local inner = host:match("^%[(.*)%]$")
  if inner and core.ip(inner) ~= "inet6" then
    error("option 'host' has brackets around what is no IPv6 address", 0)
  end
  return inner or host
end

-- The mode of TLS and the port, where they were not given.
local function complete_host(options)
  if not options.host then error("option 'host' or 'url' is missing", 0) end
  options.host = plain_host(options.host)
  local is_lmtp = options.scheme == "lmtp"
  if not options.tls then
    if options.scheme == "smtps" or (options.port == 465 and not is_lmtp) then
      options.tls = "implicit"
    else
      options.tls = is_loopback(options.host) and "opportunistic" or "starttls"
    end
  end
  if is_lmtp and options.port == 25 then
    error("option 'port' must not be 25 for LMTP (RFC 2033, 5)", 0)
  end
  options.port = options.port or is_lmtp and 24 or (options.tls == "implicit" and 465 or 587)
end

-- A Unix socket stands for its host.
local function complete_socket(options)
  for _, name in ipairs { "host", "port", "local_address" } do
    if options[name] then
      error(("option '%s' does not go with the path of a socket"):format(name), 0)
    end
  end
  options.host, options.tls = options.path, options.tls or "none"
  if options.tls ~= "none" and not options.server_name then
    error("option 'server_name' is missing", 0)
  end
end

local function complete_server(options)
  if options.path then complete_socket(options) else complete_host(options) end
  if options.verify == nil then
    options.verify = options.tls ~= "opportunistic" or options.ca_file ~= nil
      or options.ca_path ~= nil
  end
  options.timeouts = options.timeouts or {}
  if options.password and not options.user then error("option 'user' is missing", 0) end
  if options.user and not options.password then error("option 'password' is missing", 0) end
  policies.check_together(options)
  check_below(options)
  return options
end

-- Options out of a URL, or a table with `url` or `host`.
local function read(first, second, known)
  local address, given = first, second
  if type(first) == "table" then
    if second ~= nil then error("options beside a table belong into the table", 0) end
    address, given = first.url, {}
    for name, value in pairs(first) do
      if name ~= "url" then given[name] = value end
    end
  elseif first == nil then
    error("option 'url' is missing", 0)
  end
  if address ~= nil and type(address) ~= "string" then wrong("url", "a string", address) end
  if given ~= nil and type(given) ~= "table" then wrong("options", "a table", given) end
  local options = address and from_url(address, known) or { scheme = "smtp" }
  return checked(options, known[options.scheme], given or {})
end

-- Options of which a server takes over none when it has one of its own.
local groups = {
  { "user", "password" }, { "ca_file", "ca_path" },
  { "client_certificate", "client_key", "client_key_password" },
}

local function inherit(options, common)
  local is_own = { servers = true, balance = true }
  if options.scheme == "smtps" then is_own.tls = true end
  if options.path then is_own.port, is_own.local_address = true, true end
  for _, group in ipairs(groups) do
    local has_one = false
    for _, name in ipairs(group) do has_one = has_one or options[name] ~= nil end
    for _, name in ipairs(group) do is_own[name] = has_one end
  end
  for name, value in pairs(common) do
    if options[name] == nil and not is_own[name] then options[name] = value end
  end
  return options
end

-- One entry of `servers`.
local function server_of(entry, common)
  if type(entry) ~= "string" and type(entry) ~= "table" then
    wrong("url", "a URL or a table", entry)
  end
  return complete_server(inherit(read(entry, nil, server_schemes), common))
end

local function complete_servers(options)
  if options.host then error("option 'servers' stands instead of 'url' and 'host'", 0) end
  check_below(options)
  for i, entry in ipairs(options.servers) do
    local ok, made = pcall(server_of, entry, options)
    -- What is wrong with an option is told with the place where it stands.
    if not ok then error((made:gsub("option '", ("option 'servers[%d]."):format(i), 1)), 0) end
    options.servers[i] = made
  end
  options.balance = options.balance or "failover"
end

local function complete(options)
  if options.pool == nil then options.pool = {} end
  options.concurrency = options.concurrency or 20
  if options.servers then
    complete_servers(options)
  elseif options.balance then
    error("option 'balance' wants 'servers'", 0)
  else
    complete_server(options)
  end
  return options
end

---The options of a transport, checked and completed: a copy, never the caller's table. With
---`servers` each of these has its own options in it, and those that all have in common.
---Raises, naming the option, at misuse.
---@param first string|table a URL, or a table with url, host or servers
---@param second table? further options beside a URL
---@return table
function M.transport(first, second)
  local options = read(first, second, schemes)
  if server_schemes[options.scheme] then complete(options) end
  return options
end

---Host and port as a URL has them: IPv6 in brackets. Or the path of a socket.
---@param options table of M.transport
---@return string
function M.place(options)
  if options.path then return options.path end
  local form = options.host:find(":", 1, true) and "[%s]:%d" or "%s:%d"
  return form:format(options.host, options.port)
end

local none = {}

-- What a send may be told that concerns the call alone, not the mail.
local call_names = { timeout = true, cancel = true, progress = true }

---Whether these options leave the mail as it is.
---@param given table of M.send
---@return boolean
function M.is_bare(given)
  if given == none then return true end
  for name in pairs(given) do
    if not call_names[name] then return false end
  end
  return true
end

---The options of one send, checked: a copy, not to be changed.
---@param given table?
---@return table
function M.send(given)
  if given == nil then return none end
  if type(given) ~= "table" then wrong("options", "a table", given) end
  return checked({}, send, given)
end

return M
