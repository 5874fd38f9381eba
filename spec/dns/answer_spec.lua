-- answer_spec.lua - csrc/dns/{name,question,answer}.c
local dns = require "posthorn.dns"
local packet = require "spec.dns.packet"

local function read(fields, name, kind)
  return dns.answer(packet.answer(fields), name or "a.example", kind or "A")
end

local function addresses(answer)
  local out = {}
  for i, record in ipairs(answer.records) do out[i] = record.address end
  return out
end

local function assert_malformed(octets, why)
  local answer, message, failure = dns.answer(octets, "a.example", "A")
  assert.is_nil(answer, why)
  assert.equal("malformed answer", message)
  assert.equal("dns", failure.kind)
  assert.equal("temporary", failure.class)
  assert.equal("lookup", failure.phase)
end

describe("ph_question", function()
  it("asks with RD, AD and a bare OPT of 1232 at its very end", function()
    local octets, id = dns.question("Mail.Example.", "AAAA")
    assert.equal(packet.u16(id) .. "\1\32\0\1\0\0\0\0\0\1" .. "\4mail\7example\0" .. "\0\28\0\1"
      .. "\0\0\41\4\208\0\0\0\0\0\0", octets)
  end)

  it("draws an id for each question (D28)", function()
    local seen, different = {}, 0
    for _ = 1, 64 do
      local _, id = dns.question("a.example", "A")
      if not seen[id] then different = different + 1 end
      seen[id] = true
    end
    assert.is_true(different > 50)
  end)

  it("takes no name that is none (A30)", function()
    local names = { "", ".", "..", "a..b", ".a", "a b", "a\r\nb", "a\0b", "a\\b", "1.2.3.4",
      "10", "a.7", ("x"):rep(64) .. ".example", ("abcdefg."):rep(32), "b\195\188cher.example",
      "a.example.." }
    for _, name in ipairs(names) do
      local octets, message, failure = dns.question(name, "A")
      assert.is_nil(octets, name)
      assert.equal("the host is no domain name", message)
      assert.equal("invalid", failure.kind)
      assert.equal("host", failure.field)
    end
    assert.is_string(dns.question(("x"):rep(63) .. ".example", "A"))
    assert.is_string(dns.question(("abcdefg."):rep(31) .. "abcde", "A")) -- 253 octets
    assert.is_string(dns.question("_submissions._tcp.example", "A"))
    assert.has_error(function() dns.question("a.example", "MX") end)
  end)

  it("writes a name as it is compared", function()
    assert.equal("mail.example.org", dns.name("Mail.EXAMPLE.org."))
    assert.equal("invalid", select(3, dns.name("a b")).kind)
  end)
end)

