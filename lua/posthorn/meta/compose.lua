---@meta
-- compose.lua - what users give posthorn.message and posthorn.raw. For editors and for the
-- manual; no code. The names are checked by spec/manual_spec.lua.
-- SPDX-License-Identifier: MIT

---One mailbox: the form for data from outside, never a list (RFC 5322, 3.4).
---@class posthorn.mailbox
---@field address string "local@domain"; domains outside ASCII travel as A-labels (RFC 5891)
---@field name? string display name, literal UTF-8 without controls

---What an address field takes: a string may hold a list and groups.
---@alias posthorn.addresses string|posthorn.mailbox|(string|posthorn.mailbox)[]

---A function that gives chunks, then nil; nil and a problem end the send (`io`). It may yield.
---@alias posthorn.pull fun(): string|nil, string|posthorn.failure|nil, posthorn.failure?

---@alias posthorn.content string|file*|posthorn.pull|posthorn.file

---Transfer encodings (RFC 2045, 6): auto chooses by content, binary travels as base64.
---@alias posthorn.encoding "auto"|"7bit"|"8bit"|"quoted-printable"|"base64"|"binary"

---@class posthorn.body
---@field content posthorn.content UTF-8; line ends become CRLF
---@field encoding? posthorn.encoding auto
---@field size? integer octets that the content must have; told to the server (RFC 1870)
---@field flowed? boolean text alone: format=flowed (RFC 3676); false

---@class posthorn.attachment
---@field content posthorn.content|posthorn.letter a letter becomes message/rfc822 or message/global
---@field filename? string UTF-8 (RFC 2231); of a file the last part of its path
---@field type? string media type and parameters (RFC 2045, 5); by the suffix of the filename
---@field cid? string Content-ID, with brackets or without: multipart/related (RFC 2387)
---@field disposition? "attachment"|"inline" RFC 2183; inline with a cid, else attachment
---@field encoding? posthorn.encoding auto: base64 for what is no text
---@field size? integer octets that the content must have

---Another form of the text, placed between text and html (RFC 2046, 5.1.4).
---@class posthorn.alternative
---@field content posthorn.content
---@field type string such as text/x-amp-html
---@field encoding? posthorn.encoding
---@field size? integer octets

---An invitation (iMIP, RFC 6047); also added as a file invite.ics.
---@class posthorn.calendar
---@field content posthorn.content a VCALENDAR with a METHOD (RFC 5545); read at once, 1 MiB at most
---@field method? string must be that of the content

---Fields of a message; any other raises, bad data is returned as `invalid`.
---@class posthorn.message.fields
---@field from posthorn.addresses authors, no group (RFC 5322, 3.6.2)
---@field sender? posthorn.addresses one mailbox; the first author, where there are several
---@field reply_to? posthorn.addresses
---@field to? posthorn.addresses RFC 5322, 3.6.3
---@field cc? posthorn.addresses
---@field bcc? posthorn.addresses in the envelope alone, never written
---@field subject? string UTF-8, one line
---@field date? number epoch in seconds; now, or 0 with a seed
---@field message_id? string with brackets or without; else drawn, at the author's domain
---@field in_reply_to? string|string[] ids (RFC 5322, 3.6.4)
---@field references? string|string[] ids
---@field text? posthorn.content|posthorn.body
---@field html? posthorn.content|posthorn.body both: multipart/alternative
---@field alternatives? posthorn.alternative[]
---@field attachments? (posthorn.attachment|posthorn.file|posthorn.letter)[]
---@field calendar? posthorn.calendar
---@field headers? { [1]: string, [2]: string }[]|table<string, string> no field with an option here
---@field priority? "high"|"normal"|"low" Importance, X-Priority, Priority
---@field encoding? posthorn.encoding of text, html and alternatives
---@field seed? string tests: fixes boundaries and Message-ID

---Who sends and who gets it; bare mailboxes.
---@class posthorn.envelope
---@field from string "": the null reverse-path (RFC 5321, 4.5.5)
---@field to (string|{ address: string })[] each is sent to once
