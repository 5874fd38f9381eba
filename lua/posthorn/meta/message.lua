---@meta
-- message.lua - messages and writers of posthorn.core, of which posthorn.message
-- and posthorn.raw are made.
-- SPDX-License-Identifier: MIT

---@class posthorn.core
local core = {}

---@class posthorn.core.message
local message = {}

---An empty message.
---@return posthorn.core.message
function core.message() end

---Writes the header fields that the table has options for, in their usual order. False and the
---domains that want A-labels, with the field of each: nothing is written; once again with those.
---@param fields table
---@param date number the default
---@param ascii table<string, string>? the A-labels of each domain
---@return boolean|nil
---@return string|table<string, string>|nil told the Message-ID, the domains, what is wrong
---@return posthorn.failure? failure
function message:put_fields(fields, date, ascii) end

---A field of the user's; where is the input's name ("headers[2]").
---@param name any
---@param value any
---@param where string
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:put_field(name, value, where) end

---Content is octets, which are kept and not copied, or the number of a source and its size.
---@param where string
---@param content string|integer
---@param size integer?
---@param encoding any
---@param is_flowed boolean? format=flowed (RFC 3676)
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:set_text(where, content, size, encoding, is_flowed) end

---@param where string
---@param content string|integer
---@param size integer?
---@param encoding any
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:set_html(where, content, size, encoding) end

---Another form of the text, behind it and before the html (RFC 2046, 5.1.4).
---@param where string
---@param type any
---@param content string|integer
---@param size integer?
---@param encoding any
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:add_alternative(where, type, content, size, encoding) end

---An iMIP calendar (RFC 6047), the same as a file too.
---@param content string
---@param method string? must be that of the content
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:set_calendar(content, method) end

---What was learned of a finished message that is a source.
---@param check posthorn.core.raw_check finished
function message:know_raw(check) end

---@param where string
---@param options { type: any, filename: any, cid: any, disposition: any, encoding: any }
---@param content string|integer
---@param size integer?
---@param filename string? when options have none
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:attach(where, options, content, size, filename) end

---The attachments at the start of the list that are tables of strings, as most are.
---@param list any
---@return integer|nil taken how many
---@return boolean|string is_all or what is wrong: others, and a list that is none, are yours
---@return posthorn.failure? failure
function message:attach_tables(list) end

---@param where string
---@param options table
---@param other posthorn.core.message not changed any more
---@param sources integer how many sources this message has so far
---@param filename string?
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:attach_message(where, options, other, sources, filename) end

---The message is these finished octets.
---@param content string|integer
---@param size integer?
---@param has_lf boolean line ends are LF
---@param is_ended boolean a source that is known to end in a line end
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:set_raw(content, size, has_lf, is_ended) end

---Lays out the parts; otherwise done when it is needed.
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function message:plan() end

---All octets of a message without sources, as a server with 8BITMIME gets them.
---@return string|nil
---@return string? message
---@return posthorn.failure? failure
function message:bytes() end

---@param eight_bit boolean
---@return integer|nil octets; nil: unknown
function message:size(eight_bit) end

---After plan.
---@return boolean smtputf8 a header field needs it
---@return boolean eight_bit finished octets need 8BITMIME
---@return boolean is_eight_bit octets above 7F travel when they may
function message:needs() end

---@param name string
---@return string|nil text decoded
function message:get(name) end

---Each recipient once, as it travels and as it was given.
---@return { from: string, to: string[], given: string[], smtputf8: boolean }
---@return string from as it was given
function message:envelope() end

---@param eight_bit boolean
---@param smtputf8 boolean
---@return posthorn.core.writer|nil
---@return string? message
---@return posthorn.failure? failure
function message:writer(eight_bit, smtputf8) end

---@class posthorn.core.writer
local writer = {}

---@return "want_source"|"done"|"failed"|nil event nil: there is output to take
---@return integer|table|nil value the source's number, or the failure
---@return integer? octets that suit at once
function writer:next() end

---The next octets of the source that is wanted.
---@param chunk string|posthorn.core.chunk borrowed until the next one
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function writer:feed(chunk) end

---The source that is wanted has ended.
---@return true|nil
---@return string? message
---@return posthorn.failure? failure
function writer:feed_eof() end

---@param most integer?
---@return string octets to be consumed
function writer:output(most) end

---@param n integer
function writer:consume(n) end

---All octets up to the next event, consumed.
---@return string
function writer:drain() end

---The same, to an open file.
---@param handle file*
---@return true|nil
---@return string? problem the system's words
function writer:write(handle) end

---@return userdata machine for sessions and drivers
function writer:machine() end

function writer:close() end

return core
