-- fanout.lua - one message to many hosts at once: each line of BENCH_FANOUT is one
-- session to an address of its own.
local setting = require "setting"
local posthorn = require "posthorn"

local octets = setting.slurp(setting.text "BENCH_MSG")
local from = setting.text "BENCH_FROM"

local function send(address, recipients)
  local options, to = setting.server(), {}
  options.host, options.pool = address, false
  for recipient in recipients:gmatch "[^,]+" do to[#to + 1] = recipient end
  local transport = posthorn.transport(options)
  local result, message = transport:send(assert(posthorn.raw(octets, { from = from, to = to })))
  assert(result, message)
  assert(#result.accepted == #to)
  transport:close()
end

posthorn.run(function()
  for line in io.lines(setting.text "BENCH_FANOUT") do
    posthorn.spawn(send, line:match "^(%S+) (%S+)$")
  end
end)
