-- sink.lua - the server of the sends that are measured: tells its port, keeps
-- nothing, ends when its own time is over (it is ended before by figures.py).
local posthorn = require "posthorn"
local sinks = require "posthorn.sink"

local SECONDS = 3600

posthorn.run(function()
  local sink = sinks.new { keep = 0 }
  assert(sink:start())
  io.stdout:write(sink.port, "\n")
  io.stdout:flush()
  posthorn.sleep(SECONDS)
  sink:stop()
end)
