-- luasocket.lua TASK N DATA [PORT]: the same of LuaSocket's smtp, ltn12 and mime.
local ltn12 = require "ltn12"
local mime = require "mime"
local smtp = require "socket.smtp"

local task, count, data, port = arg[1], tonumber(arg[2]), arg[3], tonumber(arg[4])

local function slurp(name)
  local handle = assert(io.open(data .. "/" .. name, "rb"))
  local octets = handle:read "*a"
  handle:close()
  return octets
end

local text, html, first, second = slurp "text", slurp "html", slurp "first", slurp "second"
local page = slurp "page"

local function base64()
  return ltn12.filter.chain(mime.encode "base64", mime.wrap "base64")
end

local function quoted()
  return ltn12.filter.chain(mime.encode "quoted-printable", mime.wrap "quoted-printable")
end

local function part(source, filter, kind, encoding, filename)
  return {
    headers = {
      ["content-type"] = kind, ["content-transfer-encoding"] = encoding,
      ["content-disposition"] = filename and ('attachment; filename="%s"'):format(filename),
    },
    body = ltn12.source.chain(source, filter),
  }
end

local function leaf(octets, ...)
  return part(ltn12.source.string(octets), ...)
end

local function small()
  return smtp.message {
    headers = { from = "ada@example.org", to = "bob@example.net", subject = "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" },
    body = {
      { headers = { ["content-type"] = "multipart/alternative" }, body = {
        leaf(text, quoted(), "text/plain; charset=utf-8", "quoted-printable"),
        leaf(html, quoted(), "text/html; charset=utf-8", "quoted-printable"),
      } },
      leaf(first, base64(), "application/pdf", "base64", "a.pdf"),
      leaf(second, base64(), "image/png", "base64", "b.png"),
    },
  }
end

local function whole(source)
  local pieces = {}
  assert(ltn12.pump.all(source, (ltn12.sink.table(pieces))))
  return table.concat(pieces)
end

local tasks = {}

function tasks.build()
  for _ = 1, count do whole(small()) end
end

function tasks.stream()
  for _ = 1, count do
    local null = assert(io.open("/dev/null", "wb"))
    local file = ltn12.source.file(io.open(data .. "/large", "rb"))
    assert(ltn12.pump.all(smtp.message {
      headers = { from = "ada@example.org", to = "bob@example.net", subject = "a file" },
      body = {
        leaf(text, quoted(), "text/plain; charset=utf-8", "quoted-printable"),
        part(file, base64(), "application/octet-stream", "base64", "large"),
      },
    }, ltn12.sink.file(null)))
  end
end

local function encode(filter)
  whole(ltn12.source.chain(ltn12.source.string(page), filter))
end

function tasks.base64()
  for _ = 1, count do encode(base64()) end
end

function tasks.quoted()
  for _ = 1, count do encode(quoted()) end
end

local function open()
  local session = smtp.open("127.0.0.1", port)
  session.tp.c:setoption("tcp-nodelay", true) -- its small writes would wait 40 ms each
  session:greet "client.example"
  return session
end

local function close(session)
  session:quit()
  session:close()
end

local function put(session, source)
  session:send { from = "<ada@example.org>", rcpt = "<bob@example.net>", source = source }
end

local octets = slurp "octets"

local function send(make)
  local session = open()
  for _ = 1, count do put(session, make()) end
  close(session)
end

local function finished()
  return ltn12.source.string(octets)
end

function tasks.send() send(small) end
function tasks.kept() send(finished) end

function tasks.fresh()
  for _ = 1, count do
    local session = open()
    put(session, finished())
    close(session)
  end
end

tasks[task]()
