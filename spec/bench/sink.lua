-- sink.lua FOLDER - the server of the sends that are measured: tells its port and that of implicit
-- TLS, leaves its certificate in the folder, keeps nothing, ends when its own time is over (it is
-- ended before by figures.py).
local posthorn = require "posthorn"
local sinks = require "posthorn.sink"

local SECONDS = 3600

posthorn.run(function()
  local plain = sinks.new { keep = 0 }
  local secure = sinks.new { keep = 0, tls = true, implicit_tls = true }
  assert(plain:start())
  assert(secure:start())
  local handle = assert(io.open(arg[1] .. "/certificate.pem", "wb"))
  handle:write(secure.certificate)
  handle:close()
  io.stdout:write(plain.port, " ", secure.port, "\n")
  io.stdout:flush()
  posthorn.sleep(SECONDS)
  plain:stop()
  secure:stop()
end)
