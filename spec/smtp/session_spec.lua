-- session_spec.lua - the client machine by its verbs: what a play cannot show.
local core = require "posthorn.core"
local test = require "posthorn.test"

local function take_output(session)
  local output = session:output()
  session:consume(#output)
  return output
end

-- A session that is ready; lines are the server's keywords.
local function ready(options, ...)
  local session = assert(core.session(options or {}))
  session:feed("220 mx.example\r\n")
  take_output(session)
  local lines = { ... }
  for i = 1, #lines do session:feed("250-" .. lines[i] .. "\r\n") end
  session:feed("250 HELP\r\n")
  assert.equal("ready", (session:next()))
  return session
end

local function addresses(count)
  local list = {}
  for i = 1, count do list[i] = ("user%d@example.net"):format(i) end
  return list
end

local function count(text, pattern)
  local n = 0
  for _ in text:gmatch(pattern) do n = n + 1 end
  return n
end

-- Says yes to an envelope in one flight of n recipients.
local function accept(session, n)
  session:feed(("250 ok\r\n"):rep(n + 1) .. "354 go\r\n")
end

describe("core.session", function()
  it("reaches ready, says what is offered, and quits", function()
    local session = ready({ hello_name = "client.example" }, "mx", "PIPELINING", "SIZE 1000")
    assert.is_nil(session:next())
    local offers = session:capabilities()
    assert.equal("1000", offers.SIZE)
    assert.equal("", offers.PIPELINING)
    assert.is_true(session:is_reusable())
    session:quit()
    assert.equal("QUIT\r\n", take_output(session))
    session:feed("221 bye\r\n")
    assert.equal("closed", (session:next()))
    session:close()
    session:close()
    assert.has_error(function() session:next() end, "the session was closed")
  end)

  it("raises for options that it does not know", function()
    for _, options in ipairs {
      { unknown = true }, { lmtp = 1 }, { bulk = "yes" }, { token = "x" }, { tls = "maybe" },
      { auth = { "ntlm" } },
      { auth = {} }, { auth = "plain" }, { user = 1 }, { user = "u" }, { timeouts = { never = 1 } },
      { timeouts = { dot = 0 } }, { timeouts = { dot = "1" } },
      { extensions = { starttls = "require" } },
      { extensions = { mt = "off" } }, { extensions = { "dsn" } },
      { extensions = { pipelining = true } }, { trace = 1 }, { "x" },
    } do
      assert.is_false(pcall(core.session, options))
    end
  end)

  it("E1 refuses controls in hello_name, user and password", function()
    for _, octet in ipairs { "\0", "\r", "\n", "\r\nMAIL FROM:<>", "\127", "\t" } do
      for name, options in pairs {
        hello_name = { hello_name = "a" .. octet .. ".example" },
        user = { user = "a" .. octet, password = "p" },
        password = { user = "a", password = "p" .. octet },
      } do
        local session, message, failure = core.session(options)
        assert.is_nil(session)
        assert.is_string(message)
        assert.equal("invalid", failure.kind)
        assert.equal(name, failure.field)
      end
    end
    for _, name in ipairs { "", " ", "a b", "a.b\255", "[1 2]", ("a"):rep(256), "-a", "<a>" } do
      assert.is_nil((core.session { hello_name = name }))
    end
  end)

  it("E1, E2, E9 refuses envelopes that are none, and says nothing", function()
    local session = ready(nil, "mx", "PIPELINING", "SMTPUTF8")
    local good = "a@example.net"
    for _, bad in ipairs {
      true, 1, {}, "", "a", "a@", "@b", "a b@c.example", "<a@b.example>", "a@b.example,c@d.example",
      "a@b>\r\nRCPT TO:<c@d", "a@b.example\n", "a\0@b.example", '"a\r\n"@b.example',
      "@route:a@b.example", "group:a@b.example;", ("a"):rep(65) .. "@b.example",
      "a@" .. ("b"):rep(300), "a@b\194\133.example",
    } do
      local ok, _, failure = session:send { from = bad == "" and "x" or bad, to = { good } }
      assert.is_nil(ok)
      assert.equal("invalid", failure.kind)
      assert.equal("envelope.from", failure.field)
      ok, _, failure = session:send { from = "", to = { good, bad } }
      assert.is_nil(ok)
      assert.equal("envelope.to[2]", failure.field)
      assert.equal("permanent", failure.class)
    end
    for _, to in ipairs { {}, "a@example.net", 5 } do
      local _, _, failure = session:send { from = "", to = to }
      assert.equal("envelope.to", failure.field)
    end
    assert.equal("", session:output())
    assert.is_false(pcall(session.send, session, { from = "", to = { good }, cc = {} }))
    assert.is_false(pcall(session.send, session, { from = "", to = { { address = good, x = 1 } } }))
    assert.is_false(pcall(session.send, session, nil))
    assert.is_true(session:send { from = "", to = { good } })
  end)

  it("D45 to D47 knows what the server cannot take before it asks", function()
    local session = ready(nil, "mx", "PIPELINING", "SIZE 100")
    local envelope = { from = "", to = { "a@example.net" } }
    local _, _, failure = session:send(envelope, { size = 101 })
    assert.same({ "limit", "permanent", "5.3.4" },
      { failure.kind, failure.class, failure.enhanced })
    _, _, failure = session:send(envelope, { body = "8bitmime" })
    assert.same({ "unsupported", "permanent", "5.6.3" },
      { failure.kind, failure.class, failure.enhanced })
    _, _, failure = session:send(envelope, { smtputf8 = true })
    assert.same({ "unsupported", "5.6.7" }, { failure.kind, failure.enhanced })
    _, _, failure = session:send { from = "", to = { "\195\164@example.net" } }
    assert.equal("unsupported", failure.kind)
    assert.equal("", session:output())
    assert.is_true(session:send(envelope, { size = 100 }))
    assert.truthy(take_output(session):find("MAIL FROM:<> SIZE=100\r\n", 1, true))
  end)

  it("E8 splits an envelope after 100 recipients and sends the same one once", function()
    local session = ready(nil, "mx", "PIPELINING")
    local to = addresses(250)
    to[251] = to[1]
    assert.is_true(session:send { from = "x@example.org", to = to })
    for _, n in ipairs { 100, 100, 50 } do
      assert.equal(n, count(take_output(session), "RCPT TO:"))
      accept(session, n)
      local event
      repeat event = session:next() until event ~= "recipient"
      assert.equal("want_body", event)
      session:body("hi\r\n")
      session:body()
      assert.equal("hi\r\n.\r\n", take_output(session))
      session:feed("250 ok\r\n")
    end
    local event, value
    repeat event, value = session:next() until event ~= "recipient"
    assert.equal("delivered", event)
    assert.equal(250, #value.recipients)
    assert.equal(250, #value.accepted)
  end)

  it("tells of no recipient where recipient_events are off: the verdict has them", function()
    local session = ready({ recipient_events = false }, "mx", "PIPELINING")
    assert.is_true(session:send { from = "", to = addresses(2) })
    take_output(session)
    session:feed("250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n")
    assert.equal("want_body", (session:next()))
    session:body()
    assert.equal("ready", (session:next()))
    take_output(session)
    session:feed("250 ok\r\n")
    local event, value = session:next()
    assert.equal("delivered", event)
    assert.same({ "user2@example.net" }, value.accepted)
    assert.equal("user1@example.net", value.refused[1].address)
    assert.same({ code = 250, enhanced = "2.0.0", text = "ok" }, value.reply)
    assert.equal("ready", (session:next()))
  end)

  it("require_all asks for 250 recipients before DATA, 100 in flight at most", function()
    local session = ready(nil, "mx", "PIPELINING")
    assert.is_true(session:send({ from = "", to = addresses(250) }, { require_all = true }))
    local said = take_output(session)
    assert.equal(100, count(said, "RCPT TO:"))
    session:feed(("250 ok\r\n"):rep(101))
    assert.equal(100, count(take_output(session), "RCPT TO:"))
    session:feed(("250 ok\r\n"):rep(100))
    said = take_output(session)
    assert.equal(50, count(said, "RCPT TO:"))
    assert.is_nil(said:find("DATA", 1, true))
    session:feed(("250 ok\r\n"):rep(50))
    assert.equal("DATA\r\n", take_output(session))
  end)

  it("pulls a body out of a machine, asks its owner, and asks for another one", function()
    local session = ready(nil, "mx", "PIPELINING")
    local body = test.echo()
    body:say("one\r\n")
    body:set_pending(true)
    assert.is_true(session:send({ from = "", to = addresses(2) }, {}, body:machine()))
    take_output(session)
    session:feed("250 ok\r\n250 ok\r\n452 4.5.3 too many\r\n354 go\r\n")
    assert.equal("one", take_output(session)) -- its end waits for what follows
    assert.equal("want_body", (session:next()))
    assert.is_nil((session:deadline())) -- it is not the peer who is late
    body:say(".two")
    body:set_pending(false)
    assert.equal("\r\n..two\r\n.\r\n", take_output(session))
    session:feed("250 ok\r\n")
    assert.equal("recipient", (session:next()))
    assert.truthy(take_output(session):find("RCPT TO:<user2@example.net>", 1, true))
    accept(session, 1)
    assert.equal("rewind", (session:next()))
    assert.is_nil(session:next())
    assert.equal("", session:output())
    local again = test.echo()
    again:say("one\r\n.two\r\n")
    session:body(again:machine())
    assert.equal("one\r\n..two\r\n.\r\n", take_output(session))
    session:feed("250 ok\r\n")
    assert.equal("recipient", (session:next()))
    assert.equal("delivered", (session:next()))
    assert.equal("ready", (session:next()))
  end)

  it("S24 carries mail after mail in one write each, bodies out of machines", function()
    local session = ready(nil, "mx", "PIPELINING")
    local said, delivered = {}, 0
    for i = 1, 50 do
      local body = test.echo()
      body:say(("mail %d\r\n"):format(i))
      assert.is_true(session:send({ from = "", to = addresses(1) }, {}, body:machine()))
      said[i] = take_output(session)
      session:feed((i > 1 and "250 queued\r\n" or "") .. "250 ok\r\n250 ok\r\n354 go\r\n")
      body = nil -- luacheck: ignore
      if i % 10 == 0 then collectgarbage() end -- the heap of all specs: slow
      local event
      repeat
        event = session:next()
        if event == "delivered" then delivered = delivered + 1 end
      until event == "ready"
      assert.equal(i - 1, delivered)
      assert.is_true(session:is_ready())
    end
    for i = 2, 50 do
      assert.equal(("mail %d\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<user1@example.net>\r\nDATA\r\n")
        :format(i - 1), said[i])
    end
  end)

  it("keeps its output small, whatever the body", function()
    local session = ready(nil, "mx", "PIPELINING")
    local body = test.echo()
    body:say((".x\r\n"):rep(100000))
    assert.is_true(session:send({ from = "", to = addresses(1) }, {}, body:machine()))
    take_output(session)
    accept(session, 1)
    local all = {}
    repeat
      local output = take_output(session)
      assert.is_true(#output <= 65536)
      all[#all + 1] = output
    until output == ""
    assert.is_true(#all[#all - 1] > 5) -- the end is in one write with what is before it
    assert.equal(("..x\r\n"):rep(100000) .. ".\r\n", table.concat(all))
    assert.equal("dot", session:phase())
  end)

  it("takes octets of a body piecemeal and tells how many", function()
    local session = ready(nil, "mx", "PIPELINING")
    assert.is_true(session:send { from = "", to = addresses(1) })
    take_output(session)
    accept(session, 1)
    local text, at, got = ("0123456789\r\n"):rep(20000), 1, {}
    while at <= #text do
      local event, room = session:next()
      assert.equal("want_body", event)
      local taken = session:body(text:sub(at))
      assert.is_true(taken >= room or at + taken > #text)
      at = at + taken
      got[#got + 1] = take_output(session)
    end
    session:body()
    got[#got + 1] = take_output(session)
    assert.equal(text .. ".\r\n", table.concat(got))
  end)

  it("S1 gives each whole reply its time, and dripping octets win none", function()
    local session = assert(core.session { timeouts = { mail = 7, content = 10 } })
    local seconds, number = session:deadline()
    assert.equal(300, seconds)
    session:feed("220-a\r\n220-b")
    assert.equal(number, (select(2, session:deadline())))
    session:feed("\r\n220 c\r\n")
    seconds, number = session:deadline()
    assert.equal(120, seconds)
    take_output(session)
    assert.equal(number, (select(2, session:deadline())))
    session:feed("250-a\r\n250 PIPELINING\r\n")
    session:next()
    assert.is_nil((session:deadline()))
    session:send { from = "", to = addresses(1) }
    seconds, number = session:deadline()
    assert.equal(7, seconds)
    take_output(session)
    session:feed("250 ok\r\n")
    local seconds2, number2 = session:deadline()
    assert.equal(300, seconds2)
    assert.are_not.equal(number, number2)
    session:feed("250 ok\r\n354 go\r\n")
    session:next()
    session:body(("x"):rep(998) .. "\r\n" .. ("y"):rep(998) .. "\r\n")
    session:body(("x"):rep(998) .. "\r\n" .. ("y"):rep(998) .. "\r\n")
    session:output()
    seconds, number = session:deadline()
    assert.equal(10, seconds)
    session:consume(100) -- 10 seconds are for 5,000 octets
    assert.equal(number, (select(2, session:deadline())))
    session:body(("x"):rep(998) .. "\r\n" .. ("y"):rep(998) .. "\r\n")
    session:output()
    session:consume(4950)
    assert.are_not.equal(number, (select(2, session:deadline())))
  end)

  it("E14 shows no secret in traces, events and tostring", function()
    local session = assert(core.session {
      user = "ada", password = "s3cr3t", allow_plaintext_auth = true, trace = true,
    })
    local seen = { tostring(session) }
    session:feed("220 mx\r\n")
    take_output(session)
    session:feed("250-mx\r\n250 AUTH PLAIN\r\n")
    take_output(session)
    session:feed("535 5.7.8 AGFkYQBzM2NyM3Q= is not s3cr3t\r\n")
    local event, failure = session:next()
    assert.equal("failed", event)
    for key, value in pairs(failure) do seen[#seen + 1] = key .. "=" .. tostring(value) end
    for entry in function() return session:trace() end do seen[#seen + 1] = entry.text end
    local all = table.concat(seen, "\n")
    assert.is_nil(all:find("s3cr3t", 1, true))
    assert.is_nil(all:find("AGFkYQBzM2NyM3Q", 1, true))
    assert.truthy(all:find("AUTH PLAIN ***", 1, true))
  end)

  it("raises for verbs out of their order", function()
    local session = assert(core.session {})
    for _, verb in ipairs { "noop", "reset", "quit", "body" } do
      assert.is_false(pcall(session[verb], session))
    end
    assert.is_false(pcall(session.send, session, { from = "", to = { "a@example.net" } }))
    assert.is_false(pcall(session.secured, session, {}))
    session = ready()
    for _, line in ipairs {
      "", "DATA", "bdat 5", "STARTTLS", "AUTH PLAIN x", "NOOP\r\nQUIT", ("x"):rep(511),
    } do
      local ok, _, failure = session:command(line)
      assert.is_nil(ok)
      assert.equal("line", failure.field)
    end
    assert.equal("", session:output())
    assert.is_true(session:command("NOOP"))
    for _, case in ipairs { { "VRFY j\195\188rg", false }, { "VRFY j\195\188rg", true }, { "VRFY j\195", false, true } } do
      session = ready(nil, "mx", (case[2] or case[3]) and "SMTPUTF8" or nil)
      local ok, _, failure = session:command(case[1])
      assert.equal(case[2] or nil, ok)
      assert.equal(not case[2] and "line" or nil, failure and failure.field)
    end
  end)

  it("answers nothing but its error after it failed", function()
    local session = assert(core.session {})
    session:feed("x")
    assert.equal("failed", (session:next()))
    assert.is_nil(session:next())
    assert.is_false(session:feed("220 mx\r\n"))
    assert.equal("", session:output())
    assert.equal("failed", session:phase())
    session:quit()
    assert.is_nil(session:next())
  end)
end)
