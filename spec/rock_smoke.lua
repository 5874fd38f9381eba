-- rock_smoke.lua - run by rock.sh against an installed rock, away from the
-- sources: every C module loads, and a message goes over STARTTLS and AUTH to
-- our own server and arrives as it was. Arguments: the names of the C modules.
for _, name in ipairs(arg) do
  require("posthorn." .. name)
end

local posthorn = require "posthorn"
local sinks = require "posthorn.sink"

posthorn.run(function()
  local sink = sinks.new { tls = true, users = { user = "s3cret" }, require_auth = true }
  assert(sink:start())
  local ca_file = os.tmpname()
  local handle = assert(io.open(ca_file, "w"))
  handle:write(sink.certificate)
  handle:close()

  local message = assert(posthorn.message {
    from = "Ada <ada@example.org>", to = { "bob@example.net", "eve@example.net" },
    subject = "Gr\195\188\195\159e", text = "text\n.\n", html = "<p>text</p>",
    attachments = { { content = ("\0\1\255"):rep(10000), filename = "octets.bin" } },
  })
  local result = assert(posthorn.transport({
    host = "localhost", port = sink.port, tls = "starttls", ca_file = ca_file,
    user = "user", password = "s3cret", timeout = 20,
  }):send(message))
  os.remove(ca_file)
  sink:stop()

  assert(#result.accepted == 2 and #result.refused == 0)
  assert(result.tls and result.tls.verified == "pkix")
  assert(sink.count == 1 and sink.messages[1].bytes == message:bytes())
end)

print("the rock sends: " .. table.concat(arg, ", "))
