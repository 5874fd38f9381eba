-- send.lua - sends one message with an attachment, and tells what became of it.
--   lua examples/send.lua smtp://user:password@mail.example.org ada@example.org bob@example.net
local posthorn = require "posthorn"

local server = arg[1] or "smtp://localhost"
local from, to = arg[2] or "ada@example.org", arg[3] or "bob@example.net"

local result, message, failure = posthorn.send {
  server = server,
  from = from,
  to = to,
  subject = "Grüße from posthorn",
  text = "This file sent itself.\n",
  attachments = { posthorn.file(arg[0], { type = "text/plain" }) },
  timeout = 60,
}

for _, address in ipairs(result and result.accepted or {}) do
  print(("accepted  %s"):format(address))
end
for _, record in ipairs((result or failure).refused or {}) do
  print(("refused   %s: %s (%s)"):format(record.address, record.message, record.class))
end
if not result then
  print(("not sent: %s (%s, %s)"):format(message, failure.kind, failure.class))
  os.exit(failure.class == "temporary" and 75 or 1) -- EX_TEMPFAIL of sysexits.h
end
print(("in %.3f s, queued as %s"):format(result.seconds, result.queue_id or "unknown"))
