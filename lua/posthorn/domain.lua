-- domain.lua - domains outside ASCII travel as A-labels (api.md, section 1), which
-- posthorn.idn knows.
-- SPDX-License-Identifier: MIT
local M = {}

---The A-labels of a domain that has U-labels. `invalid` when IDNA allows no such
---domain, `unsupported` where libidn2 is missing.
---@param domain string
---@param field string the input that it came with
---@return string|nil ascii
---@return string? message
---@return posthorn.failure? failure
function M.to_ascii(domain, field)
  return require("posthorn.idn").to_ascii(domain, field)
end

---The name of a host as it is looked up and as certificates bear it: in A-labels, if it has
---U-labels; any other as it is. Failures as above.
---@param host string
---@param field string
---@return string|nil name
---@return string? message
---@return posthorn.failure? failure
function M.host(host, field)
  if not host:find("[\128-\255]") then return host end
  return M.to_ascii((host:gsub("%.$", "")), field)
end

---The same as to_ascii for many.
---@param domains table<string, string> the field of each
---@return table<string, string>|nil ascii
---@return string? message
---@return posthorn.failure? failure
function M.map(domains)
  local mapped = {}
  for domain, field in pairs(domains) do
    local ascii, message, failure = M.to_ascii(domain, field)
    if not ascii then return nil, message, failure end
    mapped[domain] = ascii
  end
  return mapped
end

return M
