-- capture.lua - tests an application that sends mail, without any server.
--   lua examples/capture.lua
local posthorn = require "posthorn"

-- The application takes its transport as an argument.
local function send_reset(transport, address, link)
  return transport:send {
    from = "Shop <shop@example.org>", to = { { address = address } },
    subject = "Your new password", text = "Follow this link:\n" .. link .. "\n",
  }
end

local transport = posthorn.transport("capture:", {
  respond = function(address)
    if address == "nobody@example.net" then return 550, "5.1.1", "no such user" end
  end,
})

assert(send_reset(transport, "bob@example.net", "https://shop.example.org/r/1"))
local mail = posthorn.parse(transport.messages[1].bytes)
assert(mail:header "Subject" == "Your new password")
assert(mail:text():find("https://shop.example.org/r/1", 1, true))

local result, _, failure = send_reset(transport, "nobody@example.net", "https://x.example/2")
assert(result == nil and failure.kind == "refused" and failure.code == 550)

-- An injected header is refused before anything is sent.
result, _, failure = send_reset(transport, "a@example.net\r\nBcc: b@c.example", "…")
assert(result == nil and failure.kind == "invalid")
print(("%d message captured, 2 refused"):format(#transport.messages))
