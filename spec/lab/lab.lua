-- lab.lua - the real servers of lab.sh, started for one spec file and stopped after it.
-- SPDX-License-Identifier: MIT
local M = {}

local script = "spec/lab/lab.sh"

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end
M.output_of = output_of

---What is not installed here, in words; "" when the lab can run.
function M.missing()
  return (output_of(script .. " missing"):gsub("\n", ", "))
end

---Starts the servers in a folder of their own; returns the lab.
function M.start()
  local folder = output_of "mktemp -d /tmp/posthorn-lab.XXXXXX"
  local lab = setmetatable({ folder = folder, ca_file = folder .. "/keys/ca.pem" }, { __index = M })
  local log = folder .. ".log"
  os.execute(("%s start %s > %s 2>&1"):format(script, folder, log))
  if output_of(("ls %s/dovecot/run/master.pid 2>&1"):format(folder)):find "No such" then
    local problem = output_of("tail -n 20 " .. log)
    lab:stop()
    error("the lab did not start:\n" .. problem)
  end
  return lab
end

function M:stop()
  os.execute(("%s stop %s > /dev/null 2>&1; rm -rf %s %s.log"):format(
    script, self.folder, self.folder, self.folder))
end

-- The files of the mailbox that all addresses share.
local function files(self)
  local list = {}
  for name in (output_of("ls " .. self.folder .. "/mail/all/new 2> /dev/null") .. "\n"):gmatch "([^\n]+)\n" do
    list[#list + 1] = self.folder .. "/mail/all/new/" .. name
  end
  return list
end

---Empties the mailbox.
function M:clear()
  for _, path in ipairs(files(self)) do os.remove(path) end
end

---The messages that arrived, as { path, octets }, once that many are there; waits
---ten seconds at most.
function M:arrived(count)
  local list
  for _ = 1, 100 do
    list = files(self)
    if #list >= count then break end
    os.execute "sleep 0.1"
  end
  for i, path in ipairs(list) do
    local handle = assert(io.open(path, "rb"))
    list[i] = { path = path, octets = handle:read "*a" }
    handle:close()
  end
  return list
end

-- What Postfix puts before a message on delivery.
local trace_fields = { ["return-path"] = true, ["x-original-to"] = true, ["delivered-to"] = true,
  received = true }

---A message from the mailbox as it was handed over: without the trace fields, with CRLF.
function M.as_sent(octets)
  local head, body = octets:match "^(.-\n)(\n.*)$"
  local kept, keep = {}, true
  for line in head:gmatch "[^\n]*\n" do
    local name = line:match "^([^%s:]+):"
    if name then keep = not trace_fields[name:lower()] end
    if keep then kept[#kept + 1] = line end
  end
  return ((table.concat(kept) .. body):gsub("\n", "\r\n"))
end

local reader = [[
import sys, json, email, email.policy
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
def part(p):
    d = {"type": p.get_content_type(), "filename": p.get_filename() or "", "cid": p.get("Content-ID", ""),
         "size": 0, "sha256": ""}
    if not p.is_multipart():
        import hashlib
        octets = p.get_payload(decode=True)
        d["size"], d["sha256"] = len(octets), hashlib.sha256(octets).hexdigest()
    return d
print("subject\t" + m["subject"])
print("to\t" + ",".join(a.display_name + "=" + a.addr_spec for a in m["to"].addresses))
for p in m.walk():
    d = part(p)
    print("part\t%(type)s\t%(filename)s\t%(cid)s\t%(size)d\t%(sha256)s" % d)
]]

---Reads a stored message with Python's email package: an opinion that is not ours.
---@return table { subject, to, parts = { { type, filename, cid, size, sha256 } } }
function M:read_by_python(path)
  local file = self.folder .. "/reader.py"
  local handle = assert(io.open(file, "w"))
  handle:write(reader)
  handle:close()
  local seen = { parts = {} }
  for line in (output_of(("/usr/bin/python3 %s %s"):format(file, path)) .. "\n"):gmatch "([^\n]*)\n" do
    local what, rest = line:match "^(%w+)\t(.*)$"
    if what == "part" then
      local kind, filename, cid, size, sha256 =
        rest:match "^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$"
      seen.parts[#seen.parts + 1] = {
        type = kind, filename = filename, cid = cid, size = tonumber(size), sha256 = sha256,
      }
    elseif what then
      seen[what] = rest
    end
  end
  return seen
end

---The SHA-256 of octets, by the system's own tool.
function M:sha256(octets)
  local file = self.folder .. "/octets"
  local handle = assert(io.open(file, "wb"))
  handle:write(octets)
  handle:close()
  return output_of("sha256sum < " .. file):match "^%x+"
end

return M
