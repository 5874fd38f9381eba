---@meta posthorn.core
-- core.lua - LuaLS stub of what csrc/bind/lph_core.c, lph_raw_check.c and
-- lph_chunk.c have.
-- SPDX-License-Identifier: MIT

---@class posthorn.core
local core = {}

---Makes a table of fields a failure: tostring gives its message.
---@param fields table
---@return posthorn.failure fields the same table
function core.failure(fields) end

---The text as one harmless line of at most 512 octets.
---@param text string
---@return string
function core.printable(text) end

---What an IP address literal is: its family and its usual text; nil: it is none.
---@param text string
---@return "inet"|"inet6"|nil family
---@return string? ip
function core.ip(text) end

---32 hexadecimal digits of the system's random source.
---@return string|nil
---@return string? message
---@return posthorn.failure? failure
function core.random_name() end

---Octets of an open file, read without a Lua string.
---@class posthorn.core.chunk
local chunk = {}

---@return posthorn.core.chunk
function core.chunk() end

---Reads the next octets, 131072 at most, in place of those before.
---@param handle file*
---@return integer|nil octets nil alone: the file has ended
---@return string? problem the system's words
function chunk:read(handle) end

---@return string
function chunk:octets() end

---Whether the options dsn, deliver_by, mt_priority, hold_until and require_tls can be sent.
---@param options table of these alone
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function core.check_parameters(options) end

---Whether a recipient has notify or orcpt; nil and the name of the one that cannot be sent.
---@param recipient table
---@return boolean|nil
---@return "notify"|"orcpt"|nil
function core.check_recipient(recipient) end

---Finished octets and their envelope, checked once and kept as they are.
---@class posthorn.core.raw
local plain = {}

---@return string
function plain:octets() end

---@return posthorn.envelope as it was given
function plain:envelope() end

---@return integer octets
function plain:size() end

---What can be sent as it is: octets with CRLF line ends, mailboxes that travel as they were given.
---Nothing: it is not so, or bad.
---@param octets any
---@param envelope any
---@return posthorn.core.raw|nil
function core.raw(octets, envelope) end

---@class posthorn.core.raw_check
local check = {}

---A check of finished octets, fed in pieces: bare CR, bare LF, NUL, lines over 998 octets are
---`invalid` (RFC 5322, 2.1.1 and 2.3).
---@param has_lf boolean lines end in LF
---@return posthorn.core.raw_check
function core.raw_check(has_lf) end

---@param octets string|posthorn.core.chunk
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function check:feed(octets) end

---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function check:finish() end
