-- demo.lua - the main job on one page: a message goes to a server of our own over STARTTLS and
-- AUTH, and what arrived is compared with what was sent, octet for octet.
-- Start it by `make demo`.
local posthorn = require "posthorn"
local sinks = require "posthorn.sink"
local unpack = table.unpack or unpack -- luacheck: ignore

-- ---- the terminal ----

-- Whether descriptor 1 is a terminal: whether its mount, as Linux tells it, is one of terminals.
local function is_terminal()
  local info, mounts = io.open("/proc/self/fdinfo/1"), io.open("/proc/self/mountinfo")
  local id = info and mounts and info:read("*a"):match("mnt_id:%s*(%d+)")
  local line = id and ("\n" .. mounts:read("*a")):match("\n" .. id .. " ([^\n]*)")
  if info then info:close() end
  if mounts then mounts:close() end
  return line ~= nil and line:find(" - devpts ", 1, true) ~= nil and not os.getenv("NO_COLOR")
end

local is_colored = is_terminal()
local colors = { bold = 1, dim = 2, red = 31, green = 32, yellow = 33, cyan = 36 }

local function paint(color, text)
  return is_colored and ("\27[%dm%s\27[0m"):format(colors[color], text) or text
end

local function say(...)
  io.write(...)
  io.write("\n")
end

local function title(text)
  say("\n", paint("bold", text))
end

local function verdict(is_good, text)
  say("  ", is_good and paint("green", "yes") or paint("red", "NO "), "  ", text)
  return is_good
end

-- ---- what is sent ----

local function xor(a, b)
  local sum, place = 0, 1
  while a > 0 or b > 0 do
    if a % 2 ~= b % 2 then sum = sum + place end
    a, b, place = math.floor(a / 2), math.floor(b / 2), place * 2
  end
  return sum
end

local function big_endian(n)
  local function octet(unit) return math.floor(n / unit) % 256 end
  return string.char(octet(2 ^ 24), octet(2 ^ 16), octet(2 ^ 8), octet(1))
end

local function crc32(octets)
  local sum = 2 ^ 32 - 1
  for i = 1, #octets do
    sum = xor(sum, octets:byte(i))
    for _ = 1, 8 do
      local half = math.floor(sum / 2)
      sum = sum % 2 == 1 and xor(half, 0xEDB88320) or half
    end
  end
  return xor(sum, 2 ^ 32 - 1)
end

