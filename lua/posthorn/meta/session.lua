---@meta posthorn.core
-- session.lua - LuaLS stub of posthorn.core.session: csrc/bind/lph_session.c.
-- SPDX-License-Identifier: MIT

---Options of core.session; any other raises.
---@class posthorn.core.SessionOptions
---@field hello_name? string a domain or an address literal; default [127.0.0.1]
---@field user? string with password: the session logs in
---@field password? string
---@field auth? string[] mechanisms that may be used: "plain", "login"; default both
---@field allow_plaintext_auth? boolean log in although the peer was not verified
---@field tls? "none"|"opportunistic"|"starttls"|"implicit" default none
---@field extensions? table<string, "prefer"|"require"|"off"> by keyword, as
---{ mt_priority = "off" }; chunking and binarymime are off unless named
---@field self_names? string[] who greets with one of them is ourselves: connect, permanent, 5.4.6
---@field lmtp? boolean LHLO, and a verdict for each recipient (RFC 2033)
---@field bulk? boolean up to sixteen mails to one recipient each share a write, where the server
---has PIPELINING and CHUNKING; chunking is preferred then
---@field recipient_events? boolean false: no `recipient`, as the verdict has all records
---@field timeouts? table<string, number> seconds by phase
---@field trace? boolean keep what was said and heard for trace()

---What is known of the peer after the handshake.
---@class posthorn.core.Facts
---@field version string
---@field cipher string
---@field verified "pkix"|"dane"|"pin"|"none"

---Options of send; any other raises.
---@class posthorn.core.SendOptions
---@field size? integer octets of the content before dot-stuffing
---@field body? "7bit"|"8bitmime"|"binarymime"
---@field smtputf8? boolean
---@field require_all? boolean all recipients, or nothing is sent
---@field rset? boolean RSET goes before MAIL, in the same write where it can
---@field dsn? { notify: string|string[]|nil, ret: string?, envid: string? } RFC 3461
---@field deliver_by? { seconds: integer, mode: "return"|"notify"|nil } RFC 2852
---@field mt_priority? integer RFC 6710
---@field hold_until? number seconds since 1970 (RFC 4865)
---@field hold_for? number the same from now on: a server's bound is checked by it
---@field require_tls? boolean RFC 8689

---@class posthorn.core.Session
local Session = {}

---A session at its start. nil, message, failure: hello_name, user or password
---cannot be sent (kind invalid).
---@param options posthorn.core.SessionOptions?
---@return posthorn.core.Session?, string?, table?
local function session(options) end

---The next event and its value; nothing: write, read or wait. `recipient` record, `delivered`
---result, `refused` failure, `reply` { code, enhanced, text }, `want_tls`, `ready`, `want_body` n
---(0 with a body machine: its owner has to act, then calls attended), `rewind` (answer by
---body(machine) with one that begins anew), `closed` failure or nil, `failed` failure.
---
---Where the server has PIPELINING, `ready` comes when the end of a mail is in the output, before
---its verdict: the envelope of the next one then leaves in the same write. If nothing follows,
---`ready` comes again when the mail has its verdict. Each mail has one verdict (`delivered`,
---`refused`, `failed`), the oldest first. One that ended with its connection before its own MAIL
---was answered is of phase `mail` or `rset`, class `temporary`, and its code nil or 421: it may be
---tried again at once over another connection.
---@param is_brief? boolean a mail that its one recipient got comes as `accepted`, code,
---enhanced, text, queue id, address, without tables
---@return string? event
---@return any value
---@return any ...
function Session:next(is_brief) end

---The owner of the body machine has acted; until then the session listens to the server and
---gives no other `want_body`.
function Session:attended() end

---@param bytes string
---@return boolean ok false: the session has failed
function Session:feed(bytes) end

---@return boolean ok
function Session:feed_eof() end

---@return string
function Session:output() end

---@param n integer
function Session:consume(n) end

---@return boolean
function Session:pending() end

---@return number? seconds nil: for ever
---@return integer? number of the wait
function Session:deadline() end

---The deadline has passed.
function Session:expire() end

---@return userdata machine the same each time
function Session:machine() end

---The handshake is done.
---@param facts posthorn.core.Facts
function Session:secured(facts) end

---Begins a mail. nil, message, failure: it cannot be sent here, nothing was said. What is wanted,
---not offered and can be done without, is in left_out of the outcome: an array of keywords.
---@param envelope { from: string, to: (string|posthorn.envelope.recipient)[] }
---@param options? posthorn.core.SendOptions
---@param body? userdata a machine whose output is the content
---@return true?, string?, table?
function Session:send(envelope, options, body) end

---The same of what posthorn.core.raw gave.
---@param raw posthorn.core.raw
---@param rset? boolean RSET goes before MAIL
---@return true?, string?, table?
function Session:send_raw(raw, rset) end

---A chunk of the body: how many octets were taken; without argument: its end; a
---machine: the answer to `rewind`.
---@param chunk? string|userdata
---@return integer taken
function Session:body(chunk) end

---Each comes back as `reply`, then `ready`.
function Session:noop() end
function Session:reset() end

---@param line string
---@return true?, string?, table?
function Session:command(line) end

---Says QUIT as soon as all mails have their verdicts, with PIPELINING behind the end of the last
---one; `closed` follows.
function Session:quit() end

---Ends the session at once without a word: `failed` with that kind.
---@param kind string
---@param message string
---@param class? "temporary"|"permanent"|"unknown" unknown by itself after the dot
function Session:abort(kind, message, class) end

---@return string phase of api.md, or ready, closed, failed
function Session:phase() end

---@return boolean whether send may be called, and another mail may go over this connection
function Session:is_ready() end

---@return boolean whether another mail may go over this connection
function Session:is_reusable() end

---@return table<string, string> keyword (capitals) to parameters
function Session:capabilities() end

---@param keyword string in any case, also as an option has it (mt_priority)
---@return boolean whether it is offered and not off: what is used
function Session:has(keyword) end

---@return { phase: string, direction: "sent"|"received", text: string }?
function Session:trace() end

---Frees all without a word. May be called twice.
function Session:close() end

return session
