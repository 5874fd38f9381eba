---@meta
-- codec.lua - the codecs of posthorn.core, for editors and for the manual.
-- Bad data gives nil, message, failure of kind "invalid"; what is no string
-- raises. A text of a streaming codec may be an array of strings.
-- SPDX-License-Identifier: MIT

---@alias posthorn.text string|string[]

---@class posthorn.core.base64
local base64 = {}

---In one line, or in lines of so many columns with CRLF between them.
---@param text posthorn.text
---@param columns? integer a multiple of 4
---@return string
function base64.encode(text, columns) end

---One line, strictly.
---@param text string
---@return string|nil octets
---@return string|nil message
---@return posthorn.failure|nil failure
function base64.parse(text) end

---A body, tolerant: what is outside the alphabet is skipped.
---@param text posthorn.text
---@return string
function base64.decode(text) end

---Octets of n octets in lines of 76 columns.
---@param n integer
---@return number
function base64.size(n) end

---@class posthorn.core.quoted_printable
local quoted_printable = {}

---@param text posthorn.text
---@param mode? "text"|"binary"|"guard" guard: no line begins with "." or "From "
---@return string
function quoted_printable.encode(text, mode) end

---@param text posthorn.text
---@return string
function quoted_printable.decode(text) end

---@class posthorn.core.dot_stuffing
local dot_stuffing = {}

---Stuffed, with its end marker.
---@param text posthorn.text
---@return string
function dot_stuffing.encode(text) end

---The text so far, and how many octets it took with its end marker.
---@param wire posthorn.text
---@return string text
---@return integer|nil used nil: no end marker was seen
function dot_stuffing.decode(wire) end

---@class posthorn.core.line
local line = {}

---Whether no CR, LF or NUL stands alone and no line is over 998 octets.
---@param text posthorn.text
---@return true|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function line.check(text) end

---@param text posthorn.text
---@param kind? "any"|"lf" what ends a line
---@return string text with CRLF
function line.ends(text, kind) end

---@class posthorn.core.encoded_word
local encoded_word = {}

---@param text string literal UTF-8, without controls
---@param context? "text"|"phrase"|"word"
---@param column? integer how long the line is already
---@return string|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function encoded_word.encode(text, context, column) end

---@param text string without folds
---@return string
function encoded_word.decode(text) end

---@class posthorn.core.parameter
local parameter = {}

---"; name=value"; fallback: the form for old readers, "" when none is needed.
---@param name string
---@param value string
---@param form? "plain"|"fallback"
---@return string|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function parameter.encode(name, value, form) end

---@param text string what stands behind the value of a field
---@return string[][] list of { name, value }, names in lower case
function parameter.parse(text) end

---@class posthorn.core.fold
local fold = {}

---A header field in lines, with its CRLF.
---@param name string
---@param value string
---@return string|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function fold.encode(name, value) end

---@param value string
---@return string value without line ends
function fold.decode(value) end

---@class posthorn.core.date
local date = {}

---@param epoch number seconds since 1970 in UTC, of the years 1900 to 9999
---@param is_internet? boolean as RFC 3339 has it, not as a header field
---@return string|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function date.format(epoch, is_internet) end

---@param text string
---@param is_internet? boolean as above
---@return number|nil epoch
---@return string|nil message
---@return posthorn.failure|nil failure
function date.parse(text, is_internet) end

---@class posthorn.core.domain
local domain = {}

---The normal form of a domain: lower case, no dot at the end.
---@param text string
---@return string|nil normal
---@return "name"|"unicode"|"literal"|string kind or message
---@return posthorn.failure|nil failure
function domain.format(text) end

---@class posthorn.address_list
local address_list = {}

---@param text string value of a field
---@param mode? "read"|"build" build: literal names, no obsolete form
---@return true|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function address_list:parse(text, mode) end

---@param name string display name, "" for none
---@param bare string "local@domain"
---@return true|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function address_list:add(name, bare) end

---@param name string of the group that follows, "" for none
---@return true|nil
---@return string|nil message
---@return posthorn.failure|nil failure
function address_list:set_group(name) end

---@return integer
function address_list:count() end

---@param i integer
---@return string|nil name
---@return string|nil address nil: a group without members
---@return string|nil group
---@return boolean is_unicode needs SMTPUTF8
function address_list:get(i) end

---@param column? integer
---@return string|nil value of a field
---@return string|nil message
---@return posthorn.failure|nil failure
function address_list:format(column) end

---@class posthorn.core.xtext
local xtext = {}

---Any octets as xtext (RFC 3461, 4).
---@param octets string
---@return string
function xtext.encode(octets) end

---@param text string
---@return string|nil octets
---@return string|nil message
---@return posthorn.failure|nil failure
function xtext.decode(text) end

---An address in UTF-8 as an ORCPT parameter of type utf-8 has it (RFC 6533, 3).
---@param address string
---@param is_unitext? boolean for a server with SMTPUTF8: what is outside ASCII stays
---@return string|nil text
---@return string|nil message
---@return posthorn.failure|nil failure
function xtext.encode_address(address, is_unitext) end

---The address of either form.
---@param text string
---@return string|nil address
---@return string|nil message
---@return posthorn.failure|nil failure
function xtext.decode_address(text) end

---@class posthorn.core
local core = {}

core.base64, core.quoted_printable, core.dot_stuffing = base64, quoted_printable, dot_stuffing
core.line, core.encoded_word, core.parameter = line, encoded_word, parameter
core.fold, core.date, core.domain, core.xtext = fold, date, domain, xtext

---@return posthorn.address_list
function core.address_list() end

---One mailbox as an envelope takes it.
---@param text string
---@param ascii? string the A-labels of its domain
---@return string|nil mailbox as it travels
---@return boolean|string needs_smtputf8 or message
---@return string|posthorn.failure|nil domain that wants A-labels, or failure
function core.bare_address(text, ascii) end

return core