local function adler32(octets)
  local a, b = 1, 0
  for i = 1, #octets do
    a = (a + octets:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b * 65536 + a
end

-- A picture of 16 by 16 colors; its only block of pixels is stored, not compressed.
local function picture()
  local function chunk(name, data)
    return big_endian(#data) .. name .. data .. big_endian(crc32(name .. data))
  end
  local rows = {}
  for y = 0, 15 do
    rows[#rows + 1] = "\0"
    for x = 0, 15 do rows[#rows + 1] = string.char(x * 17, y * 17, 128) end
  end
  local pixels = table.concat(rows)
  local low, high = #pixels % 256, math.floor(#pixels / 256)
  local stored = "\120\1\1" .. string.char(low, high, 255 - low, 255 - high) .. pixels
  return "\137PNG\r\n\26\n" .. chunk("IHDR", big_endian(16) .. big_endian(16) .. "\8\2\0\0\0")
    .. chunk("IDAT", stored .. big_endian(adler32(pixels))) .. chunk("IEND", "")
end

-- Octets of every kind, the same each time.
local function noise(size)
  local seed, batch, batches = 20, {}, {}
  for _ = 1, math.ceil(size / 192) do
    for i = 1, 192, 3 do
      seed = seed * 16807 % 2147483647
      batch[i], batch[i + 1] = seed % 256, math.floor(seed / 256) % 256
      batch[i + 2] = math.floor(seed / 65536) % 256
    end
    batches[#batches + 1] = string.char(unpack(batch))
  end
  return table.concat(batches):sub(1, size)
end

local logo, report = picture(), noise(5 * 1024 * 1024)
local text = "Grüße aus der Werkstatt, καλημέρα, おはよう!\r\n.A line that begins with a dot.\r\n"
local html = "<h1>Grüße!</h1>\r\n<p><img src=\"cid:logo\" alt=\"logo\"></p>\r\n"

local function compose()
  return posthorn.message {
    from = "Ada Löwe <ada@example.org>",
    to = { "bob@example.net", { name = "Søren", address = "soren@example.dk" } },
    cc = "nobody@example.net",
    subject = "Grüße von posthorn", text = text, html = html,
    attachments = {
      { content = logo, filename = "logo.png", type = "image/png", cid = "logo" },
      { content = report, filename = "Übersicht.bin", type = "application/octet-stream" },
    },
  }
end

-- ---- how it goes ----

local function show_trace(event)
  local arrow = event.direction == "sent" and paint("cyan", "C:")
    or event.direction == "received" and paint("green", "S:") or paint("dim", "--")
  say("  ", arrow, " ", event.direction and event.text or paint("dim", event.text))
end

-- A bar on a terminal; elsewhere a line for each quarter.
local function new_progress()
  local quarter = -1
  return function(octets, total)
    local part = total and total > 0 and math.min(1, octets / total) or 0
    local now = math.floor(part * (is_colored and 100 or 4))
    if now == quarter then return end
    quarter = now
    local bar = ("#"):rep(math.floor(part * 40)) .. ("."):rep(40 - math.floor(part * 40))
    local line = ("  [%s] %3d %%  %.1f MiB"):format(bar, math.floor(part * 100), octets / 2 ^ 20)
    io.write(is_colored and "\r" or "", paint("yellow", line),
      is_colored and part < 1 and "" or "\n")
    io.flush()
  end
end

local function show_recipients(recipients)
  title("What became of each recipient")
  for _, one in ipairs(recipients) do
    local word = one.accepted and paint("green", "accepted") or paint("red", "refused ")
    say("  ", word, "  ", one.address, paint("dim", (": %s %s %s"):format(one.code or "",
      one.enhanced or "", one.text or one.message or "")))
  end
end

local function show_part(part, depth)
  for _, field in ipairs(part:headers()) do
    say(("  "):rep(depth), paint("cyan", field[1] .. ": "), field[2])
  end
  say(("  "):rep(depth), paint("dim", ("(%d octets)"):format(#part:content())))
  for _, child in ipairs(part.parts) do show_part(child, depth + 2) end
end

-- ---- what arrived ----

local function compare(message, result, mail)
  local root = assert(posthorn.parse(mail.bytes))
  title("The headers that arrived, part by part")
  show_part(root, 1)
  title("Is it what was sent?")
  local found, same = root:attachments(), true
  local function check(is_good, what) same = verdict(is_good, what) and same end
  check(mail.bytes == message:bytes(), ("all %d octets are equal"):format(#mail.bytes))
  check(root:text() == text and root:html() == html, "text and html are equal")
  check(found[1] and found[1]:content() == logo, "the picture is equal")
  check(found[2] and found[2]:content() == report, "the attachment of 5 MiB is equal")
  check(#mail.envelope.to == 2 and #result.recipients == 3 and not result.recipients[3].accepted,
    "two recipients got it, one was refused")
  check(mail.tls ~= nil and mail.user == "ada", "it came over TLS, from a user who logged in")
  return same
end

local function send(sink, ca_file)
  local message = assert(compose())
  local transport = posthorn.transport {
    url = ("smtp://ada:secret@localhost:%d"):format(sink.port),
    tls = "starttls", ca_file = ca_file, trace = show_trace, timeout = 60,
  }
  title(("The conversation with 127.0.0.1 port %d"):format(sink.port))
  local result, why = transport:send(message, { progress = new_progress() })
  transport:close()
  if not result then error("the message was not sent: " .. why, 0) end
  show_recipients(result.recipients)
  return compare(message, result, sink.messages[1])
end

local function main()
  local sink = assert(sinks.new {
    tls = true, users = { ada = "secret" }, require_auth = true,
    respond = function(address)
      if address == "nobody@example.net" then return 550, "5.1.1", "nobody of that name" end
    end,
  }:start())
  local ca_file = os.tmpname()
  local handle = assert(io.open(ca_file, "w"))
  handle:write(sink.certificate)
  handle:close()
  local ok, same = pcall(send, sink, ca_file)
  os.remove(ca_file)
  sink:stop()
  if not ok then error(same, 0) end
  return same
end

local ok, same = pcall(posthorn.run, main)
if not ok then say(paint("red", tostring(same))) end
say("")
os.exit(ok and same and 0 or 1)
