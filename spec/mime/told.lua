-- told.lua - what posthorn.parse reads in a message, as an array of { name,
-- value }: the form in which the readers of spec/lab tell what they read.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local posthorn = require "posthorn"

local function tell_part(list, part, depth)
  local function tell(name, value) list[#list + 1] = { name, value or "" } end
  tell("type", depth .. " " .. part.type)
  tell("charset", part.parameters.charset)
  tell("disposition", part.disposition)
  tell("cid", part.cid)
  local inner = part:message()
  if inner then
    tell_part(list, inner, depth + 1)
  elseif #part.parts > 0 then
    for _, one in ipairs(part.parts) do tell_part(list, one, depth + 1) end
  else
    tell("filename", part.filename)
    tell("content", part:content())
  end
end

-- The array, with the date in seconds beside it, and the message.
return function(bytes)
  local root = assert(posthorn.parse(bytes))
  local id = (root:header("message-id") or ""):gsub("[<>]", "")
  local list = { { "subject", root:header("subject") or "" }, { "message_id", id } }
  for _, name in ipairs { "from", "to", "cc" } do
    for _, one in ipairs(root:addresses(name) or {}) do
      list[#list + 1] = { name, ("%s <%s>"):format(one.name or "", one.address) }
    end
  end
  tell_part(list, root, 0)
  list.date = root:header("date") and core.date.parse(root:header("date")) or -1
  return list, root
end
