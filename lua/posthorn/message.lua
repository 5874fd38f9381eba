-- message.lua - posthorn.message: a message out of a table (api.md, section 1).
-- The octets and their grammar are the core's; here is what a body may be.
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local files = require "posthorn.file"
local letters = require "posthorn.letter"
local misuse = require "posthorn.misuse"

local M = {}

---@class posthorn.message: posthorn.letter
---@field id string the Message-ID, without brackets
local Message = {}
letters.class(Message)

local field_names = {
  from = true, to = true, cc = true, bcc = true, reply_to = true, sender = true, subject = true,
  date = true, message_id = true, in_reply_to = true, references = true, text = true, html = true,
  attachments = true, headers = true, priority = true, encoding = true, seed = true,
  alternatives = true, calendar = true,
}

local body_names = { content = true, encoding = true, size = true, flowed = true }

local alternative_names = { content = true, type = true, encoding = true, size = true }

-- What a file in their place may be given with: a body has no name to be shown, and no disposition.
local body_file_names = { encoding = true, size = true }

local alternative_file_names = { type = true, encoding = true, size = true }

local calendar_names = { content = true, method = true }

local attachment_names = {
  content = true, filename = true, type = true, cid = true, disposition = true, encoding = true,
  size = true,
}

local encodings = {
  auto = true, ["7bit"] = true, ["8bit"] = true, ["quoted-printable"] = true, base64 = true,
  binary = true,
}

-- Unknown names are misuse: a table of the caller's, whoever gave its values. A list, such as
-- decoded JSON may hold anywhere, is no such table: false, for it is data.
local function check_names(fields, names, what)
  for name in pairs(fields) do
    if not names[name] then
      if type(name) ~= "string" then return false end
      misuse.raise(("unknown field '%s' of %s"):format(name, what))
    end
  end
  return true
end

-- How many elements an array has; nil: it is none.
local function count_of(value)
  if type(value) ~= "table" or files.of(value) or letters.is(value) then return nil end
  local count = 0
  for key in pairs(value) do
    if type(key) ~= "number" then return nil end
    count = count + 1
  end
  return count == #value and count or nil
end

-- ---- bodies ----

-- What the file was given with, under what lies around it.
local function with_file(options, file)
  local merged = {}
  for name, value in pairs(file.options) do merged[name] = value end
  for name, value in pairs(options) do merged[name] = value end
  return merged
end

-- The same of a body's content, if it is a file: its options are of these names.
local function with_body(options, content, names, what)
  local file = files.of(content)
  if not file then return options end
  check_names(file.options, names, "a file as " .. what)
  return with_file(options, file)
end

-- text or html: what it is, or a table that tells more.
local function set_body(self, field, value, encoding)
  local set = field == "text" and self.core.set_text or self.core.set_html
  if type(value) == "string" then return set(self.core, field, value, nil, encoding) end
  local options, what = {}, "the body '" .. field .. "'"
  if type(value) == "table" and not files.of(value) and not letters.is(value) then
    if not check_names(value, body_names, what) then
      return failures.invalid(field, field .. " is no body")
    end
    options, value = value, value.content
    local flowed = options.flowed
    if flowed ~= nil and (type(flowed) ~= "boolean" or flowed and field ~= "text") then
      local name = field .. ".flowed"
      return failures.invalid(name, name .. " is a boolean, true for text alone")
    end
  end
  options = with_body(options, value, body_file_names, what)
  if options.encoding ~= nil then encoding = options.encoding end
  local content, size, failure = letters.take(self, value, field, options.size)
  if not content then return nil, size, failure end
  return set(self.core, field, content, size, encoding, options.flowed)
end

