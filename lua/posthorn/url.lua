-- url.lua - the URLs that name a server: "smtps://user:p%40ss@host:465?timeout=30".
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"

local M = {}

-- A URL may hold a password, so no error quotes it.
local function malformed(what)
  error("option 'url' is malformed: " .. what, 0)
end

local function decode(text, what)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then
    malformed("a broken percent-encoding in the " .. what)
  end
  local decoded = text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  if decoded:find("%c") then malformed("a control character in the " .. what) end
  return decoded
end

local function parse_host(text)
  local host, rest = text:match("^%[([^%]]*)%](.*)$")
  if host and core.ip(host) ~= "inet6" then malformed("no IPv6 address in the brackets") end
  if not host then
    host, rest = text:match("^([^:]*)(.*)$")
  end
  if host == "" then malformed("the host is missing") end
  if rest == "" then return decode(host, "host"), nil end
  local port = rest:match("^:(%d+)$")
  port = port and #port <= 5 and tonumber(port)
  if not port or port < 1 or port > 65535 then malformed "the port is no number up to 65535" end
  return decode(host, "host"), port
end

local function parse_login(text)
  local user, password = text:match("^([^:]*):(.*)$")
  return decode(user or text, "user"), password and decode(password, "password")
end

local function parse_query(text)
  local options = {}
  for pair in (text .. "&"):gmatch("([^&]*)&") do
    local name, value = pair:match("^([%w_]+)=(.*)$")
    if not name then malformed("an option that is no name=value") end
    if options[name] ~= nil then malformed("the option '" .. name .. "' is given twice") end
    options[name] = decode(value, "option '" .. name .. "'")
  end
  return options
end

local function parse_authority(parts, text)
  local login, host = text:match("^(.*)@([^@]*)$")
  if login then parts.user, parts.password = parse_login(login) end
  host = host or text
  if host ~= "" then parts.host, parts.port = parse_host(host) end
end

---Takes a URL apart. Raises, without quoting it, when it is malformed.
---@param text string
---@return table parts { scheme, user, password, host, port, path, query = { name = text } }
function M.parse(text)
  local scheme, rest = text:match("^(%a[%w+.-]*):(.*)$")
  if not scheme then malformed("there is no scheme such as smtp:") end
  local parts = { scheme = scheme:lower(), query = {} }
  local before, query = rest:match("^([^?]*)%?(.*)$")
  if before then
    rest = before
    parts.query = parse_query(query)
  end
  local authority, path = rest:match("^//([^/]*)(.*)$")
  if authority then parse_authority(parts, authority) end
  path = path or rest
  if path ~= "" then parts.path = decode(path, "path") end
  return parts
end

return M
