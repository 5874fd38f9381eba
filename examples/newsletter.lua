-- newsletter.lua - one message for each reader, with a button to unsubscribe (RFC 8058).
--   lua examples/newsletter.lua smtp://user:password@mail.example.org news@example.org < readers
-- A line of `readers` is an address, blanks, and a name: bob@example.net Bob
--
-- Each reader has a message and an envelope of his own: nobody sees another's address, and the link
-- tells who wants to leave. Mail programs POST `List-Unsubscribe=One-Click` to its https URL: it
-- must do its work without a login and without cookies. RFC 8058 wants both fields under a DKIM
-- signature: let the server sign them (its `h=` must name them) until posthorn does.
--
-- Precedence: bulk is an old habit that no RFC defines; List-Id (RFC 2919) says it better, but some
-- vacation programs know the old one only: give it if they answer you. Auto-Submitted (RFC 3834) is
-- for what no human wrote, such as a receipt; a newsletter that somebody wrote has none.
local posthorn = require "posthorn"

local server, from = arg[1] or "smtp://localhost", arg[2] or "news@example.org"

-- In earnest a random token from your database, or an HMAC, which nobody can guess.
local function token(address)
  return (address:gsub("[^%w]", function(octet) return ("%%%02X"):format(octet:byte()) end))
end

local function letters()
  local line = io.read "*l"
  if not line then return nil end
  local address, name = line:match "^(%S*)%s*(.*)$"
  local link = "https://news.example.org/leave?reader=" .. token(address)
  return {
    from = { name = "The Post-Horn", address = from },
    to = { { name = name, address = address } }, -- data: one mailbox, or `invalid`
    subject = "What is new in November",
    text = ("Dear %s,\n\nthere is news.\n\nNo more of it: %s\n"):format(
      name ~= "" and name or "reader", link),
    headers = {
      { "List-Id", "The Post-Horn <news.example.org>" },
      { "List-Unsubscribe", "<" .. link .. ">, <mailto:leave@example.org?subject=leave>" },
      { "List-Unsubscribe-Post", "List-Unsubscribe=One-Click" },
    },
  }
end

local sent, failed = 0, 0
posthorn.run(function()
  local transport = posthorn.transport(server, { concurrency = 4, timeout = 120 })
  for item, result, message, failure in transport:send_many(letters) do
    if result then
      sent = sent + 1
    else
      failed = failed + 1
      -- A permanent refusal of the address: take it off the list.
      print(item.to[1].address, failure.class, message)
    end
  end
  transport:close()
end)
print(("%d sent, %d failed"):format(sent, failed))
os.exit(failed == 0 and 0 or 1)
