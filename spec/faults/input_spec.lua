-- input_spec.lua - fault catalogue E1 to E10: what callers give. Nothing of it is written.
local patiently = require "spec.patience"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

local pipelining = { "PIPELINING", "8BITMIME" }
local hostile = { CR = "\r", LF = "\n", CRLF = "\r\n", NUL = "\0", ESC = "\27", DEL = "\127" }

-- The failure of a mail that must not come near a socket.
local function refused(fields, options)
  local transport = posthorn.transport("smtp://127.0.0.1:1?tls=none")
  local result, message, failure = transport:send(setting.mail(fields), options)
  transport:close()
  assert.is_nil(result)
  assert.is_string(message)
  assert.equal("invalid", failure.kind, message)
  assert.equal("permanent", failure.class)
  assert.is_nil(message:find "%c")
  return failure
end

describe("faults E: what callers give", function()
  for name, octets in pairs(hostile) do
    local function with(text) return text:gsub("@@", function() return octets end) end

    it("E1: " .. name .. " in each string that reaches the wire", function()
      for _, case in ipairs {
        { { from = with "ada@@@example.org" }, "from" },
        { { from = with "Ada@@ <ada@example.org>" }, "from" },
        { { to = with "b@@ob@example.net" }, "to" },
        { { to = { "a@example.net", { address = with "bob@example.net@@" } } }, "to[2]" },
        { { to = { { name = with "B@@ob", address = "bob@example.net" } } }, "to[1]" },
        { { cc = { { address = with '"a@@b"@example.net' } } }, "cc[1]" },
        { { bcc = with "@@bob@example.net" }, "bcc" },
        { { reply_to = with "bob@@@example.net" }, "reply_to" },
        { { subject = with "Hi@@Bcc: x@example.net" }, "subject" },
        { { headers = { { with "X-A@@", "b" } } }, "headers[1].name" },
        { { headers = { { "X-A", with "b@@c" } } }, "headers[1].value" },
        { { message_id = with "a@@b@example.org" }, "message_id" },
        { { in_reply_to = with "a@@b@example.org" }, "in_reply_to" },
        { { references = { with "a@@b@example.org" } }, "references" },
        { { attachments = { { content = "x", filename = with "a@@.txt" } } }, "attachments[1].filename" },
        { { attachments = { { content = "x", type = with "text/plain@@" } } }, "attachments[1].type" },
        { { attachments = { { content = "x", cid = with "a@@b" } } }, "attachments[1].cid" },
      } do
        local failure = refused(case[1])
        assert.equal(case[2], failure.field:sub(1, #case[2]), name)
      end
      assert.equal("envelope.from", refused(nil, { envelope = { from = with "a@@@b.c", to = { "d@e.f" } } }).field)
      assert.equal("envelope.to[1]", refused(nil, { envelope = { from = "a@b.c", to = { with "d@e.f@@" } } }).field)
      assert.equal("dsn.envid", refused(nil, { dsn = { envid = with "a@@b" } }).field)
      assert.equal("dsn.notify", refused(nil, { dsn = { notify = { with "delay@@" } } }).field)
      assert.equal("dsn.ret", refused(nil, { dsn = { ret = with "full@@" } }).field)
      assert.equal("deliver_by.mode", refused(nil, { deliver_by = { seconds = 1, mode = with "notify@@" } }).field)
      for _, orcpt in ipairs { with "d@@@e.f", with "rfc822;@@d@e.f", with "rfc@@822;d@e.f", with "utf-8;\195\188@@" } do
        assert.equal("envelope.to[1].orcpt",
          refused(nil, { envelope = { from = "", to = { { address = "d@e.f", orcpt = orcpt } } } }).field)
      end
    end)

    it("E1: " .. name .. " in the EHLO name, the user and the password", function()
      for _, option in ipairs { "hello_name", "user", "password" } do
        local options = { host = "127.0.0.1", port = 1, tls = "none", user = "u", password = "p" }
        options[option] = with "a@@b"
        local transport = posthorn.transport(options)
        local result, message, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("invalid", failure.kind, option .. " " .. message)
        assert.equal(option, failure.field)
        assert.is_nil(message:find "%c")
        transport:close()
      end
    end)
  end

  it("E2: an address that brings a command along", function()
    refused { to = "a@b>\r\nRCPT TO:<c@d" }
    refused { to = { { address = "a@b> RCPT TO:<c@d" } } }
    refused(nil, { envelope = { from = "a@b.c", to = { "a@b.c>,<d@e.f" } } })
    refused(nil, { envelope = { from = "a@b.c> SIZE=1", to = { "d@e.f" } } })
  end)

  it("E1: values of a wrong type are data, not misuse", function()
    for _, wrong in ipairs { true, 7, print, {}, io.stdout } do
      refused { to = { { address = wrong } } }
      refused { subject = wrong }
      refused { headers = { { "X-A", wrong == 7 and true or wrong } } }
      refused { attachments = { { content = "x", filename = wrong } } }
      refused(nil, { envelope = { from = "a@b.c", to = { wrong } } })
    end
    refused { from = false }
    refused { text = true }
  end)

  it("E3: hostile bodies arrive as one message each, normalised", function()
    local bodies = { "\n.\n", "\r.\r\n", "..", ".", "", "no end", "a\r", "\r\n.\r\nQUIT\r\n", ".\n..\n...\n" }
    setting.with({ ehlo = pipelining }, function(peer, transport)
      for i, body in ipairs(bodies) do
        local message = assert(posthorn.message(setting.mail { text = body }))
        assert(transport:send(message))
        local bytes = message:bytes()
        if bytes:sub(-2) ~= "\r\n" then bytes = bytes .. "\r\n" end
        assert.equal(i, #peer.bodies)
        assert.equal(bytes, (("\r\n" .. peer.bodies[i]):gsub("\r\n%.", "\r\n"):sub(3)))
      end
      assert.equal(1, peer.connections)
    end)
  end)

  it("E3: raw octets with a bare CR, LF or NUL are refused; Unix line ends by option", function()
    local envelope = { from = "a@example.org", to = { "b@example.org" } }
    for _, octets in ipairs { "A: b\n\nc", "A: b\r\n\r\nc\rd", "A: b\r\n\r\n\0", "A: b\r\n\r\nc\n.\r\n" } do
      local transport = posthorn.transport("smtp://127.0.0.1:1?tls=none")
      local raw, _, failure = posthorn.raw(octets, envelope)
      if raw then
        raw, _, failure = transport:send(raw)
      end
      assert.is_nil(raw)
      assert.equal("invalid", failure.kind)
    end
    setting.with({ ehlo = pipelining }, function(peer, transport)
      assert(transport:send(assert(posthorn.raw("A: b\n\n.c\n", envelope, { line_ends = "lf" }))))
      assert.equal("A: b\r\n\r\n..c\r\n", peer.bodies[1])
    end)
  end)

  it("E4: every split of a source gives the same octets", function()
    local octets = "one\r\n.two\r\n\r\n.\r\n..three"
    setting.with({ ehlo = pipelining }, { timeout = 20 }, function(peer, transport)
      for at = 0, #octets do
        local parts = { octets:sub(1, at), octets:sub(at + 1) }
        local function pull() return table.remove(parts, 1) end
        assert(transport:send(assert(posthorn.raw(pull, { from = "a@b.example", to = { "c@d.example" } }))))
        assert.equal(peer.bodies[1], peer.bodies[#peer.bodies])
      end
      assert.equal("one\r\n..two\r\n\r\n..\r\n...three\r\n", peer.bodies[1])
    end)
  end)

  it("E5: a source that fails, ends early or is longer than its size: no dot, kind io", function()
    local function failing(size)
      local n = 0
      return { { filename = "x", size = size, content = function()
        n = n + 1
        if n > 3 then return nil, "the disk is gone" end
        return ("x"):rep(1000)
      end } }
    end
    local function ending(size)
      local n = 0
      return { { filename = "x", size = size, content = function()
        n = n + 1
        return n <= 3 and ("x"):rep(1000) or nil
      end } }
    end
    for what, attachments in pairs {
      fails = failing(nil), early = ending(5000), longer = ending(2000),
    } do
      setting.with({ ehlo = pipelining }, function(peer, transport)
        local result, message, failure = transport:send(setting.mail { attachments = attachments })
        assert.is_nil(result)
        assert.equal("io", failure.kind, what .. ": " .. message)
        assert.equal("temporary", failure.class)
        assert.equal(0, #peer.bodies)
        assert.equal(1, peer.connections)
      end)
    end
  end)

  it("E5: the class is what the source says", function()
    setting.with({ ehlo = pipelining }, function(_, transport)
      local result, _, failure = transport:send(setting.mail { attachments = { { filename = "x", content = function()
        return nil, { class = "permanent", message = "no such blob" }
      end } } })
      assert.is_nil(result)
      assert.equal("io", failure.kind)
      assert.equal("permanent", failure.class)
    end)
  end)

  it("E6: a source that stalls ends by the timeout of the send", patiently(function(in_time)
    setting.with({ ehlo = pipelining }, { timeout = 0.3 }, function(peer, transport)
      local began = transport.driver.now()
      local result, _, failure = transport:send(setting.mail { attachments = { { filename = "x", content = function()
        posthorn.sleep(30)
      end } } })
      assert.is_nil(result)
      assert.equal("timeout", failure.kind)
      assert.equal("temporary", failure.class)
      in_time(transport.driver.now() - began, 0.45)
      assert.equal(0, #peer.bodies)
    end)
  end))

  it("E6: the server closes while the source stalls", function()
    setting.with({ ehlo = pipelining, body = { wait = 0.05, reply = "421 4.4.2 too slow", close = true } },
      function(_, transport)
        local chunks = 0
        local result, _, failure = transport:send(setting.mail { attachments = { { filename = "x", content = function()
          chunks = chunks + 1
          if chunks == 2 then posthorn.sleep(0.3) end
          return chunks < 50 and ("x"):rep(100000) or nil
        end } } })
        assert.is_nil(result)
        assert.equal("temporary", failure.class)
        assert.equal(421, failure.code)
        assert.is_true(chunks < 50)
      end)
  end)

  -- Whatever the server does while the source stalls ends the mail at once.
  for what, case in pairs {
    ["closes"] = { { wait = 0.1, close = true }, "closed", "temporary" },
    ["resets"] = { { wait = 0.1, reset = true }, "closed", "temporary" },
    ["says 550"] = { { wait = 0.1, reply = "550 5.7.1 spam", close = true }, "refused", "permanent" },
    ["says 421"] = { { wait = 0.1, reply = "421 4.4.2 too slow", close = true }, "refused", "temporary" },
    ["says 250"] = { { wait = 0.1, reply = "250 2.0.0 queued" }, "protocol", "temporary" },
  } do
    it("E6: the server " .. what .. " while the source stalls for long", function()
      setting.with({ ehlo = pipelining, body = case[1] }, function(peer, transport)
        local began, chunks, is_over = transport.driver.now(), 0, false
        local result, _, failure = transport:send(setting.mail { attachments = { { filename = "x", content = function()
          chunks = chunks + 1
          if chunks == 2 then
            is_over = not posthorn.sleep(30)
            return nil
          end
          return ("x"):rep(10000)
        end } } })
        assert.is_nil(result)
        assert.equal(case[2], failure.kind)
        assert.equal(case[3], failure.class)
        assert.equal("content", failure.phase)
        assert.is_true(transport.driver.now() - began < 1)
        posthorn.sleep(0)
        assert.is_true(is_over) -- the source was told as well
        assert.equal(0, #peer.bodies)
      end)
    end)
  end

  it("E6: a cancel while the source stalls", function()
    setting.with({ ehlo = pipelining }, function(_, transport)
      local began, stop = transport.driver.now(), posthorn.canceller()
      posthorn.spawn(function()
        posthorn.sleep(0.1)
        stop:cancel()
      end)
      local result, _, failure = transport:send(setting.mail { attachments = { { filename = "x", content = function()
        posthorn.sleep(30)
      end } } }, { cancel = stop })
      assert.is_nil(result)
      assert.equal("cancelled", failure.kind)
      assert.is_true(transport.driver.now() - began < 1)
    end)
  end)

  it("E8: no recipient, one twice, 100,000 and one more", function()
    assert.equal("to", refused({ to = {} }).field)
    assert.equal("envelope.to", refused(nil, { envelope = { from = "a@b.c", to = {} } }).field)
    setting.with({ ehlo = pipelining }, function(peer, transport)
      local result = assert(transport:send(setting.mail { to = "bob@example.net", cc = "bob@EXAMPLE.net" }))
      assert.equal(1, #result.recipients)
      assert.equal(1, peer:count "RCPT")
    end)
    local many = {}
    for i = 1, 100001 do many[i] = "r" .. i .. "@example.net" end
    local transport = posthorn.transport("smtp://127.0.0.1:1?tls=none")
    local result, _, failure = transport:send(setting.mail(), { envelope = { from = "a@b.example", to = many } })
    assert.is_nil(result)
    assert.equal("limit", failure.kind)
  end)

  it("E8: many recipients travel a hundred in each transaction", function()
    local count = os.getenv "POSTHORN_PROPERTY" and 100000 or 10000
    posthorn.run(function()
      local sink = assert(sinks.new { keep = count / 100 }:start())
      local many = {}
      for i = 1, count do many[i] = "r" .. i .. "@example.net" end
      local transport = posthorn.transport { host = "127.0.0.1", port = sink.port, tls = "none" }
      local envelope = { from = "a@b.example", to = many }
      local result = assert(transport:send(setting.mail(), { envelope = envelope }))
      assert.equal(count, #result.accepted)
      assert.equal(count / 100, sink.count)
      for _, mail in ipairs(sink.messages) do assert.equal(100, #mail.envelope.to) end
      transport:close()
      sink:stop()
    end)
  end)

  it("E9: local part of 65 octets, path of 257, source route; quoted rightly", function()
    refused { to = { { address = ("x"):rep(65) .. "@example.net" } } }
    refused { to = { { address = "x@" .. ("y"):rep(60):rep(5, ".") } } }
    refused(nil, { envelope = { from = "a@b.example", to = { "@relay.example:c@d.example" } } })
    setting.with({ ehlo = pipelining }, function(peer, transport)
      assert(transport:send(setting.mail { to = { { address = '"a b"@example.net' }, { address = "a%b@example.net" },
        { address = '"plain"@example.net' } } }))
      assert.is_truthy(table.concat(peer.lines, "\n"):find('RCPT TO:<"a b"@example.net>', 1, true))
      assert.is_truthy(table.concat(peer.lines, "\n"):find("RCPT TO:<a%b@example.net>", 1, true))
      assert.is_truthy(table.concat(peer.lines, "\n"):find("RCPT TO:<plain@example.net>", 1, true))
    end)
  end)

  it("E10: the null sender is MAIL FROM:<>", function()
    setting.with({ ehlo = pipelining }, function(peer, transport)
      assert(transport:send(setting.mail(), { envelope = { from = "", to = { "bob@example.net" } } }))
      assert.matches("^MAIL FROM:<>", peer.lines[2])
    end)
  end)

  it("E12: a source's error of any type is a failure", function()
    for _, problem in ipairs { {}, true, 7 } do
      setting.with({}, function(_, transport)
        local source = function() error(problem) end
        local result, _, failure = transport:send(setting.mail { text = source })
        assert.is_nil(result)
        assert.same({ "io", "text" }, { failure.kind, failure.field })
        assert.matches("^the source raised an error: ", failure.message)
      end)
    end
  end)
end)
