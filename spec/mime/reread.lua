-- reread.lua - a message as Python's `email` reads it: the independent reader.
local script = [[
import sys, email, email.policy
message = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
def tell(name, value):
    print(name + "\t" + str(value).encode("utf-8", "surrogateescape").hex())
for name, value in message.items():
    tell("header " + name.lower(), value)
for part in message.walk():
    tell("type", part.get_content_type())
    for defect in part.defects:
        tell("defect", repr(defect))
    if part.is_multipart():
        continue
    tell("cid", part.get("content-id", ""))
    tell("disposition", part.get_content_disposition())
    tell("filename", part.get_filename())
    print("content\t" + part.get_payload(decode=True).hex())
]]

local function unhex(text)
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- Array of parts { type=, content=, filename=, cid=, disposition= } in the order of a walk,
-- with headers (by name in lower case) and defects beside them.
return function(bytes)
  local path, program = os.tmpname(), os.tmpname()
  for name, text in pairs { [path] = bytes, [program] = script } do
    local handle = assert(io.open(name, "wb"))
    handle:write(text)
    handle:close()
  end
  local pipe = assert(io.popen(("/usr/bin/python3 %s %s 2>&1"):format(program, path)))
  local found, seen = { headers = {}, defects = {} }, {}
  for line in pipe:lines() do
    seen[#seen + 1] = line
    local name, value = line:match("^([^\t]+)\t(%x*)$")
    if not name then error("python: " .. table.concat(seen, "\n")) end
    value = unhex(value)
    if name == "type" then
      found[#found + 1] = { type = value }
    elseif name == "defect" then
      found.defects[#found.defects + 1] = value
    elseif name:find("^header ") then
      found.headers[name:sub(8)] = value
    else
      found[#found][name] = value
    end
  end
  pipe:close()
  os.remove(path)
  os.remove(program)
  return found
end
