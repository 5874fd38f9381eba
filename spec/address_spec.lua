-- address_spec.lua - addresses as users read, write and check them.
local address = require "posthorn.address"
local core = require "posthorn.core"
local posthorn = require "posthorn"

describe("posthorn.address.parse", function()
  it("reads names, quoted names, groups and comments", function()
    local list = assert(address.parse(
      'Ada <ada@example.org>, "B, C" <b@c.example> (x (y)), team: d@e.example, f@g.example;'))
    assert.same({
      { name = "Ada", address = "ada@example.org" },
      { name = "B, C", address = "b@c.example" },
      { address = "d@e.example", group = "team" },
      { address = "f@g.example", group = "team" },
    }, list)
  end)

  it("decodes encoded-words in names, never in addresses (row 18)", function()
    local list = assert(address.parse(
      "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?Q?=20=E9?= <a@b.c>"))
    assert.same({ { name = "Grüße é", address = "a@b.c" } }, list)
    list = assert(address.parse("=?utf-8?Q?=40x?=@b.example"))
    assert.equal("=?utf-8?Q?=40x?=@b.example", list[1].address)
  end)

  it("decodes encoded-words in quotation marks, which the world writes", function()
    for text, name in pairs {
      ['"=?utf-8?Q?S=C3=B8ren?=" <a@b.c>'] = "Søren", ['"=?utf-8?B?w7g=?= =?utf-8?Q?x?=" <a@b.c>'] = "øx",
      ['"a =?utf-8?Q?b?= \\"c\\"" <a@b.c>'] = 'a b "c"', ['"=?iso-8859-1?Q?M=FCller, Karl?=" <a@b.c>'] = "Müller, Karl",
      ['"=?nope?Q?a b?=" <a@b.c>'] = "=?nope?Q?a b?=", ['"=?utf-8?Q?a b" <a@b.c>'] = "=?utf-8?Q?a b",
      ['"=?utf-8?Q?=22=2C_=3Cx=40y=3E?=" <a@b.c>'] = '", <x@y>',
    } do
      local list = assert(address.parse(text))
      assert.same({ { name = name, address = "a@b.c" } }, list)
      assert.same(list, address.parse(assert(address.format(list))))
    end
    -- A user's list is literal, and so it is written.
    local m = assert(require("posthorn.message").new { from = '"=?utf-8?Q?x?=" <a@b.example>', seed = "s" })
    assert.equal("=?utf-8?Q?x?=", require("posthorn.parse").parse(m:bytes()):addresses("from")[1].name)
  end)

  it("reads obsolete forms", function()
    local list = assert(address.parse(
      ", A. Person\r\n <@x.example,@y.example:a . b @ c . example>,"))
    assert.same({ { name = "A. Person", address = "a.b@c.example" } }, list)
    list = assert(address.parse("<@[IPv6:2001:db8::1], , @y.example (relay) :a@[ 192.0.2.1\r\n ]>"))
    assert.same({ { address = "a@[192.0.2.1]" } }, list)
    assert.same({}, assert(address.parse("undisclosed-recipients:;")))
    assert.same({}, assert(address.parse("")))
  end)

  it("gives what is no list back as invalid", function()
    for _, text in ipairs { "a", "a@", "@b", "a@b c@d", "a@b <c@d>", "<a@b", "a@b>", "a@b, (",
      '"a@b', "<@x.example>", "<@x.example a@b>", "<@x.example@y.example:a@b>", "<@:a@b>",
      "x: y: a@b;;", "a@b\r\nBcc: c@d", "a\0@b.c", '"a\nb"@c.d', '"a\\\rb"@c.d', "a@[x]",
      "a@b..c" } do
      local list, message, failure = address.parse(text)
      assert.is_nil(list, text)
      assert.equal("string", type(message))
      assert.equal("invalid", failure.kind)
    end
    assert.is_nil((address.parse(true)))
    assert.is_nil((address.parse(nil)))
  end)
end)

