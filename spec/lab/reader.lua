-- reader.lua - other readers of messages, each a command that tells what it
-- reads in the files named. What they do without a charset goes by the locale.
-- SPDX-License-Identifier: MIT
local reader = {
  commands = {
    email = "LC_ALL=C.UTF-8 /usr/bin/python3 spec/lab/email_reader.py",
    gmime = "LC_ALL=C.UTF-8 " .. os.getenv("POSTHORN_BUILD") .. "/gmime_reader",
  },
}

local function unhex(text)
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

---Array of what is told of each message: an array of { name, value }, and the
---date in seconds beside them.
function reader.read(command, messages)
  local paths, found = {}, {}
  for i, bytes in ipairs(messages) do
    paths[i] = os.tmpname()
    local handle = assert(io.open(paths[i], "wb"))
    handle:write(bytes)
    handle:close()
  end
  local pipe = assert(io.popen(command .. " " .. table.concat(paths, " ") .. " 2>&1"))
  for line in pipe:lines() do
    local name, hex = line:match("^(%S+)\t(%x*)$")
    if not name then error(command .. ": " .. line .. "\n" .. pipe:read("*a")) end
    if name == "message" then
      found[#found + 1] = {}
    elseif name == "date" then
      found[#found].date = tonumber(unhex(hex))
    else
      table.insert(found[#found], { name, unhex(hex) })
    end
  end
  pipe:close()
  for _, path in ipairs(paths) do os.remove(path) end
  assert(#messages == #found, command)
  return found
end

return reader