-- Other forms of the same, such as AMP: behind the text, before the html.
local function add_alternative(self, value, i, encoding)
  local field = ("alternatives[%d]"):format(i)
  if type(value) ~= "table" or files.of(value) or letters.is(value)
    or not check_names(value, alternative_names, "an alternative") then
    return failures.invalid(field, field .. " is no table of content and type")
  end
  local options = with_body(value, value.content, alternative_file_names, "an alternative")
  local content, size, failure =
    letters.take(self, value.content, field .. ".content", options.size)
  if not content then return nil, size, failure end
  if options.encoding ~= nil then encoding = options.encoding end
  return self.core:add_alternative(field, options.type, content, size, encoding)
end

local function add_alternatives(self, list, encoding)
  local count = count_of(list)
  if not count then
    return failures.invalid("alternatives", "alternatives is no array of alternatives")
  end
  for i = 1, count do
    local ok, message, failure = add_alternative(self, list[i], i, encoding)
    if not ok then return nil, message, failure end
  end
  return true
end

local most_calendar = 1048576 -- octets that are read of a source

-- The calendar is looked into, so it is read whole.
local function read_calendar(content)
  local field = "calendar.content"
  if type(content) == "string" then return content end
  local sources = require "posthorn.source"
  if not sources.kind(content) then
    return failures.invalid(field, field .. " is no string, handle, function or posthorn.file")
  end
  local file = files.of(content)
  if file then check_names(file.options, { size = true }, "a file as a calendar") end
  local source, message, failure = sources.new(content, field, file and file.options.size)
  if not source then return nil, message, failure end
  return source:whole(most_calendar)
end

local function set_calendar(self, calendar)
  if calendar == nil then return true end
  if type(calendar) ~= "table" or files.of(calendar) or letters.is(calendar)
    or not check_names(calendar, calendar_names, "a calendar") then
    return failures.invalid("calendar", "calendar is no table of content and method")
  end
  local method = calendar.method
  if method ~= nil and (type(method) ~= "string" or method == "") then
    return failures.invalid("calendar.method", "calendar.method is no string")
  end
  local content, message, failure = read_calendar(calendar.content)
  if not content then return nil, message, failure end
  return self.core:set_calendar(content, method)
end

local function set_bodies(self, fields)
  local encoding = fields.encoding
  if encoding ~= nil and not encodings[encoding] then
    return failures.invalid("encoding", "encoding is no transfer encoding")
  end
  local ok, message, failure = true, nil, nil
  if fields.text ~= nil then
    ok, message, failure = set_body(self, "text", fields.text, encoding)
  end
  if ok and fields.html ~= nil then
    ok, message, failure = set_body(self, "html", fields.html, encoding)
  end
  if ok and fields.alternatives ~= nil then
    ok, message, failure = add_alternatives(self, fields.alternatives, encoding)
  end
  return ok, message, failure
end

-- ---- attachments ----

-- A message inside is message/rfc822 (or message/global, RFC 6532) as it stands (RFC 2046,
-- 5.2.1): nothing else can be asked.
local function check_letter_options(field, options)
  local media_type, encoding = options.type, options.encoding
  if media_type ~= nil and (type(media_type) ~= "string"
    or media_type:lower() ~= "message/rfc822") then
    return failures.invalid(field .. ".type", field .. ".type of a message is message/rfc822")
  elseif encoding ~= nil and encoding ~= "auto" then
    return failures.invalid(field .. ".encoding", field .. ".encoding of a message is its own")
  elseif options.size ~= nil then
    return failures.invalid(field .. ".size", field .. ".size of a message is its own")
  end
  return true
end

-- Another message inside: its sources become ours, behind those we have.
local function attach_letter(self, field, options, letter)
  local ok, message, failure = check_letter_options(field, options)
  if not ok then return nil, message, failure end
  ok, message, failure = letter:check()
  if not ok then return nil, message, failure end
  if letter == self then
    return failures.invalid(field .. ".content", field .. ".content is the message itself")
  end
  letter.is_frozen = true
  local before = #self.sources
  ok, message, failure = self.core:attach_message(field, options, letter.core, before)
  if not ok then return nil, message, failure end
  for i, source in ipairs(letter.sources) do self.sources[before + i] = source end
  return true
