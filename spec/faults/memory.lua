-- memory.lua - how much a lying server makes us grow: one mail to each connection of a scripted
-- peer, in a process of its own, started by memory_spec.lua. Arguments: the peer's port, how many
-- mails warm it, how many are measured. Prints a line for each of these: kind, class, phase and by
-- how many KiB the largest resident set has grown since the warm ones.
-- SPDX-License-Identifier: MIT
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local port, warm, count = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])

-- The most that was ever resident, in KiB.
local function peak()
  for line in io.lines "/proc/self/status" do
    local size = line:match "^VmHWM:%s*(%d+) kB"
    if size then return tonumber(size) end
  end
end

local transport = posthorn.transport {
  host = "127.0.0.1", port = port, tls = "none", timeout = 5, pool = false,
}

local function send()
  local result, _, failure = transport:send(setting.mail())
  if result then return "sent", "-", "-" end
  return failure.kind, failure.class, failure.phase
end

for _ = 1, warm do send() end
collectgarbage()
local before = peak()
for _ = 1, count do
  local kind, class, phase = send()
  print(kind, class, phase, peak() - before)
end
