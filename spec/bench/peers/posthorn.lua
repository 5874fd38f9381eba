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

-- All over one connection that is kept (true), or a new one for each, one after the other.
local function send(make, is_kept, more)
  local options = { host = "127.0.0.1", port = port, tls = "none", hello_name = "client.example",
    concurrency = 1, pool = is_kept and { messages = 0 } }
  for name, value in pairs(more or {}) do options[name] = value end
  local given = 0
  local function items()
    given = given + 1
    return given <= count and make() or nil
  end
  posthorn.run(function()
    local transport = posthorn.transport(options)
    for _, result, message in transport:send_many(items) do assert(result, message) end
    transport:close()
  end)
end

local envelope = { from = "ada@example.org", to = { "bob@example.net" } }
local octets = slurp "octets"

local function finished()
  return assert(posthorn.raw(octets, envelope))
end

function tasks.send() send(small, true) end
function tasks.kept() send(finished, true) end
function tasks.fresh() send(finished, false) end

function tasks.tls()
  send(finished, false, { tls = "implicit", server_name = "localhost", ca_file = data .. "/certificate.pem" })
end

tasks[task]()
