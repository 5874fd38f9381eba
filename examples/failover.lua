-- failover.lua - sends through the first of several servers that takes the message, and tells what
-- was wrong with the others.
--   lua examples/failover.lua ada@example.org bob@example.net smtp://one.example smtp://two.example
local posthorn = require "posthorn"

local from, to = arg[1] or "ada@example.org", arg[2] or "bob@example.net"
local servers = { arg[3] or "smtp://localhost:2525", arg[4] or "smtp://localhost:2526" }

-- What each said, as it happens: also where the message is taken in the end.
local function show(event)
  if event.phase == "connect" then print("  " .. event.text) end
end

local transport = posthorn.transport { servers = servers, timeout = 60, trace = show }

for number = 1, 2 do
  print("message " .. number)
  local result, message, failure = transport:send {
    from = from, to = to, subject = "Message " .. number, text = "Whoever takes it.\n",
  }
  if result then
    print(("taken by %s port %d"):format(result.ip, result.port))
  else
    print(("not sent: %s (%s)"):format(message, failure.class))
    for _, try in ipairs(failure.tries or {}) do
      print(("  %s: %s"):format(try.ip or try.host, try.message))
    end
  end
end
transport:close()
