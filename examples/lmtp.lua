-- lmtp.lua - hands a message to a mail store over LMTP (RFC 2033), which tells for each recipient
-- what became of it.
--   lua examples/lmtp.lua lmtp:///run/dovecot/lmtp ada@example.org bob@example.net c@example.net
local posthorn = require "posthorn"

local server, from = arg[1] or "lmtp:///run/dovecot/lmtp", arg[2] or "ada@example.org"
local to = {}
for i = 3, math.max(#arg, 3) do to[#to + 1] = arg[i] or "bob@example.net" end

local result, message, failure = posthorn.send {
  server = server, from = from, to = to, subject = "By LMTP", timeout = 60,
  text = "The store that took it says so for each mailbox.\n",
}
if not result and not failure.recipients then error(message) end

for _, record in ipairs((result or failure).recipients) do
  local outcome = record.accepted and "stored" or record.class
  print(("%-9s %s: %s"):format(outcome, record.address, record.text or record.message))
end
os.exit(result and #result.refused == 0 and 0 or 1)
