-- policy.lua - the options of TLS: their names, and what each must be.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"

local M = {}

---Every option of TLS but the mode. Whatever is added here makes two connections different, and
---two policies (security.md, row 23).
M.names = {
  "verify", "ca_file", "ca_path", "server_name", "pin", "client_certificate", "client_key",
  "client_key_password", "min_tls", "tls_engine", "tls_resumption",
}

local function wrong(name, expected, value)
  error(("option '%s' must be %s, not a %s"):format(name, expected, type(value)), 0)
end

-- ---- pins ----

local digest_octets = 32

local function octets_of_hex(text)
  if not text:find("^%x+$") then return nil end
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- A digest in hexadecimal or base64, also as others write it: "sha256//…".
local function digest(name, value)
  if type(value) ~= "string" then wrong(name, "a string", value) end
  local text = value:gsub("^sha256/+", "")
  local octets
  if #text == 2 * digest_octets then
    octets = octets_of_hex(text)
  else
    octets = core.base64.parse(text)
  end
  if not octets or #octets ~= digest_octets then
    error(("option '%s' must be the SHA-256 of a public key, in base64 or hexadecimal"):format(
      name), 0)
  end
  return octets
end

-- One or several, as their octets: in an order that makes equal sets equal.
local function pins(name, value)
  if type(value) == "string" then return digest(name, value) end
  if type(value) ~= "table" then wrong(name, "a string or an array of strings", value) end
  local list = {}
  for i = 1, #value do list[i] = digest(("%s[%d]"):format(name, i), value[i]) end
  if #list == 0 then error(("option '%s' must hold a pin"):format(name), 0) end
  table.sort(list)
  return table.concat(list)
end

-- ---- the others ----

local function of_type(expected)
  return function(name, value)
    if type(value) ~= expected then wrong(name, "a " .. expected, value) end
    return value
  end
end

-- A number is how a URL gives one.
local function version(name, value)
  local text = tostring(value)
  if text ~= "1.2" and text ~= "1.3" then
    error(("option '%s' must be one of 1.2, 1.3"):format(name), 0)
  end
  return text
end

local function engine(name, value)
  if value ~= "own" and value ~= "host" then
    error(("option '%s' must be one of own, host"):format(name), 0)
  end
  return value
end

local function pem(name, value)
  if type(value) ~= "string" and not require("posthorn.file").of(value) then
    wrong(name, "PEM or a posthorn.file", value)
  end
  return value
end

local function text_or_function(name, value)
  if type(value) ~= "string" and type(value) ~= "function" then
    wrong(name, "a string or a function", value)
  end
  return value
end

---A function of name and value for each option: gives what counts, raises what is wrong.
M.checks = {
  verify = of_type "boolean", ca_file = of_type "string", ca_path = of_type "string",
  server_name = of_type "string", pin = pins, client_certificate = pem, client_key = pem,
  client_key_password = text_or_function, min_tls = version, tls_engine = engine,
  tls_resumption = of_type "boolean",
}

---Raises for what is wrong between options that were checked one by one.
---@param options table
function M.check_together(options)
  if options.client_certificate then return end
  for _, name in ipairs { "client_key", "client_key_password" } do
    if options[name] then
      error(("option '%s' wants 'client_certificate'"):format(name), 0)
    end
  end
end

return M
