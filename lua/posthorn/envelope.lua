-- envelope.lua - checks an envelope before a socket is opened: bare mailboxes,
-- each recipient once (api.md, section 2).
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local failures = require "posthorn.failure"

local M = {}

local most_recipients = 100000 -- security.md, row 20

-- The mailbox as it travels and whether it needs SMTPUTF8, or nil, message, failure.
local function bare(value, field, problem)
  local mailbox, is_unicode, domain
  if type(value) == "string" then mailbox, is_unicode, domain = core.bare_address(value) end
  if mailbox and type(domain) == "string" then
    local ascii, message, failure = require("posthorn.domain").to_ascii(domain, field)
    if not ascii then return nil, message, failure end
    mailbox, is_unicode = core.bare_address(value, ascii)
  end
  if not mailbox then return failures.invalid(field, problem) end
  return mailbox, is_unicode
end

-- Domains are compared without case, local parts as they are.
local function key_of(mailbox)
  local at = #mailbox - mailbox:reverse():find("@", 1, true) + 1
  return mailbox:sub(1, at) .. mailbox:sub(at + 1):lower()
end

local function check_from(from)
  if from == "" then return "", false end
  return bare(from, "envelope.from", "the envelope's sender is no bare mailbox")
end

-- Up to the last number that is a key: `#` may stop at a hole, and does so on LuaJIT.
local function length(list)
  local last = 0
  for key in pairs(list) do
    if type(key) == "number" and key > last and key % 1 == 0 then last = key end
  end
  return last
end

-- A name that is not known is misuse; any other key makes the value one of the wrong form.
local function check_fields(value, names, prefix)
  if type(value) ~= "table" then return end
  for name in pairs(value) do
    if type(name) == "string" and not names[name] then
      error(("unknown option '%s.%s'"):format(prefix, core.printable(name)), 0)
    end
  end
end

local envelope_names = { from = true, to = true }
local recipient_names = { address = true, notify = true, orcpt = true }

---Raises for a field that no envelope has, so that none is left out without a word.
---@param envelope table
function M.check_names(envelope)
  check_fields(envelope, envelope_names, "envelope")
  for i, recipient in ipairs(type(envelope.to) == "table" and envelope.to or {}) do
    check_fields(recipient, recipient_names, ("envelope.to[%d]"):format(i))
  end
end

---A copy, so that what is checked is what is sent.
---@param envelope table
---@return table
function M.copy(envelope)
  local copy = {}
  for name, value in pairs(envelope) do copy[name] = value end
  if type(copy.to) ~= "table" then return copy end
  copy.to = {}
  for key, recipient in pairs(envelope.to) do copy.to[key] = recipient end
  return copy
end

-- What travels for a recipient: the mailbox, or with its parameters { address=, notify=, orcpt= };
-- or nil, message, failure.
local function with_parameters(mailbox, recipient, field)
  if type(recipient) ~= "table" then return mailbox end
  local has_any, problem = core.check_recipient(recipient)
  if has_any == nil then
    return failures.invalid(field .. "." .. problem, problem == "notify"
      and "notify is no \"never\" and no array of \"failure\", \"delay\" and \"success\""
      or "the original recipient cannot be sent")
  elseif not has_any then
    return mailbox
  end
  local notify = recipient.notify
  if type(notify) == "table" then
    notify = {}
    for i = 1, #recipient.notify do notify[i] = recipient.notify[i] end
  end
  return { address = mailbox, notify = notify, orcpt = recipient.orcpt }
end

---Checks an envelope: `to` as it travels, domains as A-labels, those with parameters as tables;
---`given` as the caller wrote it; `smtputf8` whether a local part is outside ASCII (RFC 6531).
---@param envelope posthorn.envelope
---@return table|nil
---@return string? message
---@return posthorn.failure? failure
function M.check(envelope)
  local from, is_unicode, failure = check_from(envelope.from)
  if not from then return nil, is_unicode, failure end
  local count = type(envelope.to) == "table" and length(envelope.to) or 0
  if count == 0 then
    return failures.invalid("envelope.to", "the envelope has no recipient")
  elseif count > most_recipients then
    return failures.fail(failures.new("limit", "permanent", "build",
      "the envelope has more recipients than a message may have"))
  end
  local checked, seen = { from = from, to = {}, given = {}, smtputf8 = is_unicode }, {}
  for i = 1, count do -- a hole is a recipient that is none, never the end
    local recipient = envelope.to[i]
    local given = recipient
    if type(recipient) == "table" then given = recipient.address end
    local field = ("envelope.to[%d]"):format(i)
    local mailbox, needs_unicode, entry, message
    mailbox, needs_unicode, failure = bare(given, field, "the recipient is no bare mailbox")
    if not mailbox then return nil, needs_unicode, failure end
    entry, message, failure = with_parameters(mailbox, recipient, field)
    if not entry then return nil, message, failure end
    checked.smtputf8 = checked.smtputf8 or needs_unicode
    local key = key_of(mailbox)
    if not seen[key] then
      seen[key] = true
      checked.to[#checked.to + 1] = entry
      checked.given[#checked.to] = given
    end
  end
  return checked
end

return M
