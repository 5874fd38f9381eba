---@meta
-- dns.lua - the C module posthorn.dns, for editors and for the manual. Names
-- are looked up by resolve.lua, which turns the resolver of this module.
-- SPDX-License-Identifier: MIT

---@class posthorn.dns
local dns = {}

---@class posthorn.dns.server
---@field ip string of IPv4 or IPv6
---@field port? number 53 by default

---@class posthorn.dns.resolver_options
---@field servers posthorn.dns.server[] in order of trial; 8 at most are asked
---@field timeout? number seconds that a server gets in the first round (2); doubled in each
---@field tries? number rounds over all servers (3)

---One question at a time, to name servers, as a machine: it opens no socket and reads no file.
---@class posthorn.resolver
local resolver = {}

---A type of record that can be read; more to come.
---@alias posthorn.dns.type "A"|"AAAA"

---@class posthorn.dns.record
---@field type posthorn.dns.type
---@field ttl number seconds
---@field address string

---@class posthorn.dns.answer
---@field rcode string "NOERROR", "NXDOMAIN", "SERVFAIL", ... or "RCODE 16"
---@field records posthorn.dns.record[] of the type asked for, of the name where aliases end
---@field name string where the aliases end; escaped, see RFC 1035, 5.1
---@field aliases integer how many there were
---@field ad boolean the server says that it has validated all of it
---@field tc boolean it was truncated
---@field ttl? number seconds: the smallest of aliases and records
---@field negative_ttl? number seconds that a "no" is true (RFC 2308, 5)
---@field ede? integer extended error (RFC 8914)
---@field ip? string the server that answered (not from dns.answer)
---@field port? integer

---@param options posthorn.dns.resolver_options
---@return posthorn.resolver|nil
---@return string? message
---@return table? failure
function dns.resolver(options) end

---Reads a message; failures: `dns` (malformed, or no answer to that question), `invalid` (name).
---@param octets string
---@param name string
---@param type posthorn.dns.type
---@return posthorn.dns.answer|nil
---@return string? message
---@return table? failure
function dns.answer(octets, name, type) end

---A question as it goes over the wire, and the random id in it.
---@param name string
---@param type posthorn.dns.type
---@return string|nil octets
---@return integer|string id_or_message
---@return table? failure
function dns.question(name, type) end

---The name in small letters, without a last dot; `invalid` (field `host`) when it is none: labels
---of letters, digits, hyphens and underscores, the last one not a number.
---@param text string
---@return string|nil
---@return string? message
---@return table? failure
function dns.name(text) end

---The version of c-ares at work.
---@return string
function dns.version() end

---Gives up what was asked before. A malformed name is `invalid`, field `host`.
---@param name string
---@param type posthorn.dns.type
---@return true|nil
---@return string? message
---@return table? failure
function resolver:ask(name, type) end

---What happened or is wanted; nil: wait. Sockets have ids, which are never used twice:
---
---    "open", id, "udp"|"tcp", ip, port     a socket to that server
---    "send", id, octets                    UDP: one datagram, best from a fresh socket each
---    "close", id                           it is not needed any longer
---    "answer", posthorn.dns.answer
---    "failed", failure                     kind timeout, dns, limit or io; phase lookup
---@return string? event
---@return any ...
function resolver:next() end

---Octets of a stream, or one datagram; its sender must be the server alone. What is no answer to
---the question is passed over.
---@param id integer
---@param octets string
function resolver:feed(id, octets) end

---The socket broke, could not be opened, or its peer has closed it.
---@param id integer
function resolver:closed(id) end

---Seconds until expire is due, and the number of this wait; nil: nothing is waited for.
---@return number? seconds
---@return integer? number
function resolver:deadline() end

function resolver:expire() end

---Ends it, without an event. It may be called twice.
function resolver:close() end

return dns