describe("posthorn.address.format", function()
  it("writes names as atoms, quoted, or as encoded-words", function()
    assert.equal("Ada L <a@b.c>", address.format { name = "Ada L", address = "a@b.c" })
    assert.equal('"A, \\"B\\"" <a@b.c>', address.format { name = 'A, "B"', address = "a@b.c" })
    assert.equal("a@b.c, =?utf-8?B?U8O4cmVu?= <s@d.e>",
      address.format { "a@b.c", { name = "Søren", address = "s@d.e" } })
    assert.equal("g: a@b.c, d@e.f;, h@i.j", address.format {
      { address = "a@b.c", group = "g" }, { address = "d@e.f", group = "g" }, "h@i.j" })
  end)

  it("takes exactly one mailbox for each, and names the one it refuses", function()
    local cases = {
      { { address = "a@b.c, d@e.f" }, "address[1]" },
      { { "a@b.c", { address = "A <a@b.c>" } }, "address[2]" },
      { { address = true }, "address[1].address" },
      { { name = {}, address = "a@b.c" }, "address[1].name" },
      { { name = "a\r\nBcc: x@y.z", address = "a@b.c" }, "address[1]" },
      { { name = "a", address = "a@b.c\r\n" }, "address[1]" },
      { { 7 }, "address[1]" },
      { 7, "address" },
    }
    for _, case in ipairs(cases) do
      local text, _, failure = address.format(case[1])
      assert.is_nil(text)
      assert.equal("invalid", failure.kind)
      assert.equal(case[2], failure.field)
    end
  end)

  it("takes no literal text for an encoded-word (row 6)", function()
    local name = "=?utf-8?q?=0D=0ABcc:_x?="
    local text = address.format { name = name, address = "a@b.c" }
    assert.is_nil(text:find("0D", 1, true))
    assert.equal(name, address.parse(text)[1].name)
  end)
end)

describe("posthorn.address.valid", function()
  it("takes bare mailboxes", function()
    for _, text in ipairs { "a@b.example", "a+b@c", '"a b"@c.example', '"a@b"@c.example',
      '""@c.example',
      "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "user%host@relay.example", "ü@bücher.example",
      ("a"):rep(64) .. "@b.example" } do
      assert.is_true(address.valid(text), text)
    end
  end)

  it("refuses all else (rows 2, 16, 18, 20; E1, E2, E9)", function()
    for _, text in ipairs { "", "a", "@b", "a@", "a b@c", " a@b", "a@b ", "<a@b>", "A <a@b>",
      "(c)a@b", "a(c)@b",
      "a@b,c@d", "g:a@b;", "<@x:a@b>", ".a@b", "a.@b", "a..b@c", '"a"b@c', 'a."b"@c', "a@b.",
      "a@-b", "a@1.2.3.4",
      "a@b>\r\nRCPT TO:<c@d", '"a\r\nb"@c', '"a\\\nb"@c', '"a\0b"@c', '"a\tb"@c', "a\127@b",
      "a@b\226\128\139.c",
      "a\226\128\174@b.c", "a\239\187\191@b.c", "a@e\239\188\142com", "a@\226\132\170.example",
      "\255@b.c",
      ("a"):rep(65) .. "@b.example", "a@" .. ("b"):rep(64), "a@" .. ("b."):rep(126) .. "bb" } do
      assert.is_false(address.valid(text), text)
    end
    assert.is_false(address.valid(nil))
    assert.is_false(address.valid {})
  end)

  it("refuses every control at every place", function()
    local text = '"a b"@c.example'
    for code = 0, 32 do
      local octet = string.char(code == 32 and 127 or code)
      for at = 0, #text do
        assert.is_false(address.valid(text:sub(1, at) .. octet .. text:sub(at + 1)))
      end
    end
  end)
end)

