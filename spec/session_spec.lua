-- session_spec.lua - posthorn.session: one connection turned by hand.
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local peers = require "spec.peer"

local function with_session(script, fn)
  posthorn.run(function()
    local peer = peers.start(script)
    local session = assert(posthorn.session {
      host = "127.0.0.1", port = peer.port, tls = "none", timeout = 5,
    })
    fn(session, peer)
    session:close()
    peer:stop()
  end)
end

describe("posthorn.session", function()
  it("shows capabilities, sends, asks and quits", function()
    with_session({ ehlo = { "PIPELINING", "SIZE 10240000" }, vrfy = "252 2.0.0 maybe" }, function(session, peer)
      assert.equal("10240000", session:capabilities().SIZE)
      assert(session:noop())
      local result = assert(session:send(setting.mail()))
      assert.equal("peer1", result.queue_id)
      assert.equal(252, assert(session:command "VRFY bob").code)
      assert.equal(500, assert(session:command "XYZZY").code)
      assert(session:reset())
      assert(session:send(setting.mail()))
      assert.is_true(session:quit())
      assert.equal(1, peer.connections)
      assert.equal(2, #peer.bodies)
      assert.has_error(function() session:noop() end)
    end)
  end)

  it("says any command of one line, and gives its reply, whatever its code", function()
    local script = {
      vrfy = { "250 2.1.5 Bob <bob@example.net>", "252 2.1.5 send some mail", "551 5.1.6 not here",
        "553 5.1.4 ambiguous" },
      expn = { "250-2.1.5 Ada <ada@example.net>\r\n250 2.1.5 Bob <bob@example.net>", "502 5.5.1 no" },
      help = { "214-2.0.0 RFC 5321\r\n214 2.0.0 and no more", "211 all is well" },
      etrn = { "250 2.0.0 started", "253 2.0.0 3 pending messages", "458 4.3.0 not now", "459 4.7.0 no" },
      noop = "250 2.0.0 ok",
    }
    with_session(script, function(session, peer)
      local function reply_of(line)
        local reply = assert(session:command(line))
        return { reply.code, reply.enhanced, reply.text }
      end
      -- VRFY and EXPN (RFC 5321, 3.5)
      assert.same({ 250, "2.1.5", "Bob <bob@example.net>" }, reply_of "VRFY bob")
      assert.equal(252, reply_of("VRFY bob")[1])
      assert.equal(551, reply_of("VRFY bob")[1])
      assert.same({ 553, "5.1.4", "ambiguous" }, reply_of "vrfy bob")
      assert.same({ 250, "2.1.5", "Ada <ada@example.net> Bob <bob@example.net>" }, reply_of "EXPN staff")
      assert.same({ 502, "5.5.1", "no" }, reply_of "EXPN staff")
      -- HELP (4.1.1.8), NOOP (4.1.1.9), with arguments and without
      assert.same({ 214, "2.0.0", "RFC 5321 and no more" }, reply_of "HELP")
      assert.same({ 211, "2.0.0", "all is well" }, reply_of "HELP MAIL")
      assert.same({ 250, "2.0.0", "ok" }, reply_of "NOOP with an argument")
      -- ETRN (RFC 1985, 5)
      for _, code in ipairs { 250, 253, 458, 459 } do
        assert.equal(code, reply_of("ETRN example.org")[1])
      end
      assert.equal(500, reply_of("XYZZY")[1])
      assert.same({ "VRFY bob", "VRFY bob", "VRFY bob", "vrfy bob", "EXPN staff", "EXPN staff", "HELP",
        "HELP MAIL", "NOOP with an argument", "ETRN example.org", "ETRN example.org", "ETRN example.org",
        "ETRN example.org", "XYZZY" }, { (table.unpack or unpack)(peer.lines, 2) })
      assert(session:send(setting.mail())) -- the connection serves all the same
    end)
  end)

  it("asks our own server", function()
    posthorn.run(function()
      local sink = require("posthorn.sink").new { extensions = { HELP = true } }
      assert(sink:start())
      local session = assert(posthorn.session { host = "127.0.0.1", port = sink.port, tls = "none", timeout = 5 })
      for line, code in pairs { ["VRFY bob"] = 252, ["EXPN staff"] = 502, NOOP = 250, HELP = 214,
        ["ETRN example.org"] = 500 } do
        assert.equal(code, assert(session:command(line)).code, line)
      end
      session:quit()
      sink:stop()
    end)
  end)

  it("refuses a command that brings another along", function()
    with_session({}, function(session, peer)
      local reply, _, failure = session:command "NOOP\r\nQUIT"
      assert.is_nil(reply)
      assert.equal("invalid", failure.kind)
      assert.equal(0, peer:count "NOOP")
    end)
  end)

  it("raises when two coroutines use it at once", function()
    with_session({ noop = { wait = 0.1, reply = "250 ok" } }, function(session)
      local task = posthorn.spawn(session.noop, session)
      posthorn.sleep(0.02)
      assert.has_error(function() session:noop() end, "two coroutines in one session")
      assert(task:wait())
    end)
  end)

  it("gives failures, and quits at once, after the connection was lost", function()
    for what, script in pairs {
      dot = { dot = { close = true } }, ["421"] = { mail = "421 4.3.2 going" }, QUIT = {},
    } do
      with_session(script, function(session)
        if what == "QUIT" then session:command "QUIT" else assert.is_nil((session:send(setting.mail()))) end
        local result, _, failure = session:send(setting.mail())
        assert.is_nil(result)
        assert.equal("closed", failure.kind, what)
        assert.equal("bob@example.net", failure.refused[1].address)
        assert.equal("closed", select(3, session:noop()).kind)
        assert.equal("closed", select(3, session:command "HELP").kind)
        assert.is_table(session:capabilities())
        assert.same({ true }, { session:quit() })
      end)
    end
  end)

  it("ends the call under way at close", function()
    with_session({ dot = { silence = true } }, function(session, peer)
      local task = posthorn.spawn(session.send, session, setting.mail())
      posthorn.sleep(0.05)
      session:close()
      local result, _, failure = task:wait()
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      assert.equal("unknown", failure.class)
      posthorn.sleep(0.02)
      assert.is_nil(next(peer.open))
      assert.has_error(function() session:noop() end)
    end)
  end)

  it("tells what kept it from connecting", function()
    local session, message, failure = posthorn.session {
      host = "127.0.0.1", port = setting.dead_port(), tls = "none",
    }
    assert.is_nil(session)
    assert.is_string(message)
    assert.equal("connect", failure.kind)
  end)
end)
