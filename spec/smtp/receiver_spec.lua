-- receiver_spec.lua - the server's side of SMTP as a machine.
local core = require "posthorn.core"

local function base64(text)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  return (text:gsub("..?.?", function(group)
    local a, b, c = group:byte(1, 3)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local out = ""
    for i = 3, 0, -1 do
      local digit = math.floor(n / 64 ^ i) % 64 + 1
      out = out .. alphabet:sub(digit, digit)
    end
    return out:sub(1, #group + 1) .. ("="):rep(3 - #group)
  end))
end

-- What it says now, taken.
local function said(receiver)
  local output = receiver:output()
  receiver:consume(#output)
  return output
end

-- The codes of the replies' last lines, in one string.
local function codes(output)
  local list = {}
  for code in output:gmatch("(%d%d%d) [^\r]*\r\n") do list[#list + 1] = code end
  return table.concat(list, " ")
end

-- A receiver that has greeted and heard EHLO.
local function greeted(options)
  local receiver = assert(core.receiver(options))
  said(receiver)
  receiver:feed("EHLO client.example\r\n")
  return receiver, said(receiver)
end

local function say(receiver, line)
  receiver:feed(line .. "\r\n")
  return said(receiver)
end

-- Feeds cuts of the wire and notes everything that happens, content joined.
local function play(options, wire, cut, answer)
  local receiver = assert(core.receiver(options))
  local log, replies, at = {}, {}, 1
  local function turn()
    repeat
      replies[#replies + 1] = said(receiver)
      local event, value = receiver:next()
      if event == "content" and log[#log] and log[#log]:sub(1, 8) == "content " then
        log[#log] = log[#log] .. value
      elseif event == "message" then
        log[#log + 1] = ("message %s > %s: %d %s"):format(value.from,
          table.concat(value.to, ","), value.size, tostring(value.content))
      elseif event then
        local shown = type(value) == "table" and value.user .. "/" .. value.password or value
        log[#log + 1] = event .. " " .. tostring(shown)
      end
      if event and answer then answer(receiver, event, value) end
    until not event and receiver:output() == ""
  end
  turn()
  while at <= #wire do
    local n = cut()
    receiver:feed(wire:sub(at, at + n - 1))
    at = at + n
    turn()
  end
  receiver:feed_eof()
  turn()
  return table.concat(log, "\n"), table.concat(replies):gsub("queued as %x+", "queued")
end

describe("ph_receiver", function()
  it("greets, and tells its capabilities", function()
    local receiver = core.receiver { hostname = "sink.example", size = 1000 }
    assert.equal("220 sink.example ESMTP\r\n", said(receiver))
    assert.equal("250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 1000\r\n" ..
      "250 ENHANCEDSTATUSCODES\r\n", say(receiver, "EHLO client.example"))
    assert.equal("250 sink.example\r\n", say(receiver, "helo client.example"))
    assert.same({ helo = "client.example", esmtp = false, secured = false }, receiver:facts())
  end)

  it("announces only what it was told to", function()
    local _, hello = greeted {
      extensions = { PIPELINING = false, SIZE = false, SMTPUTF8 = true, ["8BITMIME"] = false,
        ENHANCEDSTATUSCODES = false },
      tls = "starttls", auth = true,
    }
    assert.equal("250-localhost\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n", hello)
  end)

  it("takes a mail, and gives it whole with its envelope", function()
    local receiver = greeted()
    assert.equal("250 2.1.0 Ok\r\n",
      say(receiver, "MAIL FROM:<ada@example.org> size=12 BODY=8BITMIME"))
    assert.equal("250 2.1.5 Ok\r\n", say(receiver, "RCPT TO:<bob@example.net>"))
    assert.equal("250 2.1.5 Ok\r\n", say(receiver, "RCPT TO: <\"odd >\"@example.net>"))
    assert.equal("354", say(receiver, "DATA"):sub(1, 3))
    receiver:feed("Subject: x\r\n\r\n..dot\r\n.\r\n")
    assert.equal("", receiver:machine():pending() and "" or "not pending")
    local event, mail = receiver:next()
    assert.equal("message", event)
    assert.same({
      from = "ada@example.org", to = { "bob@example.net", "\"odd >\"@example.net" },
      parameters = { SIZE = "12", BODY = "8BITMIME" }, recipient_parameters = {},
      size = 20, content = "Subject: x\r\n\r\n.dot\r\n",
    }, mail)
    assert.truthy(said(receiver):match("^250 2%.0%.0 Ok: queued as %x+\r\n$"))
    assert.equal("503", say(receiver, "RCPT TO:<bob@example.net>"):sub(1, 3))
    assert.equal("250", say(receiver, "MAIL FROM:<>"):sub(1, 3))
  end)

  it("leaves the verdict to who asks for it", function()
    local receiver = greeted { ask = { mail = true, recipient = true } }
    receiver:feed("MAIL FROM:<a@b.c> SIZE=5\r\nRCPT TO:<no@b.c>\r\nRCPT TO:<yes@b.c>\r\nDATA\r\n")
    local event, value, parameters = receiver:next()
    assert.same({ "mail", "a@b.c", { SIZE = "5" } }, { event, value, parameters })
    event, value = receiver:next()
    assert.same({ "recipient", "no@b.c" }, { event, value })
    receiver:reply(550, "5.1.1", "nobody here\nof that name")
    event, value = receiver:next()
    assert.same({ "recipient", "yes@b.c" }, { event, value })
    receiver:reply()
    assert.equal("250 2.1.0 Ok\r\n550-5.1.1 nobody here\r\n550 5.1.1 of that name\r\n" ..
      "250 2.1.5 Ok\r\n354 end with <CRLF>.<CRLF>\r\n", said(receiver))
    receiver:feed(".\r\n")
    event, value = receiver:next()
    assert.equal("message", event)
    assert.same({ "yes@b.c" }, value.to)
    receiver:reply(451, "4.3.0", "not today")
    assert.equal("451 4.3.0 not today\r\n", said(receiver))
  end)

  it("hangs up behind a 421 of its caller", function()
    local receiver = greeted { ask = { mail = true } }
    receiver:feed("MAIL FROM:<a@b.c>\r\nNOOP\r\n")
    assert.equal("mail", (receiver:next()))
    receiver:reply(421, "4.3.2", "shutting down")
    assert.equal("421 4.3.2 shutting down\r\n", said(receiver))
    assert.same({ "closed", "refused" }, { receiver:next() })
    assert.is_nil((receiver:next()))
  end)

  it("raises for a reply that nobody waits for, or that would break the wire", function()
    local receiver = greeted { ask = { mail = true } }
    assert.error(function() receiver:reply(250) end, "no event waits for a reply")
    receiver:feed("MAIL FROM:<a@b.c>\r\n")
    receiver:next()
    assert.error(function() receiver:reply(550, nil, "x\r\n250 y") end)
    assert.error(function() receiver:reply(550, "2.0.0", "x") end)
    assert.error(function() receiver:reply(999) end)
    receiver:reply(550, "5.0.0", "x")
    assert.error(function() receiver:reply(550) end)
  end)

  it("keeps the order of commands", function()
    local receiver = core.receiver()
    said(receiver)
    assert.equal("503", say(receiver, "MAIL FROM:<a@b.c>"):sub(1, 3))
    assert.equal("501", say(receiver, "EHLO"):sub(1, 3))
    say(receiver, "EHLO c")
    assert.equal("503", say(receiver, "RCPT TO:<a@b.c>"):sub(1, 3))
    assert.equal("503", say(receiver, "DATA"):sub(1, 3))
    say(receiver, "MAIL FROM:<a@b.c>")
    assert.equal("503", say(receiver, "MAIL FROM:<a@b.c>"):sub(1, 3))
    assert.equal("554", say(receiver, "DATA"):sub(1, 3))
    assert.equal("250", say(receiver, "RSET"):sub(1, 3))
    assert.equal("503", say(receiver, "DATA"):sub(1, 3))
    assert.equal("500", say(receiver, "BDAT 5 LAST"):sub(1, 3))
    assert.equal("252", say(receiver, "VRFY bob"):sub(1, 3))
    assert.equal("214", say(receiver, "HELP"):sub(1, 3))
    assert.equal("501", say(receiver, "QUIT now"):sub(1, 3))
    assert.equal("221", say(receiver, "QUIT"):sub(1, 3))
    assert.same({ "closed", "quit" }, { receiver:next() })
  end)

  it("refuses what is no path or parameter", function()
    for _, line in ipairs {
      "MAIL FROM:a@b.c", "MAIL FROM:<a@b.c", "MAIL FROM:<a>", "MAIL FROM:<@b.c>", "MAIL <a@b.c>",
      "MAIL FROM:<a@b.c>SIZE=1", "MAIL FROM:<a@b.c> SIZE=x", "MAIL FROM:<a@b.c> =1",
      "MAIL FROM:<a@b.c> BODY=BINARYMIME",
    } do
      local receiver = greeted()
      assert.equal("501", say(receiver, line):sub(1, 3), line)
    end
    local receiver = greeted()
    assert.equal("555", say(receiver, "MAIL FROM:<a@b.c> RET=HDRS"):sub(1, 3))
    assert.equal("553", say(receiver, "MAIL FROM:<\195\164@b.c>"):sub(1, 3))
    say(receiver, "MAIL FROM:<a@b.c>")
    assert.equal("555", say(receiver, "RCPT TO:<a@b.c> NOTIFY=NEVER"):sub(1, 3))
    assert.equal("501", say(receiver, "RCPT TO:<>"):sub(1, 3))
    assert.equal("250", say(receiver, "RCPT TO:<Postmaster>"):sub(1, 3))
    assert.equal("250", say(receiver, "RCPT TO:<@x.y:b@c.d>"):sub(1, 3))
    assert.equal("250", say(receiver, "RCPT TO:<@[IPv6:::1],@x.y:b@c.d>"):sub(1, 3))
    for _, path in ipairs { "@[IPv6:::1]", "@[IPv6:::1:b@c.d", "@[IPv6:::1]:", "@x.y" } do
      assert.equal("501", say(receiver, "RCPT TO:<" .. path .. ">"):sub(1, 3), path)
    end
  end)

  describe("parameters", function()
    local all = { SMTPUTF8 = true, DSN = true, DELIVERBY = true, FUTURERELEASE = true,
      ["MT-PRIORITY"] = true, REQUIRETLS = true, LIMITS = true }

    it("are announced when told to, REQUIRETLS over TLS alone", function()
      local receiver, hello = greeted { extensions = all, recipients = 7, tls = "starttls" }
      for _, line in ipairs { "DSN", "DELIVERBY", "FUTURERELEASE 2592000 9999-12-31T23:59:59Z",
        "MT-PRIORITY", "LIMITS RCPTMAX=7" } do
        assert.truthy(hello:find("250-" .. line .. "\r\n", 1, true), line)
      end
      assert.is_nil(hello:find("REQUIRETLS", 1, true))
      assert.equal("555", say(receiver, "MAIL FROM:<> REQUIRETLS"):sub(1, 3))
      say(receiver, "STARTTLS")
      assert.equal("want_tls", receiver:next())
      receiver:secured()
      assert.truthy(say(receiver, "EHLO x"):find("250-REQUIRETLS\r\n", 1, true))
      assert.equal("501", say(receiver, "MAIL FROM:<> REQUIRETLS=1"):sub(1, 3))
      assert.equal("250", say(receiver, "MAIL FROM:<> REQUIRETLS"):sub(1, 3))
    end)

    it("are given with the message, those of recipients by their place", function()
      local receiver = greeted { extensions = all }
      assert.equal("250 250 250 250 354", codes(say(receiver,
        "MAIL FROM:<a@b.c> RET=HDRS envid=QQ+20314159 HOLDFOR=60 BY=120;R MT-PRIORITY=-9\r\n" ..
        "RCPT TO:<one@b.c>\r\nRCPT TO:<two@b.c> notify=SUCCESS,FAILURE ORCPT=rfc822;dana@b.c\r\n" ..
        "RCPT TO:<three@b.c>\r\nDATA\r\n.")))
      local _, mail = receiver:next()
      assert.same({ RET = "HDRS", ENVID = "QQ+20314159", BY = "120;R", HOLDFOR = "60",
        ["MT-PRIORITY"] = "-9" }, mail.parameters)
      assert.same({ [2] = { NOTIFY = "SUCCESS,FAILURE", ORCPT = "rfc822;dana@b.c" } },
        mail.recipient_parameters)
      say(receiver, "MAIL FROM:<a@b.c>\r\nRCPT TO:<b@b.c>\r\nDATA\r\n.")
      _, mail = receiver:next()
      assert.same({}, mail.recipient_parameters)
    end)

    it("are taken as their RFCs write them", function()
      for _, parameter in ipairs { "RET=full", "ENVID=" .. ("x"):rep(100), "BY=-5;N", "BY=+5;rt",
        "BY=0;N", "BY=999999999;R", "HOLDFOR=1", "HOLDUNTIL=2030-01-01T00:00:00+01:00",
        "MT-PRIORITY=0", "MT-PRIORITY=9", "HOLDUNTIL=2030-01-01T00:00:00Z MT-PRIORITY=1 BY=1;R", "AUTH=<>", "SMTPUTF8" } do
        local receiver = greeted { extensions = all, auth = true }
        assert.equal("250", say(receiver, "MAIL FROM:<> " .. parameter):sub(1, 3), parameter)
      end
      local receiver = greeted { extensions = all }
      say(receiver, "MAIL FROM:<>")
      for _, parameter in ipairs { "NOTIFY=never", "NOTIFY=DELAY", "NOTIFY=SUCCESS,FAILURE,DELAY",
        "ORCPT=x400;/a+3Db/", "ORCPT=utf-8;\\x{FC}@b.c", "ORCPT=UTF-8;ü@b.c",
        "ORCPT=rfc822;" .. ("x"):rep(493) } do
        assert.equal("250", say(receiver, "RCPT TO:<a@b.c> " .. parameter):sub(1, 3), parameter)
      end
    end)

    it("are refused when malformed, twice, or of the other command", function()
      for parameter, code in pairs { ["RET="] = 501, ["RET=NONE"] = 501, ["ENVID=a+0D+0Ab"] = 501,
        ["ENVID=a+2"] = 501, ["ENVID=+FF"] = 501, ["ENVID=" .. ("x"):rep(101)] = 501, ["ENVID"] = 501,
        ["BY=5"] = 501, ["BY=;R"] = 501, ["BY=0;R"] = 501, ["BY=-1;R"] = 501, ["BY=1000000000;R"] = 501,
        ["BY=5;X"] = 501, ["BY=5;RX"] = 501, ["HOLDFOR=0"] = 501, ["HOLDFOR=2592001"] = 501,
        ["HOLDUNTIL=tomorrow"] = 501, ["HOLDFOR=1 HOLDUNTIL=2030-01-01T00:00:00Z"] = 501,
        ["HOLDUNTIL=2030-01-01T00:00:00Z HOLDFOR=1"] = 501, ["MT-PRIORITY=10"] = 501,
        ["MT-PRIORITY=-0"] = 501, ["MT-PRIORITY=+1"] = 501, ["MT-PRIORITY"] = 501,
        ["RET=HDRS RET=HDRS"] = 501, ["NOTIFY=NEVER"] = 555, ["REQUIRETLS"] = 555, ["AUTH=<>"] = 555,
      } do
        local receiver = greeted { extensions = all }
        assert.equal(tostring(code), say(receiver, "MAIL FROM:<> " .. parameter):sub(1, 3), parameter)
      end
      for parameter, code in pairs { ["NOTIFY=NEVER,DELAY"] = 501, ["NOTIFY="] = 501,
        ["NOTIFY=DELAY,"] = 501, ["NOTIFY=,DELAY"] = 501, ["ORCPT=a@b.c"] = 501, ["ORCPT=;a"] = 501,
        ["ORCPT=rfc822;"] = 501, ["ORCPT=rfc822;a=b"] = 501, ["ORCPT=rfc(822;a"] = 501,
        ["ORCPT=rfc822;ü@b.c"] = 501, ["ORCPT=utf-8;a+b"] = 501,
        ["ORCPT=rfc822;" .. ("x"):rep(494)] = 501, ["RET=FULL"] = 555,
      } do
        local receiver = greeted { extensions = all }
        say(receiver, "MAIL FROM:<>")
        assert.equal(tostring(code), say(receiver, "RCPT TO:<a@b.c> " .. parameter):sub(1, 3), parameter)
      end
      local receiver = greeted { extensions = { DSN = true } }
      say(receiver, "MAIL FROM:<>")
      assert.equal("501", say(receiver, "RCPT TO:<a@b.c> ORCPT=utf-8;ü@b.c"):sub(1, 3))
      assert.equal("250", say(receiver, "RCPT TO:<a@b.c> ORCPT=utf-8;\\x{FC}@b.c"):sub(1, 3))
    end)
  end)

  it("keeps to its SIZE, announced and real (RFC 1870)", function()
    local receiver = greeted { size = 100 }
    assert.equal("552 5.3.4", say(receiver, "MAIL FROM:<a@b.c> SIZE=101"):sub(1, 9))
    receiver:feed("MAIL FROM:<a@b.c> SIZE=100\r\nRCPT TO:<a@b.c>\r\nDATA\r\n")
    receiver:feed(("x"):rep(100) .. "\r\n.\r\nNOOP\r\n")
    assert.is_nil((receiver:next()))
    assert.equal("250 250 354 552 250", codes(said(receiver)))
    receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n")
    receiver:feed(("x"):rep(98) .. "\r\n.\r\n")
    assert.equal("message", (receiver:next()))
  end)

  it("takes a limited number of recipients", function()
    local receiver = greeted { recipients = 2 }
    local rcpt = "RCPT TO:<a@b.c>\r\n"
    receiver:feed("MAIL FROM:<a@b.c>\r\n" .. rcpt:rep(3))
    assert.equal("250 250 250 452", codes(said(receiver)))
  end)

  it("ends the content at CRLF.CRLF and nowhere else", function()
    for _, inside in ipairs { "\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r", "\r\n..\r\n" } do
      local receiver = greeted()
      receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n")
      receiver:feed("x" .. inside .. "MAIL FROM:<evil@b.c>\r\n")
      assert.is_nil((receiver:next()), ("%q"):format(inside))
      receiver:feed(".\r\n")
      local _, mail = receiver:next()
      assert.equal("x" .. inside:gsub("^\r\n%.", "\r\n") .. "MAIL FROM:<evil@b.c>\r\n",
        mail.content)
    end
  end)

  it("streams content in bounded pieces, and says when a mail is dropped", function()
    local receiver = greeted { content = "stream", size = 400000 }
    local body = ("0123456789abcde\r\n"):rep(20000)
    receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n" .. body .. ".\r\n")
    local pieces, largest = {}, 0
    local event, value = receiver:next()
    while event == "content" do
      pieces[#pieces + 1] = value
      largest = math.max(largest, #value)
      event, value = receiver:next()
    end
    assert.equal("message", event)
    assert.equal(#body, value.size)
    assert.is_nil(value.content)
    assert.is_true(table.concat(pieces) == body)
    assert.is_true(largest <= 80 * 1024)
    receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n" .. body .. body .. ".\r\n")
    repeat event = receiver:next() until event ~= "content"
    assert.equal("dropped", event)
  end)

  it("can count instead of keep", function()
    local receiver = greeted { content = "discard" }
    receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n")
    receiver:feed(("x\r\n"):rep(1000) .. ".\r\n")
    local _, mail = receiver:next()
    assert.same({ 3000, nil }, { mail.size, mail.content })
  end)

  describe("AUTH", function()
    local options = { auth = true, allow_plaintext_auth = true }
    local plain = base64("\0user\0pass")

    it("is offered over TLS alone unless told otherwise", function()
      local receiver, hello = greeted { auth = true }
      assert.is_nil(hello:find("AUTH"))
      assert.equal("538 5.7.11", say(receiver, "AUTH PLAIN " .. plain):sub(1, 10))
      receiver, hello = greeted(options)
      assert.truthy(hello:find("250 AUTH PLAIN LOGIN\r\n", 1, true))
      assert.equal("502", say(greeted(), "AUTH PLAIN " .. plain):sub(1, 3))
      assert.equal("504", say(receiver, "AUTH CRAM-MD5"):sub(1, 3))
    end)

    it("gives PLAIN and LOGIN to its caller", function()
      local receiver = greeted(options)
      receiver:feed("AUTH PLAIN " .. base64("root\0user\0pass") .. "\r\n")
      assert.same({ "auth", { user = "user", password = "pass", authorization = "root" } },
        { receiver:next() })
      receiver:reply(535, "5.7.8", "no")
      assert.equal("535 5.7.8 no\r\n", said(receiver))
      assert.is_nil(receiver:facts().user)
      assert.equal("334 \r\n", say(receiver, "AUTH PLAIN"))
      receiver:feed(plain .. "\r\n")
      assert.same({ "auth", { user = "user", password = "pass" } }, { receiver:next() })
      assert.equal("235 2.7.0 welcome\r\n", said(receiver))
      assert.equal("user", receiver:facts().user)
      assert.equal("503", say(receiver, "AUTH PLAIN " .. plain):sub(1, 3))
      receiver = greeted(options)
      assert.equal("334 VXNlcm5hbWU6\r\n", say(receiver, "AUTH LOGIN"))
      assert.equal("334 UGFzc3dvcmQ6\r\n", say(receiver, base64("user")))
      receiver:feed(base64("pass") .. "\r\n")
      assert.same({ "auth", { user = "user", password = "pass" } }, { receiver:next() })
    end)

    it("refuses what is no response, and lets the client cancel", function()
      for _, line in ipairs { "AUTH PLAIN x", "AUTH PLAIN =", "AUTH PLAIN " .. base64("a\0b") } do
        assert.equal("501", say(greeted(options), line):sub(1, 3), line)
      end
      local receiver = greeted(options)
      say(receiver, "AUTH LOGIN")
      assert.equal("501", say(receiver, "*"):sub(1, 3))
      assert.equal("250", say(receiver, "NOOP"):sub(1, 3))
    end)

    it("can be required", function()
      local receiver = greeted { auth = true, allow_plaintext_auth = true, require_auth = true }
      assert.equal("530 5.7.0", say(receiver, "MAIL FROM:<a@b.c>"):sub(1, 9))
    end)
  end)

  describe("STARTTLS", function()
    it("wants TLS once its 220 has left, and forgets all it heard before", function()
      local receiver = greeted { tls = "starttls", auth = true }
      receiver:feed("STARTTLS\r\n")
      assert.is_nil((receiver:next()))
      assert.equal("220 2.0.0 ready to shake hands\r\n", said(receiver))
      assert.is_true(receiver:pending())
      assert.equal("want_tls", (receiver:next()))
      receiver:secured()
      assert.same({ esmtp = false, secured = true }, receiver:facts())
      assert.equal("503", say(receiver, "MAIL FROM:<a@b.c>"):sub(1, 3))
      local hello = say(receiver, "EHLO c")
      assert.is_nil(hello:find("STARTTLS"))
      assert.truthy(hello:find("AUTH PLAIN LOGIN"))
      assert.equal("503", say(receiver, "STARTTLS"):sub(1, 3))
    end)

    it("refuses octets in the clear behind it (CVE-2011-0411)", function()
      local receiver = greeted { tls = "starttls" }
      receiver:feed("STARTTLS\r\nN")
      assert.equal("554", said(receiver):sub(1, 3))
      assert.same({ "closed", "protocol" }, { receiver:next() })
      receiver = greeted { tls = "starttls" }
      receiver:feed("STARTTLS\r\n")
      assert.is_false(receiver:feed("NOOP\r\n"))
      assert.equal("220 2.0.0 ready to shake hands\r\n", said(receiver))
      assert.same({ "closed", "protocol" }, { receiver:next() })
      assert.error(function() receiver:secured() end)
    end)

    it("is refused where it is not offered", function()
      assert.equal("502", say(greeted(), "STARTTLS"):sub(1, 3))
    end)

    it("comes before the greeting when it is implicit", function()
      local receiver = core.receiver { tls = "implicit" }
      assert.equal("", receiver:output())
      assert.equal("want_tls", (receiver:next()))
      receiver:secured()
      assert.equal("220 localhost ESMTP\r\n", said(receiver))
    end)
  end)

  describe("BDAT", function()
    local options = { extensions = { CHUNKING = true, BINARYMIME = true }, size = 100000 }

    it("takes chunks whatever is in them (RFC 3030)", function()
      local receiver, hello = greeted(options)
      assert.truthy(hello:find("250-CHUNKING\r\n250 BINARYMIME\r\n", 1, true))
      receiver:feed("MAIL FROM:<a@b.c> BODY=BINARYMIME\r\nRCPT TO:<d@e.f>\r\nBDAT 5\r\n\0\r\n.\r")
      assert.equal("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 5 octets\r\n", said(receiver))
      receiver:feed("BDAT 0\r\nbdat 2 last\r\n\nx")
      local event, mail = receiver:next()
      assert.equal("message", event)
      assert.equal("\0\r\n.\r\nx", mail.content)
      assert.equal("250 250", codes(said(receiver)))
      receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nBDAT 0 LAST\r\n")
      event, mail = receiver:next()
      assert.equal("message", event)
      assert.equal(0, mail.size)
    end)

    it("reads a chunk to its end before it refuses it", function()
      local receiver = greeted(options)
      receiver:feed("BDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<a@b.c>\r\nBDAT 6 LAST\r\nQUIT\r\n")
      assert.equal("503 250 554", codes(said(receiver)))
      receiver:feed("RCPT TO:<d@e.f>\r\nBDAT 100001\r\n" .. ("x"):rep(100000))
      assert.equal("250", codes(said(receiver)))
      receiver:feed("yBDAT 1 LAST\r\nxRSET\r\n")
      assert.equal("552 503 250", codes(said(receiver)))
      assert.is_nil((receiver:next()))
    end)

    it("does not mix with DATA, and takes nothing but a size", function()
      local receiver = greeted(options)
      receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nBDAT 1\r\nxDATA\r\n")
      assert.equal("250 250 250 503", codes(said(receiver)))
      receiver:feed("RSET\r\nMAIL FROM:<a@b.c> BODY=BINARYMIME\r\nRCPT TO:<d@e.f>\r\nDATA\r\n")
      assert.equal("250 250 250 503", codes(said(receiver)))
      for _, line in ipairs { "BDAT", "BDAT x", "BDAT -1", "BDAT 1 x", "BDAT 1 LAST x", "BDAT  1",
        "BDAT " .. ("9"):rep(19) } do
        assert.equal("501", say(receiver, line):sub(1, 3), line)
      end
      assert.equal("500", say(greeted(), "BDAT 1 LAST"):sub(1, 3))
      assert.equal("501", say(greeted(), "MAIL FROM:<a@b.c> BODY=BINARYMIME"):sub(1, 3))
    end)

    it("gives chunks away as a stream", function()
      local wire = "EHLO c\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nBDAT 90000\r\n" .. ("x"):rep(90000)
        .. "BDAT 3 LAST\r\nend"
      local log = play({ extensions = options.extensions, content = "stream" }, wire,
        function() return 7000 end)
      assert.equal("content " .. ("x"):rep(90000) .. "end\nmessage a@b.c > d@e.f: 90003 nil\nclosed eof", log)
    end)
  end)

  describe("LMTP", function()
    local function greeted_by_lhlo()
      local receiver = core.receiver { lmtp = true }
      assert.equal("220 localhost LMTP\r\n", said(receiver))
      assert.equal("500 500 250", codes(say(receiver, "EHLO c\r\nHELO c\r\nLHLO c")))
      return receiver
    end

    it("has a verdict for each recipient (RFC 2033, 4.2)", function()
      local receiver = greeted_by_lhlo()
      receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nRCPT TO:<g@e.f>\r\nRCPT TO:<h@e.f>\r\n"
        .. "DATA\r\nx\r\n.\r\n")
      said(receiver)
      assert.equal("message", (receiver:next()))
      assert.equal("250 250 250", codes(said(receiver)))
      receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nRCPT TO:<g@e.f>\r\nDATA\r\nx\r\n.\r\n")
      assert.equal("250 250 250 354", codes(said(receiver)))
      assert.equal("message", (receiver:next()))
      receiver:reply()
      receiver:reply(452, "4.2.2", "full")
      assert.error(function() receiver:reply() end, "no event waits for a reply")
      assert.equal("250 452", codes(said(receiver)))
    end)

    it("refuses DATA with nobody to have it, and what is too large for each", function()
      local receiver = greeted_by_lhlo()
      assert.equal("250 503", codes(say(receiver, "MAIL FROM:<a@b.c>\r\nDATA")))
      receiver = core.receiver { lmtp = true, size = 10 }
      receiver:feed("LHLO c\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nRCPT TO:<g@e.f>\r\nDATA\r\n")
      said(receiver)
      receiver:feed(("x"):rep(20) .. "\r\n.\r\n")
      assert.equal("552 552", codes(said(receiver)))
    end)
  end)

  describe("bounds", function()
    it("refuses lines that are too long or end in anything but CRLF", function()
      local receiver = greeted()
      assert.equal("500", say(receiver, "NOOP " .. ("x"):rep(3000)):sub(1, 3))
      receiver:feed(("x"):rep(20000))
      receiver:feed(("x"):rep(20000) .. "\r\nNOOP\r\n")
      assert.equal("500 250", codes(said(receiver)))
      receiver:feed("NOOP\nNOOP x\ry\r\nNOOP\r\n")
      assert.equal("500 500 250", codes(said(receiver)))
    end)

    it("ends a session of nothing but errors", function()
      local receiver = greeted()
      receiver:feed(("GET / HTTP/1.1\r\n"):rep(100))
      assert.equal(("500 "):rep(20) .. "421", codes(said(receiver)))
      assert.same({ "closed", "errors" }, { receiver:next() })
    end)

    it("runs no command for a peer that does not read, and then ends it", function()
      local receiver = greeted()
      local noop = ("NOOP\r\n"):rep(10000)
      assert.is_true(receiver:feed(noop))
      assert.is_true(#receiver:output() < 40000)
      local taken = true
      for _ = 1, 30 do taken = receiver:feed(noop) and taken end
      assert.is_false(taken)
      receiver:expire()
      assert.equal("", receiver:output())
      assert.same({ "closed", "limit" }, { receiver:next() })
    end)

    it("runs what waits once its replies were read", function()
      local receiver = greeted()
      receiver:feed(("NOOP\r\n"):rep(10000) .. "QUIT\r\n")
      local count = 0
      repeat
        local output = said(receiver)
        count = count + select(2, output:gsub("250 ", ""))
      until output == ""
      assert.equal(10000, count)
      assert.same({ "closed", "quit" }, { receiver:next() })
    end)

    it("waits anew for each command, not for each octet", function()
      local receiver = greeted { timeout = 7 }
      local seconds, number = receiver:deadline()
      assert.equal(7, seconds)
      receiver:feed("NO")
      assert.equal(number, select(2, receiver:deadline()))
      receiver:feed("OP\r\n")
      assert.not_equal(number, select(2, receiver:deadline()))
      said(receiver)
      receiver:expire()
      assert.equal("421", said(receiver):sub(1, 3))
      assert.same({ "closed", "timeout" }, { receiver:next() })
      assert.is_nil(receiver:deadline())
    end)

    it("raises for an option it does not know", function()
      assert.error(function() core.receiver { host = "x" } end, "unknown option 'host'")
      assert.error(function() core.receiver { tls = "maybe" } end)
      assert.error(function() core.receiver { extensions = { XDSN = true } } end)
      assert.error(function() core.receiver { hostname = "a b" } end)
    end)
  end)

  it("says the same whole, byte by byte and cut at random", function()
    local options = { ask = { recipient = true }, auth = true, allow_plaintext_auth = true,
      size = 5000, content = "stream" }
    local wire = table.concat({
      "EHLO c", "AUTH LOGIN", base64("user"), base64("pass"), "bogus", "MAIL FROM:<a@b.c>",
      "RCPT TO:<d@e.f>", "RCPT TO:<no@e.f>", "DATA", "Subject: x", "", "..", "..x", "a\n.\nb", ".",
      "MAIL FROM:<>", "RCPT TO:<d@e.f>", "DATA", ("y"):rep(6000), ".",
      "NOOP " .. ("z"):rep(2500), "RSET", "QUIT", "NOOP", "",
    }, "\r\n")
    local function answer(receiver, event, value)
      if event == "recipient" and value == "no@e.f" then receiver:reply(550, "5.1.1", "no") end
    end
    local log, replies = play(options, wire, function() return #wire end, answer)
    assert.truthy(log:find("content Subject: x\r\n\r\n.\r\n.x\r\na\n.\nb\r\nmessage", 1, true)
      or log:find("content Subject: x\r\n\r\n.\r\n.x\r\na\n.\nb\r\n\nmessage", 1, true))
    local log1, replies1 = play(options, wire, function() return 1 end, answer)
    assert.equal(log, log1)
    assert.equal(replies, replies1)
    math.randomseed(7)
    for _ = 1, 200 do
      local width = math.random(1, 400)
      local log2, replies2 = play(options, wire, function()
        return math.random(1, width)
      end, answer)
      assert.equal(log, log2)
      assert.equal(replies, replies2)
    end
  end)

  it("takes a long body in linear time", function()
    local wire = (("x"):rep(70) .. "\r\n"):rep(900)
    local function seconds(n)
      local receiver = greeted { size = 1e9, content = "discard" }
      receiver:feed("MAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n")
      local from = os.clock()
      for _ = 1, n do receiver:feed(wire) end
      return os.clock() - from
    end
    local function best(n) return math.min(seconds(n), seconds(n), seconds(n)) end
    local one, two = best(200), best(400)
    assert.is_true(two < one * 3 + 0.02, one .. " " .. two)
  end)
end)
