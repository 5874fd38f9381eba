-- envelope.lua - checks an envelope before a socket is opened: bare mailboxes,
-- each recipient once (api.md, section 2).
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local domains = require "posthorn.domain"
local failures = require "posthorn.failure"

local M = {}

local most_recipients = 100000 -- security.md, row 20

-- The mailbox as it travels and whether it needs SMTPUTF8, or nil, message, failure.
local function bare(value, field, problem)
  local mailbox, is_unicode, domain
  if type(value) == "string" then mailbox, is_unicode, domain = core.bare_address(value) end
  if mailbox and type(domain) == "string" then
    local ascii, message, failure = domains.to_ascii(domain, field)
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
local recipient_names = { address = true }

---Raises for a field that no envelope has, so that none is left out without a word.
---@param envelope table
function M.check_names(envelope)
  check_fields(envelope, envelope_names, "envelope")
  local to = envelope.to
  for i = 1, type(to) == "table" and #to or 0 do
    check_fields(to[i], recipient_names, ("envelope.to[%d]"):format(i))
  end
end

---Checks an envelope: `to` as it travels, domains as A-labels; `given` as the caller wrote
---it; `smtputf8` whether a local part is outside ASCII (RFC 6531).
---@param envelope posthorn.envelope
---@return table|nil
---@return string? message
---@return posthorn.failure? failure
function M.check(envelope)
  local from, is_unicode, failure = check_from(envelope.from)
  if not from then return nil, is_unicode, failure end
  if type(envelope.to) ~= "table" or #envelope.to == 0 then
    return failures.invalid("envelope.to", "the envelope has no recipient")
  elseif #envelope.to > most_recipients then
    return failures.fail(failures.new("limit", "permanent", "build",
      "the envelope has more recipients than a message may have"))
  end
  local checked, seen = { from = from, to = {}, given = {}, smtputf8 = is_unicode }, {}
  for i = 1, #envelope.to do -- a hole is a recipient that is none, never the end
    local recipient = envelope.to[i]
    local given = recipient
    if type(recipient) == "table" then given = recipient.address end
    local mailbox, needs_unicode
    mailbox, needs_unicode, failure = bare(given, ("envelope.to[%d]"):format(i),
      "the recipient is no bare mailbox")
    if not mailbox then return nil, needs_unicode, failure end
    checked.smtputf8 = checked.smtputf8 or needs_unicode
    local key = key_of(mailbox)
    if not seen[key] then
      seen[key] = true
      checked.to[#checked.to + 1] = mailbox
      checked.given[#checked.to] = given
    end
  end
  return checked
end

return M
