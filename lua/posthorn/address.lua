-- address.lua - addresses of mail: read, written, checked. What is none is
-- data, not misuse: it gives nil, message, failure.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local domains = require "posthorn.domain"

local address = {}

---@class posthorn.Address
---@field name string|nil display name, UTF-8
---@field address string "local@domain"
---@field group string|nil name of the group that it stands in

local function invalid(field, message)
  local failure = core.failure {
    kind = "invalid", class = "permanent", phase = "build", field = field, message = message,
  }
  return nil, message, failure
end

---Reads the mailboxes of a header field's value (RFC 5322, 3.4 and 4.4): comments are dropped,
---encoded-words in display names decoded, empty groups left out. `invalid`, and `limit` over
---100,000 mailboxes.
---@param text string
---@return posthorn.Address[]|nil mailboxes
---@return string|nil message
---@return posthorn.failure|nil failure
function address.parse(text)
  if type(text) ~= "string" then
    return invalid("address", "an address must be a string")
  end
  local list = core.address_list()
  local ok, message, failure = list:parse(text, "read")
  if not ok then
    return nil, message, failure
  end
  local mailboxes = {}
  for i = 1, list:count() do
    local name, spec, group = list:get(i)
    if spec then
      mailboxes[#mailboxes + 1] = { name = name, address = spec, group = group }
    end
  end
  return mailboxes
end

-- An absent name and an empty one are the same.
local function text_of(value)
  if value == nil then
    return ""
  end
  return type(value) == "string" and value or nil
end

-- Adds one mailbox to the list; group is that of the mailbox before.
local function add(list, mailbox, group, field)
  if type(mailbox) == "string" then
    mailbox = { address = mailbox }
  end
  if type(mailbox) ~= "table" then
    return invalid(field, "a mailbox must be a string or a table")
  end
  local name, next_group = text_of(mailbox.name), text_of(mailbox.group)
  if not name then
    return invalid(field .. ".name", "a display name must be a string")
  elseif not next_group then
    return invalid(field .. ".group", "the name of a group must be a string")
  elseif type(mailbox.address) ~= "string" then
    return invalid(field .. ".address", "an address must be a string")
  end
  if next_group ~= group and not list:set_group(next_group) then
    return invalid(field .. ".group", "this is no name of a group")
  end
  if not list:add(name, mailbox.address) then
    return invalid(field, "this is no mailbox: one local@domain, a name without controls")
  end
  return next_group
end

---Writes mailboxes as the value of a header field, in one line: display
---names as they are, quoted, or as encoded-words (RFC 2047). Names are literal text;
---domains stay as they are given. `invalid` names the field: address[2].name.
---@param mailboxes posthorn.Address|string|(posthorn.Address|string)[]
---@return string|nil text
---@return string|nil message
---@return posthorn.failure|nil failure
function address.format(mailboxes)
  if type(mailboxes) == "string" or type(mailboxes) == "table" and mailboxes.address ~= nil then
    mailboxes = { mailboxes }
  elseif type(mailboxes) ~= "table" then
    return invalid("address", "a mailbox must be a string or a table")
  end
  local list, group = core.address_list(), ""
  for i = 1, #mailboxes do
    local message, failure
    group, message, failure = add(list, mailboxes[i], group, ("address[%d]"):format(i))
    if not group then
      return nil, message, failure
    end
  end
  return list:format()
end

---Whether the text is one bare mailbox, "local@domain", as an envelope takes
---it (RFC 5321, 4.1.2): no display name, comment, blank, group or control.
---Whether IDNA allows a domain outside ASCII is asked where libidn2 is there.
---@param text any false for what is no string
---@return boolean
function address.valid(text)
  if type(text) ~= "string" then return false end
  local mailbox, _, domain = core.bare_address(text)
  if not mailbox or not domain then return mailbox ~= nil end
  local ascii, _, failure = domains.to_ascii(domain, "address")
  if not ascii then return failure.kind ~= "invalid" end
  return core.bare_address(text, ascii) ~= nil
end

return address
