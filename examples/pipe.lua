-- pipe.lua - attaches what a program writes, 1 GiB of it, in memory that stays flat.
--   lua examples/pipe.lua smtp://localhost:2525 ada@example.org bob@example.net [octets]
-- The pipe is read as the server takes it: nothing is kept. So it can be read once, and a message
-- that is sent again wants a new pipe. A function that gives chunks, then nil, does as well.
local posthorn = require "posthorn"

local server = arg[1] or "smtp://localhost"
local from, to = arg[2] or "ada@example.org", arg[3] or "bob@example.net"
local size = math.floor(tonumber(arg[4]) or 2 ^ 30)

-- The resident set in MiB, as Linux tells it.
local function resident(name)
  local handle = io.open "/proc/self/status"
  local text = handle and handle:read "*a" or ""
  if handle then handle:close() end
  return (tonumber(text:match(name .. ":%s*(%d+)")) or 0) / 1024
end

local pipe = assert(io.popen(("head -c %.0f /dev/zero"):format(size), "r"))

local before, quarter = resident "VmRSS", 0
local result, message, failure = posthorn.send {
  server = server, from = from, to = to,
  subject = "A large file",
  text = "It came out of a pipe.\n",
  attachments = {
    -- With a size the server hears SIZE and may say no at once (RFC 1870); and a pipe that breaks
    -- off early ends the send before the last dot: nobody gets half a file.
    { content = pipe, filename = "large.bin", size = size },
  },
  progress = function(octets, total)
    local now = total and math.floor(octets / total * 4) or 0
    if now > quarter then
      quarter = now
      print(("%3d %%  %6.0f MiB sent  resident %.1f MiB"):format(
        now * 25, octets / 2 ^ 20, resident "VmRSS"))
    end
  end,
}
pipe:close()

print(("resident %.1f MiB before, %.1f MiB after, %.1f MiB at most"):format(
  before, resident "VmRSS", resident "VmHWM"))
if not result then
  print(("not sent: %s (%s, %s)"):format(message, failure.kind, failure.class))
  os.exit(1)
end
print(("%.0f octets in %.1f s"):format(size, result.seconds))