end

local function basename(path)
  return path:match("[^/\\]*$")
end

local function attach(self, value)
  self.attached = self.attached + 1
  local field = ("attachments[%d]"):format(self.attached)
  local options, content, filename = value, value, nil
  if files.of(value) or letters.is(value) then
    options = {}
  elseif type(value) == "table"
    and check_names(value, attachment_names, "an attachment") then
    content = value.content
  else
    return failures.invalid(field, field .. " is no attachment")
  end
  if type(content) == "string" and options.size == nil then
    return self.core:attach(field, options, content)
  end
  if letters.is(content) then return attach_letter(self, field, options, content) end
  local file = files.of(content)
  if file then options, filename = with_file(options, file), basename(file.path) end
  local octets, size, failure = letters.take(self, content, field .. ".content", options.size)
  if not octets then
    -- The size is a field of the attachment, not of its content.
    if failure.field == field .. ".content.size" then failure.field = field .. ".size" end
    return nil, size, failure
  end
  return self.core:attach(field, options, octets, size, filename)
end

-- Most are tables of strings, which the core reads; it leaves to us what follows the first other.
local function attach_all(self, list)
  if list == nil then return true end
  local taken, is_all, problem = self.core:attach_tables(list)
  if not taken then return nil, is_all, problem end
  self.attached = taken
  if is_all then return true end
  local count = count_of(list)
  if not count then
    return failures.invalid("attachments", "attachments is no array of attachments")
  end
  for i = taken + 1, count do
    local ok, message, failure = attach(self, list[i])
    if not ok then return nil, message, failure end
  end
  return true
end

-- ---- headers ----

-- One click wants an HTTPS URI to send it to (RFC 8058, 3.1); either field may come first.
local function check_pair(self)
  if not self.core:is_unpaired() then
    self.one_click = nil
    return true
  end
  self.one_click = self.one_click or ("headers[%d].value"):format(self.headers)
  return failures.invalid(self.one_click,
    self.one_click .. " wants an HTTPS URI in a List-Unsubscribe")
end

local function put_header(self, name, value)
  self.headers = self.headers + 1
  local field = ("headers[%d]"):format(self.headers)
  local ok, message, failure = self.core:put_field(name, value, field)
  if ok == false then
    ok, message, failure = require("posthorn.domain").map(message)
    if ok then ok, message, failure = self.core:put_field(name, value, field, ok) end
  end
  check_pair(self)
  return ok, message, failure
end

-- A map has no order of its own: names go by the alphabet.
local function put_map(self, map)
  local names = {}
  for name in pairs(map) do
    if type(name) ~= "string" then
      return failures.invalid("headers", "headers is neither an array nor a map")
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local ok, message, failure = put_header(self, name, map[name])
    if not ok then return nil, message, failure end
  end
  return true
end

local function put_headers(self, list)
  local count = count_of(list)
  if type(list) ~= "table" or files.of(list) then
    return failures.invalid("headers", "headers is neither an array nor a map")
  elseif not count then
    return put_map(self, list)
  end
  for i = 1, count do
    local pair = list[i]
    if type(pair) ~= "table" then
      local field = ("headers[%d]"):format(i)
      return failures.invalid(field, field .. " is no pair of a name and a value")
    end
    local ok, message, failure = put_header(self, pair[1], pair[2])
    if not ok then return nil, message, failure end
  end
  return true
end

-- ---- the message ----

local function put_fields(self, fields)
  local date = fields.seed ~= nil and 0 or os.time()
  local ok, told, failure = self.core:put_fields(fields, date)
  if ok == false then -- domains outside ASCII: with their A-labels, once again
    local mapped
    mapped, told, failure = require("posthorn.domain").map(told)
    if not mapped then return nil, told, failure end
    ok, told, failure = self.core:put_fields(fields, date, mapped)
  end
  if not ok then return nil, told, failure end
  self.id = told
  return true
