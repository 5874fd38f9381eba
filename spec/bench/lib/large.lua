-- large.lua - one large file attached: sent, or written to /dev/null.
local setting = require "setting"
local posthorn = require "posthorn"

local fields = {
  from = "sender@client.bench", to = "rcpt@sink.bench", subject = "one large file",
  text = "See the attachment.\n",
  attachments = { posthorn.file(setting.text "BENCH_FILE", { filename = "file.bin" }) },
}

if arg[1] == "stream" then
  local handle = assert(io.open("/dev/null", "wb"))
  assert(assert(posthorn.message(fields)):write(handle))
  handle:close()
else
  local transport = posthorn.transport(setting.server())
  assert(transport:send(assert(posthorn.message(fields))))
  transport:close()
end
