-- memory.lua - how much a lying server makes us grow: one mail to each connection of a scripted
-- peer, in a process of its own, started by memory_spec.lua. Arguments: the peer's port, how many
-- mails warm it, how many are measured, octets of an attachment that these have (0: none). Prints a
-- line for each of these: kind, class, phase and by how many KiB the largest resident set has grown
-- since the warm ones.
-- SPDX-License-Identifier: MIT
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local port, warm, count, attached = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])

-- The most that was ever resident, in KiB.
local function peak()
  for line in io.lines "/proc/self/status" do
    local size = line:match "^VmHWM:%s*(%d+) kB"
    if size then return tonumber(size) end
  end
end

local transport = posthorn.transport {
  host = "127.0.0.1", port = port, tls = "none", timeout = 5, pool = false, timeouts = { content = 0.3 },
}

-- A source of so many octets, piece by piece.
local function source(left)
  local piece = ("\0\255\r\n"):rep(4096)
  return function()
    if left <= 0 then return nil end
    left = left - #piece
    return piece
  end
end

local function send(octets)
  local attachments = octets > 0 and { { content = source(octets), filename = "x" } } or nil
  local result, _, failure = transport:send(setting.mail { attachments = attachments })
  if result then return "sent", "-", "-" end
  return failure.kind, failure.class, failure.phase
end

for _ = 1, warm do send(math.min(attached, 8 * 1024 * 1024)) end
collectgarbage()
local before = peak()
for _ = 1, count do
  local kind, class, phase = send(attached)
  print(kind, class, phase, peak() - before)
end