describe("ph_answer", function()
  it("gives addresses in order, with their TTL and AD", function()
    local answer = read { name = "A.Example", ad = true, records = {
      { "a.EXAMPLE", "A", "192.0.2.1", 60 }, { { "\192\12" }, "A", "192.0.2.2", 30 } } }
    assert.same({ "192.0.2.1", "192.0.2.2" }, addresses(answer))
    assert.equal("NOERROR", answer.rcode)
    assert.is_true(answer.ad)
    assert.is_false(answer.tc)
    assert.equal(30, answer.ttl)
    assert.same({ type = "A", ttl = 60, address = "192.0.2.1" }, answer.records[1])
    assert.is_nil(answer.negative_ttl)
  end)

  it("gives addresses of IPv6", function()
    local answer = read({ name = "a.example", type = "AAAA", records = {
      { "a.example", "AAAA", "20010db8000000000000000000000025" } } }, "a.example", "AAAA")
    assert.same({ "2001:db8::25" }, addresses(answer))
  end)

  it("follows aliases in any order and counts what is theirs alone (D4)", function()
    local answer = read { name = "a.example", records = {
      { "c.example", "A", "192.0.2.3", 500 },
      { "a.example", "A", "192.0.2.66", 500, 3 }, -- class CHAOS
      { "b.example", "CNAME", "c.example", 20 },
      { "x.example", "A", "192.0.2.99" },
      { "a.example", "CNAME", "b.example", 400 },
    } }
    assert.same({ "192.0.2.3" }, addresses(answer))
    assert.equal("c.example", answer.name)
    assert.equal(2, answer.aliases)
    assert.equal(20, answer.ttl)
  end)

  it("follows 16 aliases, not 17, and no loop (A13)", function()
    local records = {}
    for i = 1, 17 do records[i] = { "n" .. (i - 1), "CNAME", "n" .. i } end
    records[18] = { "n17", "A", "192.0.2.1" }
    assert.is_nil(read({ name = "n0", records = records }, "n0"))
    table.remove(records, 1)
    assert.equal(16, read({ name = "n1", records = records }, "n1").aliases)
    assert.is_nil(read { name = "a.example", records = {
      { "a.example", "CNAME", "b.example" }, { "b.example", "CNAME", "a.example" } } })
  end)

  it("tells how long a no is true (RFC 2308, 5)", function()
    local answer = read { name = "a.example", rcode = "NXDOMAIN",
      authority = { packet.soa("example", 3600, 900) } }
    assert.equal("NXDOMAIN", answer.rcode)
    assert.equal(900, answer.negative_ttl)
    assert.equal(0, #answer.records)
    answer = read { name = "a.example", authority = { packet.soa("example", 60, 900) } }
    assert.equal(60, answer.negative_ttl)
  end)

  it("counts a TTL of 2^31 and more as 0 (A28; RFC 2181, 8)", function()
    local answer = read { name = "a.example", records = {
      { "a.example", "A", "192.0.2.1", 2147483648 } } }
    assert.equal(0, answer.ttl)
  end)

  it("reads the upper bits of the code and the extended error", function()
    local answer = read { name = "a.example", rcode = "SERVFAIL", additional = {
      { { "\0" }, "OPT", { "\0\10\0\2xx" .. "\0\15\0\4\0\6no" } } } }
    assert.equal("SERVFAIL", answer.rcode)
    assert.equal(6, answer.ede)
    answer = read { name = "a.example", additional = { { { "\0" }, "OPT", { "" }, 16777216 } } }
    assert.equal("RCODE 16", answer.rcode)
  end)

  it("takes a refusal without a question", function()
    assert.equal("REFUSED", read({ rcode = "REFUSED" }).rcode)
    assert.is_nil(read {})
  end)

  it("writes no octet of a name unescaped (A25)", function()
    local answer = read { name = "a.example", records = {
      { "a.example", "CNAME", { "\4a\r\n.\4$(`\0\0" } } } }
    assert.equal("a\\013\\010\\046.\\036\\040\\096\\000", answer.name)
  end)

  it("is no answer to another question", function()
    local good = { name = "b.example", records = { { "a.example", "A", "192.0.2.1" } } }
    assert_malformed(packet.answer(good), "another name")
    good.name, good.type = "a.example", "AAAA"
    assert_malformed(packet.answer(good), "another type")
    good.type, good.flags = nil, 0x0180
    assert_malformed(packet.answer(good), "a question")
    good.flags = 0x9180
    assert_malformed(packet.answer(good), "another opcode")
  end)
end)

describe("ph_answer on hostile messages (A22, D16)", function()
  local question = "\1a\7example\0\0\1\0\1"
  local fixed = "\0\1\0\1\0\0\0\60"

  local function with(answers, ...)
    return packet.header({ counts = { 1, 1, 0, 0 } }) .. question .. answers .. table.concat { ... }
  end

  it("refuses what is empty, short or cut anywhere", function()
    assert_malformed("")
    assert_malformed(("\0"):rep(11))
    local whole = packet.answer { name = "a.example",
      records = { { "a.example", "CNAME", "b.example" }, { "b.example", "A", "192.0.2.1" } },
      authority = { packet.soa("example", 1, 1) },
      additional = { { { "\0" }, "OPT", { "\0\15\0\2\0\1" } } } }
    assert.is_table(dns.answer(whole, "a.example", "A"))
    for size = 0, #whole - 1 do assert_malformed(whole:sub(1, size), size) end
  end)

  it("refuses pointers that loop, lead forward, into the header or past the end", function()
    assert_malformed(with("\192\27", fixed, "\0\4\1\2\3\4"), "to itself")
    assert_malformed(with("\192\40", fixed, "\0\4\1\2\3\4"), "forward")
    assert_malformed(with("\255\255", fixed, "\0\4\1\2\3\4"), "past the end")
    assert_malformed(with("\192\0", fixed, "\0\4\1\2\3\4"), "the header")
    assert_malformed(with("\1b\192\27", fixed, "\0\4\1\2\3\4"), "a loop with a label")
    assert_malformed(with("\64a\0", fixed, "\0\4\1\2\3\4"), "a label of another kind")
    assert_malformed(with("\192\12", "\0\5\0\1\0\0\0\60", "\0\2\192\39"), "an alias to itself")
    assert_malformed(packet.header({ counts = { 1, 0, 0, 0 } }) .. "\192\12\0\1\0\1", "question")
  end)

  it("follows 16 pointers of one name, not 17", function()
    local function chain(n)
      local records, at = { { "a.example", "A", "192.0.2.1" } }, 12
      local out = packet.header({ counts = { 1, 1, 0, 2 } }) .. question
        .. packet.record(records[1])
      -- An additional record whose RDATA is a ladder of pointers, and whose owner stands on it.
      local ladder, base = {}, #out + 1 + 10
      for i = 1, n do
        ladder[i] = packet.u16(49152 + (i == 1 and at or base + 2 * (i - 2)))
      end
      local rdata = table.concat(ladder)
      out = out .. "\0" .. packet.u16(99) .. packet.u16(1) .. packet.u32(0) .. packet.u16(#rdata)
        .. rdata
      return out .. packet.u16(49152 + base + 2 * (n - 1))
        .. packet.u16(99) .. packet.u16(1) .. packet.u32(0) .. packet.u16(0)
    end
    assert.is_table(dns.answer(chain(15), "a.example", "A"))
    assert_malformed(chain(16))
  end)

  it("refuses counts that the octets do not bear", function()
    for i = 1, 4 do
      local counts = { 1, 0, 0, 0 }
      counts[i] = 65535
      assert_malformed(packet.header({ counts = counts }) .. question, i)
    end
  end)

  it("refuses more than 512 records", function()
    local records = {}
    for i = 1, 512 do records[i] = { { "\192\12" }, "A", "192.0.2.1" } end
    assert.equal(512, #read({ name = "a.example", records = records }).records)
    records[513] = records[1]
    assert.is_nil(read { name = "a.example", records = records })
  end)

  it("refuses RDATA that is too long, too short or overrun by its name", function()
    assert_malformed(with("\192\12", fixed, "\255\255\1\2\3\4"))
    assert_malformed(with("\192\12", fixed, "\0\5\1\2\3\4"))
    assert_malformed(with("\192\12", fixed, "\0\3\1\2\3"))
    assert_malformed(with("\192\12", fixed, "\0\0"))
    assert_malformed(with("\192\12", "\0\5\0\1\0\0\0\60", "\0\2\1b\0"))
    assert_malformed(with("\192\12", "\0\5\0\1\0\0\0\60", "\0\4\1b\0\0"))
  end)

  it("refuses a name over 255 octets", function()
    assert_malformed(with(("\63" .. ("x"):rep(63)):rep(4) .. "\0", fixed, "\0\4\1\2\3\4"))
  end)

  it("is through in bounded time with the worst that fits", function()
    -- 512 aliases, each under a long name, in the order that takes longest.
    local long = ("\63" .. ("y"):rep(63)):rep(3)
    local records = {}
    for i = 1, 200 do
      records[i] = { { "\3" .. ("n%02d"):format(99 - i % 100) .. long .. "\0" }, "CNAME",
        { "\3" .. ("n%02d"):format((100 - i) % 100) .. long .. "\0" } }
    end
    local octets = packet.answer { name = "a.example", records = records }
    local from = os.clock()
    for _ = 1, 10 do dns.answer(octets, "a.example", "A") end
    assert.is_true(os.clock() - from < 0.2)
  end)

  it("bears 20,000 messages changed at random, each in far under a millisecond", function()
    local random = packet.random(20261124)
    local whole = packet.answer { name = "a.example", ad = true,
      records = { { "a.example", "CNAME", { "\1b\192\14" } },
        { { "\1b\192\14" }, "A", "192.0.2.1" }, { { "\192\12" }, "A", "192.0.2.2" } },
      authority = { packet.soa("example", 1, 1) },
      additional = { { { "\0" }, "OPT", { "\0\15\0\2\0\1" } } } }
    local from, read_well = os.clock(), 0
    for _ = 1, 20000 do
      local octets = whole
      for _ = 0, random(3) do
        local at = 1 + random(#octets)
        octets = octets:sub(1, at - 1) .. string.char(random(256)) .. octets:sub(at + 1)
      end
      if random(4) == 0 then octets = octets:sub(1, random(#octets + 1)) end
      local answer, _, failure = dns.answer(octets, "a.example", "A")
      if answer then read_well = read_well + 1 else assert(failure.kind == "dns") end
    end
    assert.is_true(os.clock() - from < 4)
    assert.is_true(read_well > 1000 and read_well < 19000)
  end)
end)
