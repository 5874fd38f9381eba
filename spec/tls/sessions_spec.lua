-- sessions_spec.lua - csrc/tls/sessions.c: which session is offered to whom, and how often.
local test = require "posthorn.test"
local tls = require "posthorn.tls"
local pair = require "spec.tls.pair"

local function server_context(certificate)
  certificate = certificate or pair.own
  return assert(tls.context {
    side = "server", certificate = certificate.certificate, key = certificate.key, resumption = true,
  })
end

-- A server that gives tickets, a client's context, and a time: some seconds behind that of the
-- handshakes, which OpenSSL reads itself.
local function setting(certificate)
  return {
    now = os.time() + 5, server = server_context(certificate),
    client = assert(tls.context { ca = pair.authority.certificate }),
  }
end

local function client_of(it, key, now)
  return assert(tls.engine {
    context = it.client, server_name = pair.name, session = key, now = now or it.now,
  })
end

-- Shakes hands and says a line each way, behind which the tickets come. The client's facts.
local function talk(it, client)
  local server = assert(tls.engine { context = it.server })
  local mine = pair.shake(client, server)
  assert.equal("secured", mine[1])
  local a, b = test.echo(), test.echo()
  client:attach(a:machine())
  server:attach(b:machine())
  b:say("220 hello\r\n")
  pair.run(client, server)
  assert.equal("220 hello\r\n", a:heard())
  client:close()
  server:close()
  return mine[2]
end

local function is_resumed(it, key, now)
  return talk(it, client_of(it, key, now)).resumed
end

describe("ph_sessions", function()
  it("offers the session of a connection to the next one, whose verdict it brings along", function()
    local it = setting()
    assert.is_false(is_resumed(it, "a"))
    local facts = talk(it, client_of(it, "a"))
    assert.is_true(facts.resumed)
    assert.equal("pkix", facts.verified)
    assert.equal("TLSv1.3", facts.version)
  end)

  it("goes on so: a connection that was resumed brings a ticket of its own", function()
    local it = setting()
    is_resumed(it, "a")
    for _ = 1, 20 do assert.is_true(is_resumed(it, "a")) end
  end)

  it("offers a ticket of TLS 1.3 once (RFC 8446, C.4)", function()
    local it = setting()
    is_resumed(it, "a") -- leaves two
    local clients = { client_of(it, "a"), client_of(it, "a"), client_of(it, "a") }
    assert.is_true(talk(it, clients[1]).resumed)
    assert.is_true(talk(it, clients[2]).resumed)
    assert.is_false(talk(it, clients[3]).resumed)
  end)

  it("keeps each key, and each context, to itself (C37)", function()
    local it = setting()
    is_resumed(it, "a")
    assert.is_false(is_resumed(it, "b"))
    assert.is_false(is_resumed(it, "a\0"))
    local lax = { now = it.now, server = it.server, client = assert(tls.context { verify = false }) }
    local facts = talk(lax, client_of(lax, "a"))
    assert.is_false(facts.resumed)
    assert.equal("none", facts.verified)
    facts = talk(it, client_of(it, "a"))
    assert.is_true(facts.resumed)
    assert.equal("pkix", facts.verified)
  end)

  it("keeps nothing without a key, nor under one that is too long", function()
    local it = setting()
    assert.is_false(is_resumed(it, nil))
    assert.is_false(is_resumed(it, nil))
    local long = ("k"):rep(1025)
    assert.is_false(is_resumed(it, long))
    assert.is_false(is_resumed(it, long))
    is_resumed(it, long:sub(2))
    assert.is_true(is_resumed(it, long:sub(2)))
  end)

  it("offers none that is older than an hour, or of a time to come", function()
    local it = setting()
    is_resumed(it, "a")
    assert.is_true(is_resumed(it, "a", it.now + 3590))
    assert.is_false(is_resumed(it, "a", it.now + 3610))
    is_resumed(it, "b")
    assert.is_false(is_resumed(it, "b", it.now - 60))
  end)

  it("offers none whose certificate has expired meanwhile", function()
    local it = setting(pair.certificate { now = os.time() - 10 * 86400 + 1200, days = 10 })
    is_resumed(it, "a")
    assert.is_true(is_resumed(it, "a", it.now + 1100))
    assert.is_false(is_resumed(it, "a", it.now + 1300))
  end)

  it("shakes hands in full with a server that has forgotten", function()
    local it = setting()
    is_resumed(it, "a")
    it.server = server_context()
    assert.is_false(is_resumed(it, "a"))
    assert.is_true(is_resumed(it, "a"))
  end)

  for how, harm in pairs {
    ["garbage"] = function(client) client:feed("250 no TLS here\r\n") end,
    ["an end"] = function(client) client:feed_eof() end,
    ["silence"] = function(client) client:expire() end,
    ["giving up"] = function(client) client:close() end,
  } do
    it("offers none again after " .. how .. " in answer to one", function()
      local it = setting()
      is_resumed(it, "a")
      local client = client_of(it, "a")
      client:output()
      harm(client)
      if how ~= "giving up" then assert.equal("failed", (client:next())) end
      assert.is_false(is_resumed(it, "a"))
    end)
  end

  it("holds a bounded number, in which no key drives out the others", function()
    local it = setting()
    is_resumed(it, "quiet")
    for _ = 1, 40 do is_resumed(it, "loud") end
    assert.is_true(is_resumed(it, "quiet"))
    for i = 1, 64 do is_resumed(it, "key" .. i) end
    assert.is_false(is_resumed(it, "quiet"))
    assert.is_true(is_resumed(it, "key64"))
  end)

  it("holds none of a server with a long chain", function()
    local long = pair.certificate()
    long.certificate = long.certificate .. pair.authority.certificate:rep(8)
    local it = setting(long)
    for _ = 1, 3 do assert.is_false(is_resumed(it, "a")) end
  end)

  it("outlives nobody: a context is freed with its sessions, a connection holds it", function()
    local it = setting()
    is_resumed(it, "a")
    local client = client_of(it, "a")
    it.client = nil
    collectgarbage()
    collectgarbage()
    assert.is_true(talk(it, client).resumed)
  end)
end)