end

local function build(self, fields)
  local ok, message, failure = put_fields(self, fields)
  if ok and fields.headers ~= nil then
    ok, message, failure = put_headers(self, fields.headers)
    if ok then ok, message, failure = check_pair(self) end
  end
  if ok then ok, message, failure = set_bodies(self, fields) end
  if ok then ok, message, failure = attach_all(self, fields.attachments) end
  if ok then ok, message, failure = set_calendar(self, fields.calendar) end
  return ok, message, failure
end

---A message out of its fields. Bad data is returned as nil, message, failure: `invalid` with the
---name of the field, `io` for a file that cannot be opened, `limit`. An unknown field raises.
---@param fields posthorn.message.fields
---@return posthorn.message|nil
---@return string? message
---@return posthorn.failure? failure
function M.new(fields)
  if type(fields) ~= "table" then
    misuse.raise(("posthorn.message takes a table, not a %s"):format(type(fields)))
  end
  if not check_names(fields, field_names, "a message") then
    misuse.raise("posthorn.message takes fields by their names, not a list")
  end
  local self, message, failure = letters.new(Message)
  if not self then return nil, message, failure end
  self.attached, self.headers, self.one_click, self.unpaired = 0, 0, nil, nil
  local ok
  ok, message, failure = build(self, fields)
  if not ok then return nil, message, failure end
  return self
end

---The letter that an item stands for: a message, a raw, or the table of a message.
---@param item posthorn.letter|posthorn.message.fields
---@return posthorn.letter|nil
---@return string? message
---@return posthorn.failure? failure
function M.of(item)
  if letters.is(item) then return item end
  return M.new(item)
end

-- Bad data that is given later is told by whoever wants octets.
local function note(self, ok, _, failure)
  if not ok and not self.failure then self.failure = failure end
  return self
end

local function check_open(self, what)
  if self.is_frozen then
    misuse.raise(("message:%s after its octets were asked for"):format(what))
  end
end

---Adds an attachment. Bad data becomes the failure of bytes, send and the rest; raises once the
---message is frozen: its octets were asked for or sent.
---@param attachment posthorn.attachment|posthorn.file|posthorn.letter
---@return posthorn.message self
function Message:attach(attachment)
  check_open(self, "attach")
  return note(self, attach(self, attachment))
end

---With a name alone: the decoded text of the first such field, or nil. With a value, a nil one
---too: adds a field and returns the message; bad data becomes the failure of bytes, send and the
---rest; raises once the message is frozen.
---@param name string without case
---@param ... any the value: UTF-8, one line (RFC 2047 where it is not ASCII)
---@return string|nil|posthorn.message
function Message:header(name, ...)
  if select("#", ...) == 0 then
    if type(name) ~= "string" then
      misuse.raise(("message:header takes a name, not a %s"):format(type(name)))
    end
    return self.core:get(name)
  end
  check_open(self, "header")
  note(self, put_header(self, name, (...)))
  if self.failure == self.unpaired then self.failure = nil end -- its partner may have come
  local _
  _, _, self.unpaired = check_pair(self)
  self.failure = self.failure or self.unpaired
  return self
end

---Who sends it and who gets it: sender or first author; to, cc and bcc, each once, as given.
---@return posthorn.envelope|nil
---@return string? message
---@return posthorn.failure? failure
function Message:envelope()
  if self.failure then return failures.fail(self.failure) end
  local checked, from = self.core:envelope()
  return { from = from, to = checked.given }
end

---The same as posthorn.envelope checks it, from what was read for the header fields.
---@return table|nil
---@return string? message
---@return posthorn.failure? failure
function Message:checked_envelope()
  local checked = self.core:envelope()
  if #checked.to == 0 then return failures.invalid("to", "the message has no recipient") end
  return checked
end

return M
