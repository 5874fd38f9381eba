-- engine_spec.lua - csrc/tls/engine.c: a TLS connection as a machine.
local tls = require "posthorn.tls"
local test = require "posthorn.test"
local pair = require "spec.tls.pair"

local cuts = {
  whole = pair.cuts.whole,
  ["byte by byte"] = pair.cuts.octets,
  ["cut at random"] = pair.random_cut(7, 90),
  ["cut at random, coarsely"] = pair.random_cut(11, 4000),
}

-- Two engines after their handshake, a machine behind each.
local function open(options, cut)
  local client, server = pair.client(options), pair.server()
  local mine, theirs = pair.shake(client, server, cut)
  assert.equal("secured", mine[1])
  assert.equal("secured", theirs[1])
  local a, b = test.echo(), test.echo()
  assert.is_true(client:attach(a:machine()))
  assert.is_true(server:attach(b:machine()))
  return { client = client, server = server, a = a, b = b }
end

-- Octets that repeat with no power of two.
local function pattern(size)
  local parts = {}
  for i = 1, 251 do
    parts[i] = string.char((i * 97) % 256)
  end
  local once = table.concat(parts)
  return once:rep(math.floor(size / #once) + 1):sub(1, size)
end

local function failed(engine)
  local event, failure = engine:next()
  assert.equal("failed", event)
  assert.is_true(engine:pending())
  assert.equal("failed", (engine:next()))
  assert.is_nil((engine:deadline()))
  return failure
end

-- The lengths of the records in ciphertext, with their headers.
local function records(bytes)
  local lengths, at = {}, 1
  while at <= #bytes do
    local high, low = bytes:byte(at + 3, at + 4)
    lengths[#lengths + 1] = 5 + high * 256 + low
    at = at + lengths[#lengths]
  end
  return lengths
end

describe("ph_engine", function()
  for how, cut in pairs(cuts) do
    it("shakes hands and carries octets both ways, " .. how, function()
      local it = open(nil, cut)
      it.a:say("EHLO there\r\n")
      it.b:say("250 here\r\n")
      pair.run(it.client, it.server, cut)
      assert.equal("250 here\r\n", it.a:heard())
      assert.equal("EHLO there\r\n", it.b:heard())
      assert.equal(12, it.a:consumed())
      assert.equal(10, it.b:consumed())
    end)
  end

  it("carries 4 MiB each way, octet for octet, in writes of some 64 KiB", function()
    local it = open()
    local there, back = pattern(4 * 1024 * 1024), pattern(4 * 1024 * 1024 + 1):sub(2)
    it.a:say(there)
    it.b:say(back)
    local first = it.client:output()
    assert.is_true(#first > 65536 and #first < 66 * 1024)
    assert.equal(4, #records(first))
    pair.run(it.client, it.server)
    assert.is_true(it.b:heard() == there)
    assert.is_true(it.a:heard() == back)
    assert.equal(#there, it.a:consumed())
  end)

  it("carries much in small pieces", function()
    local it = open()
    local there = pattern(300000)
    it.a:say(there)
    pair.run(it.client, it.server, pair.random_cut(5, 3000))
    assert.is_true(it.b:heard() == there)
  end)

  it("says nothing but what was asked: one octet makes one record", function()
    local it = open()
    assert.equal("", it.client:output())
    it.a:say("x")
    assert.equal(1, #records(it.client:output()))
  end)

  describe("consuming", function()
    it("counts octets as handed over only with the whole record (S17, D28, D29)", function()
      local it = open()
      it.a:say(pattern(40000))
      local cipher = it.client:output()
      local lengths = records(cipher)
      assert.same(3, #lengths)
      local plain = { 16384, 16384, 40000 - 2 * 16384 }
      local expected, at, next_end = 0, 0, lengths[1]
      local index = 1
      while at < #cipher do
        -- By single octets around the ends of the records, else faster.
        local step = math.max(1, math.min(997, next_end - at - 3))
        it.client:consume(step)
        at = at + step
        if at == next_end then
          expected = expected + plain[index]
          index = index + 1
          next_end = next_end + (lengths[index] or 0)
        end
        assert.equal(expected, it.a:consumed())
      end
      assert.equal(40000, it.a:consumed())
    end)

    it("seals nothing more while sealed octets wait", function()
      local it = open()
      it.a:say("QUIT\r\n")
      local cipher = it.client:output()
      it.a:say("NOOP\r\n")
      assert.equal(cipher, it.client:output())
      it.client:consume(#cipher - 1)
      assert.equal(cipher:sub(-1), it.client:output())
      assert.equal(0, it.a:consumed())
      it.client:consume(1)
      assert.equal(6, it.a:consumed())
      assert.not_equal("", it.client:output())
    end)

    it("still tells of what was handed over before a failure came", function()
      local it = open()
      it.a:say("the dot")
      local cipher = it.client:output()
      -- A driver is writing that when the peer's garbage arrives.
      it.client:feed("garbage that is no record")
      assert.equal("", it.client:output())
      assert.equal(0, it.a:consumed())
      it.client:consume(#cipher)
      assert.equal(7, it.a:consumed())
    end)

    it("does not count what a failure kept from leaving (D29)", function()
      local it = open()
      it.a:say("the dot")
      local cipher = it.client:output()
      it.client:consume(#cipher - 1)
      it.client:feed("garbage that is no record")
      assert.equal("", it.client:output())
      assert.equal(0, it.a:consumed())
      assert.equal("tls", failed(it.client).kind)
    end)

    it("takes no count beyond what there is", function()
      local it = open()
      it.client:consume(1000)
      it.a:say("x")
      it.client:output()
      it.client:consume(1000000)
      assert.equal(1, it.a:consumed())
    end)
  end)

  describe("attaching", function()
    it("holds what came behind the handshake until then", function()
      local client, server = pair.client(), pair.server()
      local b = test.echo()
      pair.carry(client, server)
      pair.carry(server, client)
      assert.equal("secured", (client:next()))
      pair.carry(client, server)
      assert.equal("secured", (server:next()))
      server:attach(b:machine())
      b:say("220 ready\r\n")
      pair.carry(server, client)
      server:shutdown()
      pair.carry(server, client)
      client:feed_eof()
      local a = test.echo()
      assert.equal(0, a:feeds())
      client:attach(a:machine())
      assert.equal("220 ready\r\n", a:heard())
      assert.equal(1, a:ends())
    end)

    it("tells of an end that came before", function()
      local client, server = pair.client(), pair.server()
      pair.shake(client, server)
      client:feed_eof()
      assert.equal("closed", (client:next()))
      local a = test.echo()
      client:attach(a:machine())
      assert.equal(1, a:ends())
    end)

    it("holds a bounded amount", function()
      local client, server = pair.client(), pair.server()
      pair.shake(client, server)
      local b = test.echo()
      server:attach(b:machine())
      b:say(pattern(256 * 1024))
      while pair.carry(server, client) do end
      local failure = failed(client)
      assert.equal("limit", failure.kind)
      assert.equal("tls", failure.phase)
    end)

    it("raises before the handshake is done, a second time, and for what is closed", function()
      local client = pair.client()
      assert.error_matches(function() client:attach(test.echo():machine()) end, "secured")
      local it = open()
      assert.error_matches(function() it.client:attach(it.b:machine()) end, "once")
      local closed = test.echo()
      local machine = closed:machine()
      closed:close()
      client = pair.client()
      pair.shake(client, pair.server())
      assert.error_matches(function() client:attach(machine) end, "closed")
      assert.error_matches(function() client:attach(client:machine()) end, "own")
      assert.error_matches(function() client:attach({}) end, "machine")
    end)

    it("keeps the machine alive, and stands its end", function()
      local it = open()
      it.a:say("x")
      it.a = nil
      collectgarbage()
      collectgarbage()
      pair.run(it.client, it.server)
      assert.equal("x", it.b:heard())
      it.b:close()
      it = { client = it.client, server = it.server }
      assert.is_false(it.server:pending())
      assert.equal("", it.server:output())
      assert.is_nil((it.server:deadline()))
      it.server:expire()
      assert.is_true(it.server:feed_eof())
    end)

    it("passes on the machine's events, waits and errors", function()
      local it = open()
      assert.is_false(it.client:pending())
      it.a:set_pending(true)
      assert.is_true(it.client:pending())
      it.a:set_deadline(12.5, 3)
      local seconds, number = it.client:deadline()
      assert.equal(12.5, seconds)
      assert.equal(3, number)
      it.client:expire()
      assert.equal(1, it.a:expiries())
      it.a:set_deaf(true)
      it.b:say(pattern(40000))
      assert.is_false(it.client:feed(it.server:output()))
      assert.equal(1, it.a:feeds())
      assert.is_nil((it.client:next()))
    end)
  end)

  describe("ending", function()
    it("passes an end without close_notify to the machine (T7)", function()
      local it = open()
      it.a:set_pending(true)
      assert.is_true(it.client:feed_eof())
      assert.is_true(it.client:feed_eof())
      assert.equal(1, it.a:ends())
      assert.equal("closed", (it.client:next()))
      assert.is_nil((it.client:next()))
    end)

    it("passes a close_notify to the machine, once, after what came before it", function()
      local it = open()
      it.b:say("221 bye\r\n")
      local bye = it.server:output()
      it.server:consume(#bye)
      assert.is_true(it.server:shutdown())
      assert.is_false(it.server:shutdown())
      bye = bye .. it.server:output()
      it.server:consume(1000)
      it.client:feed(bye .. "whatever follows does not count")
      assert.equal("221 bye\r\n", it.a:heard())
      assert.equal(1, it.a:ends())
      it.client:feed("nor does this")
      it.client:feed_eof()
      assert.equal(1, it.a:ends())
      assert.equal("closed", (it.client:next()))
    end)

    it("seals nothing more after its own close_notify", function()
      local it = open()
      assert.is_true(it.client:shutdown())
      it.a:say("x")
      pair.run(it.client, it.server)
      assert.equal("", it.b:heard())
      assert.equal(1, it.b:ends())
      it.b:say("y")
      pair.run(it.client, it.server)
      assert.equal("y", it.a:heard())
    end)

    it("keeps quiet where sealed octets would leave with it", function()
      local it = open()
      it.a:say("\r\n.\r\n")
      it.client:output()
      assert.is_false(it.client:shutdown())
      assert.is_false(pair.client():shutdown())
    end)
  end)

  describe("a handshake that fails", function()
    local function refused(feed)
      local client = pair.client()
      client:output()
      feed(client)
      local failure = failed(client)
      assert.equal("tls", failure.kind)
      assert.equal("tls", failure.phase)
      assert.equal("temporary", failure.class)
      assert.is_nil(failure.enhanced)
      assert.is_false(client:feed("more"))
      assert.is_false(client:feed_eof())
      return failure
    end

    it("at the end of the stream (C5)", function()
      local failure = refused(function(client) client:feed_eof() end)
      assert.match("closed the connection during the TLS handshake", failure.message)
      refused(function(client)
        client:feed("\22\3\3\0\80")
        client:feed_eof()
      end)
    end)

    it("at text that is no TLS (C4)", function()
      local failure = refused(function(client) client:feed("250-evil\r\n250 AUTH PLAIN\r\n") end)
      assert.match("wrong version number", failure.message)
    end)

    it("at an alert", function()
      local failure = refused(function(client) client:feed("\21\3\3\0\2\2\40") end)
      assert.match("alert handshake failure", failure.message)
    end)

    it("at any cut, followed by garbage or an end, and never hangs", function()
      local server = pair.server()
      local client = pair.client()
      pair.carry(client, server)
      local flight = server:output()
      for at = 0, #flight - 1, 41 do
        refused(function(other)
          other:feed(flight:sub(1, at))
          other:feed(("\255"):rep(20000))
        end)
        refused(function(other)
          other:feed(flight:sub(1, at))
          other:feed_eof()
        end)
      end
    end)

    it("when the server speaks TLS 1.1 or 1.0 only (C9)", function()
      for version = 1, 2 do
        local hello = "\3" .. string.char(version) .. ("r"):rep(32) .. "\0\192\19\0"
        local failure = refused(function(client)
          client:feed("\22\3" .. string.char(version) .. "\0" .. string.char(#hello + 4)
            .. "\2\0\0" .. string.char(#hello) .. hello)
        end)
        assert.match("unsupported protocol", failure.message)
      end
    end)

    it("when the client speaks TLS 1.1 or 1.0 only (C9)", function()
      for version = 1, 2 do
        local hello = "\3" .. string.char(version) .. ("r"):rep(32) .. "\0\0\4\192\19\0\47\1\0"
        local server = pair.server()
        server:feed("\22\3\1\0" .. string.char(#hello + 4) .. "\1\0\0" .. string.char(#hello)
          .. hello)
        assert.match("unsupported protocol", failed(server).message)
      end
    end)

    it("leaves its alert for the peer", function()
      local client = pair.client()
      client:consume(#client:output())
      client:feed("\22\3\3\0\4\14\0\0\0") -- a ServerHelloDone, out of place
      local alert = client:output()
      assert.equal(21, alert:byte(1))
      client:consume(#alert)
      assert.equal("", client:output())
    end)

    it("when it takes too long: one deadline for all of it (C6)", function()
      local client, server = pair.client { timeout = 12 }, pair.server()
      local seconds, number = client:deadline()
      assert.equal(12, seconds)
      pair.carry(client, server)
      for piece in pair.random_cut(3, 200)(server:output():sub(1, -2)) do
        client:feed(piece)
        assert.same({ 12, number }, { client:deadline() })
      end
      client:expire()
      local failure = failed(client)
      assert.equal("timeout", failure.kind)
      assert.equal("tls", failure.phase)
      assert.equal("temporary", failure.class)
    end)

    it("has 60 seconds by default, and its wait has a number of its own", function()
      local it = open()
      it.a:set_deadline(300, 1)
      local seconds, number = pair.client():deadline()
      assert.equal(60, seconds)
      assert.is_true(number ~= select(2, it.client:deadline()))
    end)
  end)

  describe("a connection that breaks", function()
    it("by an altered record", function()
      local it = open()
      it.b:say("250 ok\r\n")
      local cipher = it.server:output()
      it.client:feed(cipher:sub(1, -2) .. string.char((cipher:byte(-1) + 1) % 256))
      local failure = failed(it.client)
      assert.equal("tls", failure.kind)
      assert.equal("tls", failure.phase)
      assert.match("bad record mac", failure.message)
      assert.equal("", it.a:heard())
      assert.equal(0, it.a:ends())
    end)

    it("by a record said twice", function()
      local it = open()
      it.b:say("250 ok\r\n")
      local cipher = it.server:output()
      it.client:feed(cipher)
      it.client:feed(cipher)
      assert.equal("250 ok\r\n", it.a:heard())
      assert.equal("tls", failed(it.client).kind)
    end)

    it("by an alert, which is the peer's own word (C19)", function()
      local it = open()
      -- The server breaks, and its alert says so to the client.
      it.server:feed("garbage that is no record")
      local alert = it.server:output()
      assert.not_equal("", alert)
      it.client:feed(alert)
      assert.match("alert", failed(it.client).message)
    end)

    it("by a record cut short: that is the machine's to judge", function()
      local it = open()
      it.b:say("250 ok\r\n")
      it.client:feed(it.server:output():sub(1, -2))
      it.client:feed_eof()
      assert.equal("", it.a:heard())
      assert.equal(1, it.a:ends())
    end)
  end)

  it("takes what the peer says in bounded memory", function()
    local it = open()
    local chunk = pattern(64 * 1024)
    for _ = 1, 5 do
      it.b:say(chunk)
      pair.run(it.client, it.server)
      it.a:heard()
    end
    collectgarbage()
    local before = collectgarbage("count")
    for _ = 1, 50 do
      it.b:say(chunk)
      pair.run(it.client, it.server)
    end
    assert.equal(50 * #chunk, #it.a:heard())
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 512)
  end)

  it("works by its machine as by its own verbs, and gives one machine", function()
    local client, server = pair.client(), pair.server()
    assert.equal(client:machine(), client:machine())
    pair.run(client:machine(), server:machine(), pair.random_cut(3, 500))
    assert.is_true(client:machine():pending())
    assert.equal("secured", (client:next()))
    assert.equal("secured", (server:next()))
    local a, b = test.echo(), test.echo()
    client:attach(a:machine())
    server:attach(b:machine())
    a:say("MAIL")
    pair.run(client:machine(), server:machine())
    assert.equal("MAIL", b:heard())
  end)

  it("carries an engine inside an engine", function()
    local outer = { client = pair.client(), server = pair.server() }
    pair.shake(outer.client, outer.server)
    local inner = { client = pair.client(), server = pair.server() }
    outer.client:attach(inner.client:machine())
    outer.server:attach(inner.server:machine())
    pair.run(outer.client, outer.server)
    assert.equal("secured", (inner.client:next()))
    assert.equal("secured", (inner.server:next()))
    local a, b = test.echo(), test.echo()
    inner.client:attach(a:machine())
    inner.server:attach(b:machine())
    local there = pattern(100000)
    a:say(there)
    pair.run(outer.client, outer.server)
    assert.is_true(b:heard() == there)
    assert.equal(100000, a:consumed())
  end)

  it("is closed once and for all", function()
    local client = pair.client()
    local machine = client:machine()
    client:close()
    client:close()
    assert.error_matches(function() client:next() end, "closed")
    assert.error_matches(function() machine:output() end, "closed")
    assert.match("closed", tostring(client))
  end)

  it("raises for misuse with the option's name", function()
    local server = assert(tls.context {
      side = "server", certificate = pair.own.certificate, key = pair.own.key,
    })
    assert.error_matches(function() tls.engine { host = "x" } end, "unknown option 'host'")
    assert.error_matches(function() tls.engine { context = server, timeout = 0 } end, "timeout")
    assert.error_matches(function() tls.engine { context = server, timeout = "1" } end, "timeout")
    assert.error_matches(function() tls.engine { context = server, now = -1 } end, "now")
    assert.error_matches(function() tls.engine { context = server, session = 1 } end, "session")
    assert.error_matches(function() tls.engine { context = {} } end, "context")
    assert.error_matches(function() tls.engine {} end, "context")
    assert.error_matches(function() tls.engine { context = server, verify = true } end, "verify")
    assert.error_matches(function() pair.client():consume(-1) end, "negative")
    assert.error_matches(function() pair.client():feed(1) end, "string")
  end)
end)
