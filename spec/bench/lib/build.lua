-- build.lua - BENCH_N small messages from Lua tables to octets.
local setting = require "setting"
local posthorn = require "posthorn"

local parts = setting.text "BENCH_PARTS"
local text, html = setting.slurp(parts .. "/text"), setting.slurp(parts .. "/html")
local first, second = setting.slurp(parts .. "/att1"), setting.slurp(parts .. "/att2")
local total = 0
for i = 1, setting.number "BENCH_N" do
  local message = assert(posthorn.message {
    from = "sender@client.bench", to = "rcpt@sink.bench", subject = "message " .. i,
    text = text, html = html,
    attachments = {
      { content = first, filename = "a.pdf", type = "application/pdf" },
      { content = second, filename = "b.png", type = "image/png" },
    },
  })
  total = total + #assert(message:bytes())
end
print(('{"bytes":%d}'):format(total))
