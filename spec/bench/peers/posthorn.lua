-- posthorn.lua TASK N DATA [PORT]: what figures.py measures of us.
local core = require "posthorn.core"
local posthorn = require "posthorn"

local task, count, data, port = arg[1], tonumber(arg[2]), arg[3], tonumber(arg[4])

local function slurp(name)
  local handle = assert(io.open(data .. "/" .. name, "rb"))
  local octets = handle:read "*a"
  handle:close()
  return octets
end

local text, html, first, second = slurp "text", slurp "html", slurp "first", slurp "second"
local page = slurp "page"

local function small()
  return assert(posthorn.message {
    from = "ada@example.org", to = "bob@example.net", subject = "Grüße",
    text = text, html = html,
    attachments = {
      { content = first, filename = "a.pdf", type = "application/pdf" },
      { content = second, filename = "b.png", type = "image/png" },
    },
  })
end

local tasks = {}

function tasks.build()
  for _ = 1, count do assert(small():bytes()) end
end

function tasks.stream()
  local null = assert(io.open("/dev/null", "wb"))
  for _ = 1, count do
    assert(assert(posthorn.message {
      from = "ada@example.org", to = "bob@example.net", subject = "a file", text = text,
      attachments = { posthorn.file(data .. "/large", { type = "application/octet-stream" }) },
    }):write(null))
  end
end

function tasks.base64()
  for _ = 1, count do core.base64.encode(page, 76) end
end

function tasks.quoted()
  for _ = 1, count do core.quoted_printable.encode(page) end
end

function tasks.send()
  local transport = posthorn.transport { host = "127.0.0.1", port = port, tls = "none",
    hello_name = "client.example", pool = { messages = 0 } }
  for _ = 1, count do assert(transport:send(small())) end
  transport:close()
end

tasks[task]()
