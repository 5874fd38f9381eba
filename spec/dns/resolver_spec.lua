-- resolver_spec.lua - csrc/dns/{channel,resolver}.c: the machine, fed by hand.
local dns = require "posthorn.dns"
local packet = require "spec.dns.packet"

local function resolver(options)
  options = options or {}
  options.servers = options.servers or { { ip = "192.0.2.53" } }
  return dns.resolver(options)
end

-- The events that wait, as one line each; what was sent last.
local function events(machine)
  local out, sent, value = {}, nil, nil
  while true do
    local event, a, b, c, d = machine:next()
    if not event then return out, sent, value end
    if event == "send" then
      sent, b = b, nil
    elseif event == "answer" or event == "failed" then
      value, a = a, nil
    end
    local line = { event, a, b, c, d }
    for i = 1, 5 do line[i] = line[i] and tostring(line[i]) or nil end
    out[#out + 1] = table.concat(line, " ")
  end
end

local function reply(question, fields)
  local asked = packet.question(question)
  fields.id, fields.name, fields.type = fields.id or asked.id, fields.name or asked.name, asked.type
  return packet.answer(fields)
end

local one = { { "a.example", "A", "192.0.2.1" } }

-- Waits for the clock of c-ares without a loop that burns.
local function expire(machine)
  local seconds = machine:deadline()
  os.execute(("sleep %.3f"):format(seconds))
  machine:expire()
end

describe("ph_resolver", function()
  it("asks over UDP and gives the answer", function()
    local machine = resolver()
    assert.is_true(machine:ask("A.example", "A"))
    local happened, question = events(machine)
    assert.same({ "open 1 udp 192.0.2.53 53", "send 1" }, happened)
    local asked = packet.question(question)
    assert.same({ "a.example", "A", 0x120, true },
      { asked.name, asked.type, asked.flags, asked.edns })
    local seconds, number = machine:deadline()
    assert.is_true(seconds > 1.5 and seconds <= 2.1)
    assert.equal(1, number)
    machine:feed(1, reply(question, { records = one, ad = true }))
    local answer
    happened, question, answer = events(machine)
    assert.same({ "close 1", "answer" }, happened)
    assert.equal("192.0.2.1", answer.records[1].address)
    assert.is_true(answer.ad)
    assert.same({ "192.0.2.53", 53 }, { answer.ip, answer.port })
    assert.is_nil(question)
    assert.is_nil(machine:deadline())
    assert.is_nil(machine:next())
  end)

  it("may be asked again and again, each time with another id", function()
    local machine, ids = resolver { servers = { { ip = "2001:db8::53", port = 5353 } } }, {}
    for i = 1, 20 do
      machine:ask("a.example", "AAAA")
      local happened, question = events(machine)
      assert.equal(("open %d udp 2001:db8::53 5353"):format(i), happened[1])
      ids[packet.question(question).id] = true
      machine:feed(i, reply(question, { rcode = "NXDOMAIN" }))
      local _, _, answer = events(machine)
      assert.equal("NXDOMAIN", answer.rcode)
    end
    local different = 0
    for _ in pairs(ids) do different = different + 1 end
    assert.is_true(different > 15)
  end)

  it("passes over a wrong id, a wrong question and rubbish (A21)", function()
    local machine = resolver()
    machine:ask("a.example", "A")
    local _, question = events(machine)
    local id = packet.question(question).id
    machine:feed(1, reply(question, { id = (id + 1) % 65536, records = one }))
    machine:feed(1, reply(question, { name = "b.example", records = one }))
    machine:feed(1, "")
    machine:feed(7, reply(question, { records = one }))
    machine:feed(-1, reply(question, { records = one }))
    machine:closed(7)
    assert.same({}, (events(machine)))
    machine:feed(1, reply(question, { records = one }))
    assert.equal("answer", events(machine)[2])
  end)

  it("is not ended by a datagram without a header", function()
    local machine = resolver()
    machine:ask("a.example", "A")
    local _, question = events(machine)
    machine:feed(1, ("x"):rep(11))
    -- c-ares 1.34 asks anew from another socket.
    local more, again = events(machine)
    machine:feed(#more > 0 and 2 or 1, reply(again or question, { records = one }))
    local happened = events(machine)
    assert.equal("answer", happened[#happened])
  end)

  it("goes to the next server after SERVFAIL and REFUSED, once each", function()
    local machine = resolver { servers = { { ip = "192.0.2.1" }, { ip = "192.0.2.2" },
      { ip = "192.0.2.3" } } }
    machine:ask("a.example", "A")
    local _, question = events(machine)
    machine:feed(1, reply(question, { rcode = "SERVFAIL" }))
    local happened, answer
    happened, question = events(machine)
    assert.same({ "close 1", "open 2 udp 192.0.2.2 53", "send 2" }, happened)
    machine:feed(2, reply(question, { rcode = "REFUSED" }))
    happened, question = events(machine)
    assert.same({ "close 2", "open 3 udp 192.0.2.3 53", "send 3" }, happened)
    machine:feed(3, reply(question, { rcode = "REFUSED", additional = {
      { { "\0" }, "OPT", { "\0\15\0\2\0\18" } } } }))
    happened, question, answer = events(machine)
    assert.same({ "close 3", "answer" }, happened)
    assert.is_nil(question)
    assert.same({ "REFUSED", 18, "192.0.2.3" }, { answer.rcode, answer.ede, answer.ip })
  end)

  it("asks a silent server anew in each round, and says who was silent", function()
    local machine = resolver { timeout = 0.02, tries = 2, servers = { { ip = "192.0.2.1" },
      { ip = "192.0.2.2" } } }
    machine:ask("a.example", "A")
    local seen = {}
    for i = 1, 4 do
      local happened = events(machine)
      seen[i] = happened[#happened - 1]
      assert.equal(i, (select(2, machine:deadline())))
      expire(machine)
    end
    assert.same({ "open 1 udp 192.0.2.1 53", "open 2 udp 192.0.2.2 53", "open 3 udp 192.0.2.1 53",
      "open 4 udp 192.0.2.2 53" }, seen)
    local failure = select(3, events(machine))
    assert.same({ "timeout", "lookup", "temporary" },
      { failure.kind, failure.phase, failure.class })
    assert.equal("no name server answered in time", tostring(failure))
  end)

  it("keeps SERVFAIL as its answer when the other server is silent", function()
    local machine = resolver { timeout = 0.02, tries = 1, servers = { { ip = "192.0.2.1" },
      { ip = "192.0.2.2" } } }
    machine:ask("a.example", "A")
    machine:feed(1, reply(select(2, events(machine)), { rcode = "SERVFAIL" }))
    events(machine)
    expire(machine)
    assert.equal("SERVFAIL", select(3, events(machine)).rcode)
  end)

  it("takes a socket that broke for a server that cannot be reached", function()
    local machine = resolver { tries = 2 }
    machine:ask("a.example", "A")
    events(machine)
    machine:closed(1)
    assert.same({ "close 1", "open 2 udp 192.0.2.53 53", "send 2" }, (events(machine)))
    machine:closed(2)
    local failure = select(3, events(machine))
    assert.same({ "dns", "no name server could be reached" }, { failure.kind, tostring(failure) })
  end)

  it("says malformed of an answer that cannot be read (A22)", function()
    local machine, failure = resolver { tries = 1 }, nil
    machine:ask("a.example", "A")
    for socket = 1, 3 do -- c-ares 1.34 reads it too, and asks anew
      local _, question, value = events(machine)
      failure = value
      if value then break end
      machine:feed(socket, reply(question, { records = {
        { { "\192\12" }, "A", { "\1\2\3" } } } }))
    end
    assert.equal("dns", failure.kind)
    if dns.version():find("^1%.1") then
      assert.equal("the name server gave a malformed answer", tostring(failure))
    end
  end)

  it("fetches over TCP what UDP could not hold, however it is cut", function()
    for _, step in ipairs { 1, 2, 3, 7, 10000 } do
      local machine = resolver()
      machine:ask("a.example", "A")
      local _, question = events(machine)
      machine:feed(1, reply(question, { tc = true }))
      local happened, stream = events(machine)
      assert.same({ "open 2 tcp 192.0.2.53 53", "send 2" },
        { happened[1], happened[#happened] })
      assert.equal(packet.u16(#stream - 2), stream:sub(1, 2))
      assert.equal("a.example", packet.question(stream:sub(3)).name)
      local octets = reply(stream:sub(3), { records = one })
      octets = packet.u16(#octets) .. octets
      for at = 1, #octets, step do machine:feed(2, octets:sub(at, at + step - 1)) end
      local answer
      happened, stream, answer = events(machine)
      assert.equal("answer", happened[#happened])
      assert.equal("192.0.2.1", answer.records[1].address)
      assert.is_nil(stream)
    end
  end)

  it("is temporary when TCP is refused, or ends early (A23)", function()
    for _, before in ipairs { "", "\0", "\0\60abc", "\0\0", "\255\255" } do
      local machine = resolver { tries = 1 }
      machine:ask("a.example", "A")
      machine:feed(1, reply(select(2, events(machine)), { tc = true }))
      events(machine)
      machine:feed(2, before)
      machine:closed(2)
      local failure = select(3, events(machine))
      assert.same({ "dns", "temporary" }, { failure.kind, failure.class })
    end
  end)

  it("asks without EDNS a server that does not know it (A24)", function()
    local machine = resolver()
    machine:ask("a.example", "A")
    local _, first = events(machine)
    machine:feed(1, reply(first, { rcode = "FORMERR" }))
    local happened, second = events(machine)
    assert.same({ "send 1" }, happened)
    assert.is_false(packet.question(second).edns)
    assert.equal(27, #second)
    machine:feed(1, reply(second, { records = one }))
    assert.equal("NOERROR", select(3, events(machine)).rcode)
  end)

  it("bears datagrams changed at random", function()
    local random, ended = packet.random(77), 0
    local machine = resolver { tries = 1 }
    for _ = 1, 2000 do
      machine:ask("a.example", "A")
      local socket, question
      while true do
        local event, id, octets = machine:next()
        if not event then break end
        if event == "send" then socket, question = id, octets end
      end
      local octets = reply(question, { records = one, tc = random(9) == 0 })
      for _ = 1, random(3) do
        local at = 3 + random(#octets - 2)
        octets = octets:sub(1, at - 1) .. string.char(random(256)) .. octets:sub(at + 1)
      end
      machine:feed(socket, octets)
      machine:feed(socket + random(2), octets)
      local value = select(3, events(machine))
      if value then ended = ended + 1 end
    end
    assert.is_true(ended > 500)
  end)

  it("refuses a malformed name before anything is sent (A30)", function()
    local machine = resolver()
    for _, name in ipairs { "", "a b", "a\r\n.example", "a..b", "1.2.3.4", "a\0" } do
      local ok, message, failure = machine:ask(name, "A")
      assert.is_nil(ok)
      assert.equal("the host is no domain name", message)
      assert.equal("host", failure.field)
      assert.is_nil(machine:next())
    end
  end)

  it("ends quietly whenever it is closed", function()
    local machine = resolver()
    assert.equal("posthorn.resolver (open)", tostring(machine))
    machine:ask("a.example", "A")
    machine:close()
    machine:close()
    assert.equal("posthorn.resolver (closed)", tostring(machine))
    assert.has_error(function() machine:next() end, "the resolver was closed")
    machine = resolver()
    machine:ask("a.example", "A")
    machine:feed(1, reply(select(2, events(machine)), { tc = true }))
    machine:ask("b.example", "A") -- gives up the other question
    assert.equal("b.example", packet.question(select(2, events(machine))).name)
    collectgarbage()
  end)

  it("tells misuse by the option's name", function()
    for name, options in pairs { servers = {}, tries = { servers = { { ip = "::1" } }, tries = 0 },
      timeout = { servers = { { ip = "::1" } }, timeout = 0 }, nonsense = { nonsense = 1 } } do
      local ok, message = pcall(dns.resolver, options)
      assert.is_false(ok)
      assert.matches("'" .. name .. "'", message)
    end
    for _, server in ipairs { { ip = "a.example" }, { ip = "::1", port = 0 }, { port = 53 }, 5 } do
      assert.is_false((pcall(dns.resolver, { servers = { server } })))
    end
  end)
end)
