-- codec.lua - the codecs as Lua has them: a string in, a string out. CPU time,
-- GB/s of input, the median of 7.
local core = require "posthorn.core"

local function run(name, text, call)
  call(text)
  local times = 1
  local function measure()
    local from = os.clock()
    for _ = 1, times do call(text) end
    return os.clock() - from
  end
  while measure() <= 0.03 do times = times * 2 end
  local rates = {}
  for i = 1, 7 do
    rates[i] = #text * times / measure() / 1e9
  end
  table.sort(rates)
  print(('{"codec":"%s","size":%d,"gbps":%.3f,"min":%.3f,"max":%.3f}')
    :format(name, #text, rates[4], rates[1], rates[7]))
end

local function lines(text) return core.base64.encode(text, 76) end
local function quoted(text) return core.quoted_printable.encode(text, "guard") end

local octets, number = {}, 7
for i = 1, 65536 do
  number = (number * 1103515 + 12345) % 2147483648
  octets[i] = string.char(math.floor(number / 65536) % 256)
end
octets = table.concat(octets)
local line = "Grüße aus dem Postamt: a line of mostly plain text, with = now and then\r\n"
local text = line:rep(1000):sub(1, 65536)

for _, repeats in ipairs { 1, 256 } do
  run("b64 posthorn, 76-column CRLF lines", octets:rep(repeats), lines)
  run("b64 posthorn, decoded", lines(octets:rep(repeats)), core.base64.decode)
  run("qp posthorn (text)", text:rep(repeats), quoted)
  run("qp posthorn (random bytes)", octets:rep(repeats), quoted)
end
