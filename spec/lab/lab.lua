-- lab.lua - the real servers of lab.sh, started for one spec file and stopped after it. Two labs may
-- run at once: each takes a hundred ports that are free.
-- SPDX-License-Identifier: MIT
local busted = require "busted"

local M = {}

local script = "spec/lab/lab.sh"

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end
M.output_of = output_of

---Octets that look like chance, the same each time.
function M.octets(size)
  local seed, list = 7, {}
  for i = 1, size do
    seed = (seed * 1103515245 + 12345) % 2147483648
    list[i] = string.char(math.floor(seed / 65536) % 256)
  end
  return table.concat(list)
end

local function read_file(path)
  local handle = io.open(path, "rb")
  if not handle then return nil end
  local octets = handle:read "*a"
  handle:close()
  return octets
end

-- Ports on which somebody listens.
local function busy_ports()
  local busy = {}
  for _, path in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
    for port, state in (read_file(path) or ""):gmatch ":(%x%x%x%x) %x+:%x%x%x%x (%x%x)" do
      if state == "0A" then busy[tonumber(port, 16)] = true end
    end
  end
  return busy
end

local function is_free(base, busy)
  for port = base, base + 99 do
    if busy[port] then return false end
  end
  return true
end

-- A base below the ports that clients are given, and the folder that is its mark: to make one that
-- is there already fails.
local function take_ports()
  local busy = busy_ports()
  for base = 20000, 31900, 100 do
    local folder = "/tmp/posthorn-lab." .. base
    if is_free(base, busy) and output_of(("mkdir %s 2> /dev/null && echo taken"):format(folder)) == "taken" then
      return base, folder
    end
  end
  error "no hundred ports are free for the lab"
end

local function are_heard(ports)
  local busy = busy_ports()
  for _, port in pairs(ports) do
    if not busy[port] then return false end
  end
  return true
end

-- Waits until condition() holds, twenty seconds at most; what it gave last.
function M.until_true(condition)
  local value
  for _ = 1, 200 do
    value = condition()
    if value then break end
    os.execute "sleep 0.1"
  end
  return value
end

---Starts the servers, as words, in a folder of their own.
function M:start(servers)
  local base
  base, self.folder = take_ports()
  self.ca_file = self.folder .. "/keys/ca.pem"
  self.log = self.folder .. ".log"
  os.execute(("%s start %s %d %s > %s 2>&1"):format(script, self.folder, base, servers, self.log))
  for name, port in (read_file(self.folder .. "/ports") or ""):gmatch "(%S+) (%d+)\n" do
    self.ports[name] = tonumber(port)
  end
  local is_started = read_file(self.folder .. "/started")
  if not (is_started and M.until_true(function() return are_heard(self.ports) end)) then
    local problem = output_of("tail -n 20 " .. self.log)
    self:stop()
    error("the lab did not start:\n" .. problem)
  end
end

function M:stop()
  os.execute(("%s stop %s > /dev/null 2>&1; rm -rf %s %s"):format(
    script, self.folder, self.folder, self.log))
end

---A describe() whose specs have these servers, as words, and are skipped where one is not installed.
---@param fn fun(lab: table) declares them; the lab's ports and folder are there when they run
function M.describe(title, servers, fn)
  busted.describe(title, function()
    local missing = output_of(script .. " missing " .. servers):gsub("\n", ", ")
    if missing ~= "" then
      busted.it("has its servers", function() busted.pending("skipped: missing " .. missing) end)
      return
    end
    local lab = setmetatable({ folder = nil, ca_file = nil, log = nil, ports = {} }, { __index = M })
    busted.setup(function() lab:start(servers) end)
    busted.teardown(function() lab:stop() end)
    fn(lab)
  end)
end

---A transport's options for the server on the port of this name.
function M:to(name, options)
  local all = { host = "localhost", port = assert(self.ports[name], name), timeout = 20, ca_file = self.ca_file }
  for key, value in pairs(options or {}) do all[key] = value end
  return all
end

-- The files of a mailbox (a folder below the lab's) that hold this text.
local function files(self, box, text)
  local list = {}
  local found = output_of(("grep -lF -e '%s' %s/%s/* 2> /dev/null"):format(text, self.folder, box))
  for path in (found .. "\n"):gmatch "([^\n]+)\n" do
    if not path:find "%.part$" then list[#list + 1] = path end
  end
  return list
end

---The messages in a mailbox that hold a text, as { path, octets }, once that many are there.
function M:holding(text, count, box)
  local list
  M.until_true(function()
    list = files(self, box, text)
    return #list >= count
  end)
  for i, path in ipairs(list) do
    list[i] = { path = path, octets = assert(read_file(path)) }
  end
  return list
end

---The copies of a message, by its id. One that a spec did not wait for disturbs no other so.
function M:arrived(id, count, box)
  return self:holding("Message-ID: <" .. id .. ">", count, box)
end

-- What servers put before a message on delivery.
local trace_fields = { ["return-path"] = true, ["x-original-to"] = true, ["delivered-to"] = true,
  received = true }

---A message from the mailbox as it was handed over: without the trace fields, with CRLF. Who keeps
---CRLF adds no fields.
function M.as_sent(octets)
  if octets:find("\r\n", 1, true) then return octets end
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
