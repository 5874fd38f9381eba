-- many.lua - sends a message to each address on standard input, over few connections.
--   lua examples/many.lua smtp://mail.example.org ada@example.org < addresses
local posthorn = require "posthorn"

local server, from = arg[1] or "smtp://localhost", arg[2] or "ada@example.org"

local function letters()
  local address = io.read "*l"
  if not address then return nil end
  return {
    from = from, to = { { address = address } }, -- exactly one mailbox, whatever the line says
    subject = "News", text = "Dear " .. address .. ",\nthere is news.\n",
  }
end

local sent, failed = 0, 0
posthorn.run(function()
  local transport = posthorn.transport(server, { concurrency = 5, timeout = 120 })
  for item, result, message in transport:send_many(letters) do
    if result then
      sent = sent + 1
    else
      failed = failed + 1
      print(item.to[1].address, message)
    end
  end
  transport:close()
end)
print(("%d sent, %d failed"):format(sent, failed))
os.exit(failed == 0 and 0 or 1)
