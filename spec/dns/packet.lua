-- packet.lua - builds DNS messages octet by octet, good and bad ones, for the
-- specs: packet.answer{ id =, name =, type =, records = { { "a.example", "A", "192.0.2.1" } } }
local packet = {}

local types = { A = 1, NS = 2, CNAME = 5, SOA = 6, MX = 15, TXT = 16, AAAA = 28, OPT = 41 }
local rcodes = { NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5 }

function packet.u16(number)
  return string.char(math.floor(number / 256) % 256, number % 256)
end

function packet.u32(number)
  return packet.u16(math.floor(number / 65536)) .. packet.u16(number % 65536)
end

-- "a.example" as labels; a name that is octets already is given as { octets }.
function packet.name(name)
  if type(name) == "table" then return name[1] end
  local out = {}
  for label in name:gmatch("[^.]+") do out[#out + 1] = string.char(#label) .. label end
  return table.concat(out) .. "\0"
end

local function rdata(kind, value)
  if type(value) == "table" then return value[1] end
  if kind == "A" then
    return (value:gsub("(%d+)%.?", function(octet) return string.char(tonumber(octet)) end))
  elseif kind == "AAAA" then -- 32 hexadecimal digits
    return (value:gsub("%x%x", function(octet) return string.char(tonumber(octet, 16)) end))
  end
  return packet.name(value)
end

-- { owner, type, value, ttl, class }; a value of { octets } is taken as it is.
function packet.record(record)
  local owner, kind, value, ttl, class = record[1], record[2], record[3], record[4], record[5]
  local data = rdata(kind, value)
  return packet.name(owner) .. packet.u16(types[kind]) .. packet.u16(class or 1)
    .. packet.u32(ttl or 300) .. packet.u16(#data) .. data
end

function packet.soa(owner, ttl, minimum)
  return { owner, "SOA", { packet.name("ns") .. packet.name("root") .. packet.u32(1):rep(4)
    .. packet.u32(minimum) }, ttl }
end

local function records(list)
  local out = {}
  for i, record in ipairs(list or {}) do out[i] = packet.record(record) end
  return table.concat(out), #out
end

-- counts = { questions, answers, authority, additional } may lie.
function packet.header(fields, counts)
  local flags = (fields.flags or 0x8180) + (fields.ad and 0x20 or 0) + (fields.tc and 0x200 or 0)
    + (rcodes[fields.rcode] or fields.rcode or 0)
  local out = packet.u16(fields.id or 0) .. packet.u16(flags)
  for i = 1, 4 do out = out .. packet.u16((fields.counts or counts)[i]) end
  return out
end

function packet.answer(fields)
  local answers, n = records(fields.records)
  local authority, m = records(fields.authority)
  local additional, k = records(fields.additional)
  local question = ""
  if fields.name then
    question = packet.name(fields.name) .. packet.u16(types[fields.type or "A"]) .. packet.u16(1)
  end
  return packet.header(fields, { fields.name and 1 or 0, n, m, k })
    .. question .. answers .. authority .. additional
end

-- What a question of ours asks: id, name, type, whether it holds an OPT.
function packet.question(octets)
  local labels, at = {}, 13
  while octets:byte(at) ~= 0 do
    local size = octets:byte(at)
    labels[#labels + 1] = octets:sub(at + 1, at + size)
    at = at + size + 1
  end
  local number = octets:byte(at + 1) * 256 + octets:byte(at + 2)
  local kind = number
  for name, value in pairs(types) do if value == number then kind = name end end
  return { id = octets:byte(1) * 256 + octets:byte(2), name = table.concat(labels, "."),
    type = kind, flags = octets:byte(3) * 256 + octets:byte(4), edns = octets:byte(12) == 1,
    size = #octets }
end

-- Numbers that are the same in every run and on every Lua.
function packet.random(seed)
  local state = seed
  return function(n)
    state = (state * 16807) % 2147483647
    return state % n
  end
end

return packet
