-- receipt.lua - asks the server to tell the sender when a message was delivered (RFC 3461), and
-- says whether it will.
--   lua examples/receipt.lua smtp://user:password@mail.example.org ada@example.org bob@example.net
local posthorn = require "posthorn"

local server = arg[1] or "smtp://localhost"
local from, to = arg[2] or "ada@example.org", arg[3] or "bob@example.net"

local message = assert(posthorn.message {
  from = from, to = to, subject = "Your order 4711", text = "It left our house today.\n",
})

local transport = posthorn.transport(server, { timeout = 60 })
local result, problem, failure = transport:send(message, {
  dsn = {
    notify = { "success", "failure", "delay" },
    ret = "headers",    -- our own text need not come back
    envid = message.id, -- comes back as Original-Envelope-Id: what it is about
  },
})
transport:close()

if not result then
  print(("not sent: %s (%s)"):format(problem, failure.class))
  os.exit(1)
end
print(("accepted, queued as %s"):format(result.queue_id or "unknown"))
for _, warning in ipairs(result.warnings) do print("warning: " .. warning) end
if #result.warnings == 0 then
  print(("notifications to %s will name %s"):format(from, message.id))
end