describe("ph_address", function()
  local letters = { "a", "B", ".", '"', "\\", " ", "@", "(", ",", "<", "ü", "+", "漢", ";",
    ":", "=?" }

  local function draw(random, most)
    local parts = {}
    for i = 1, random(0, most) do
      parts[i] = letters[random(1, #letters)]
    end
    return table.concat(parts)
  end

  it("reads what it wrote: parse(write(a)) == a", function()
    local seed = 7
    local function random(low, high)
      seed = (seed * 16807) % 2147483647
      return low + seed % (high - low + 1)
    end
    for _ = 1, 2000 do
      local name, inner = draw(random, 12), draw(random, 10)
      local spec = '"' .. inner:gsub('[\\"]', "\\%0") .. '"@example.org'
      local text = assert(address.format { name = name, address = spec })
      local list = assert(address.parse(text))
      assert.equal(1, #list)
      assert.equal(name, list[1].name or "")
      assert.equal(core.bare_address(spec), list[1].address)
      assert.equal(list[1].address, core.bare_address(list[1].address))
      local folded = assert(core.fold.encode("To", text))
      assert.same(list, address.parse(folded:sub(5, -3)))
    end
  end)

  it("survives any octets, and a list it takes is written as it was read", function()
    local seed = 11
    local alphabet = 'ab@.,:;<>()[]"\\ \r\n=?Q_\255'
    for _ = 1, 3000 do
      local parts = {}
      for i = 1, 24 do
        seed = (seed * 16807) % 2147483647
        local at = seed % #alphabet + 1
        parts[i] = alphabet:sub(at, at)
      end
      local list = address.parse(table.concat(parts))
      local text = list and address.format(list)
      if text then
        assert.equal(text, address.format(assert(address.parse(text))))
      end
    end
  end)

  -- The least of several runs, each of some milliseconds.
  local function seconds(text, read)
    local least = math.huge
    for _ = 1, 3 do
      collectgarbage()
      collectgarbage("stop")
      local start = os.clock()
      read(text)
      least = math.min(least, os.clock() - start)
      collectgarbage("restart")
    end
    return least
  end

  -- Twice the octets take at most 2.3 times as long; for what is over in no time (refused at its
  -- first octets) there is nothing to measure.
  local function check_linear(name, make, read)
    it("takes time in proportion: " .. name .. " (row 20)", function()
      local ratio
      for _ = 1, 5 do
        local one, two = seconds(make(100000), read), seconds(make(200000), read)
        ratio = two / math.max(one, 0.0002)
        if ratio <= 2.3 then break end
      end
      assert.is_true(ratio <= 2.3, tostring(ratio))
    end)
  end

  local function repeated(piece, behind)
    return function(size)
      return piece:rep(math.floor(size / #piece)) .. (behind or "")
    end
  end

  for _, piece in ipairs { "(", "()", "a(", '"', '""', '"\\', "<", "\\", ",", ";", "g:", "g:;", "a@", "a@b.c,", "@b,",
    "@b:", "=?", "=?a?q?", "a ", "a.", "a,(", "=?utf-8?Q?a?= ", "ü", "\r\n ", "[" } do
    check_linear(core.printable(piece), repeated(piece), address.parse)
    check_linear(core.printable(piece) .. ", then a mailbox", repeated(piece, " <a@b.example>"), address.parse)
  end
  check_linear("a bare mailbox", repeated("a.", "a@b.example"), address.valid)
  check_linear("comments in comments", function(size)
    local half = math.floor(size / 2)
    return ("("):rep(half) .. (")"):rep(half) .. "a@b.example"
  end, address.parse)
  check_linear("a route", function(size)
    return "<" .. ("@b.c,"):rep(math.floor(size / 5)) .. ":a@b.example>"
  end, address.parse)
  check_linear("a name to be written", repeated("ü "), function(text)
    address.format { name = text, address = "a@b.example" }
  end)
end)

describe("vectors", function()
  local vectors = require "spec.codec.vectors"

  for _, vector in ipairs(vectors "address") do
    it("of " .. vector[1] .. ": " .. core.printable(vector[2]), function()
      local expected = {}
      for i = 3, #vector, 3 do
        local function field(k) return vector[k] ~= "" and vector[k] or nil end
        expected[#expected + 1] = {
          name = field(i), address = vector[i + 1], group = field(i + 2),
        }
      end
      local list = assert(address.parse(vector[2]))
      assert.same(expected, list)
      assert.same(expected, assert(address.parse(assert(address.format(list)))))
    end)
  end

  for _, vector in ipairs(vectors "address_refused") do
    local why, text, where = vector[1], vector[2], vector[3]
    it("refused, " .. why .. ": " .. core.printable(text), function()
      local list, _, failure = address.parse(text)
      assert.equal(where == "all", list == nil)
      assert.is_true(not failure or failure.kind == "invalid")
      assert.is_false(address.valid(text))
      local fields = { from = "a@b.example", to = { { address = text } }, text = "x" }
      for _, envelope in ipairs { false, { from = "", to = { text } } } do
        if envelope then fields.to = "c@d.example" end
        local result, _, refused = posthorn.transport("capture:")
          :send(fields, { envelope = envelope or nil })
        assert.is_nil(result)
        assert.equal("invalid", refused.kind)
        assert.equal(envelope and "envelope.to[1]" or "to[1]", refused.field)
      end
    end)
  end
end)
