---@meta
-- receiver.lua - posthorn.core.receiver, the server's side of SMTP, for editors and for the
-- manual. Users reach it by posthorn.sink, see sink.lua.
-- SPDX-License-Identifier: MIT

---@class posthorn.core
local core = {}

---@class posthorn.receiver.options
---@field hostname? string in greeting and EHLO ("localhost")
---@field size? integer octets of a message (50 MiB)
---@field recipients? integer of a mail (1000)
---@field timeout? number seconds for a command, or for 64 KiB of content (300)
---@field extensions? table<string, boolean> PIPELINING, 8BITMIME, SIZE, ENHANCEDSTATUSCODES (all
---true), SMTPUTF8, HELP, DSN, DELIVERBY, FUTURERELEASE, MT-PRIORITY, REQUIRETLS (over TLS alone),
---LIMITS, CHUNKING, BINARYMIME (false)
---@field ask? { mail?: boolean, recipient?: boolean } which of these events are wanted
---@field tls? "none"|"starttls"|"implicit"
---@field content? "whole"|"stream"|"discard" what becomes of a mail's content ("whole")
---@field auth? boolean PLAIN and LOGIN are offered, over TLS alone
---@field allow_plaintext_auth? boolean also without TLS
---@field require_auth? boolean MAIL only after AUTH
---@field lmtp? boolean LHLO, and a verdict for each recipient (RFC 2033)

---@param options? posthorn.receiver.options
---@return posthorn.receiver|nil
---@return string? message
---@return table? failure
function core.receiver(options) end

---One connection of a client, seen from the server. Also feed, feed_eof, output, consume, pending,
---deadline, expire, as every machine.
---@class posthorn.receiver
local receiver = {}

---@class posthorn.receiver.mail
---@field from string reverse-path, "" is the null one
---@field to string[] accepted forward-paths in order
---@field parameters table<string, string|true> of MAIL, names in upper case
---@field recipient_parameters table<integer, table<string, string|true>> of RCPT, by place in `to`;
---nil where none came
---@field size number octets of the content
---@field content? string with content "whole", unless it is empty

---What happened; nil: nothing. Where a verdict is due, the next call without one accepts.
--- * `want_tls`: shake hands, then secured(); given once the reply to STARTTLS has left
--- * `auth` { user, password, authorization }: verdict
--- * `mail` reverse-path, parameters: verdict; only when asked for
--- * `recipient` forward-path, parameters: verdict; only when asked for
--- * `content` octets: with content "stream", some 64 KiB at a time
--- * `message` mail: verdict for the dot; in LMTP one for each recipient, in their order
--- * `dropped`: the mail whose content was given was refused
--- * `closed` "quit"|"eof"|"timeout"|"errors"|"limit"|"refused"|"protocol": all was said
---@return string|nil event
---@return any value
---@return table? parameters
function receiver:next() end

---The verdict for the last event: without arguments the usual acceptance. Line feeds in the text
---make lines; 421 ends the session.
---@param code? integer 200 to 599
---@param enhanced? string "5.1.1", of the code's class
---@param text? string
function receiver:reply(code, enhanced, text) end

---The handshake is done: state from before is forgotten.
function receiver:secured() end

---@return { helo: string?, user: string?, esmtp: boolean, secured: boolean }
function receiver:facts() end

---The machine for a driver or an engine; the same each time.
---@return userdata
function receiver:machine() end

---Forgets the connection; idempotent.
function receiver:close() end

return core
