---@meta
-- idn.lua - posthorn.idn: internationalized domain names by libidn2.
-- SPDX-License-Identifier: MIT

---@class posthorn.idn
local idn = {}

---The A-labels of a domain (RFC 5890; UTS 46, non-transitional), in lower case.
---@param domain string UTF-8
---@param field? string the input that it came with ("domain")
---@return string|nil ascii
---@return string? message
---@return table? failure `invalid`, or `unsupported`: libidn2 is not there
function idn.to_ascii(domain, field) end

return idn
