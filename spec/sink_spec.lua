-- sink_spec.lua - the development mail catcher, over loopback.
local driver = require("posthorn.driver").get()
local sinks = require "posthorn.sink"

-- Runs fn(sink) beside a started sink.
local function with_sink(options, fn)
  local sink = sinks.new(options)
  local ok, why
  driver.run(function()
    assert(sink:start())
    ok, why = driver.pcall(fn, sink)
    sink:stop()
  end)
  if not ok then error(why, 0) end
  return sink
end

local function dial(sink)
  return assert(driver.connect({ ip = "127.0.0.1", port = sink.port }, driver.now() + 5))
end

-- Says all of the lines at once; all that comes back until the end.
local function converse(connection, ...)
  assert(connection:write(table.concat({ ... }, "\r\n") .. "\r\n", driver.now() + 5))
  local replies = {}
  while true do
    local bytes, reason = connection:read(65536, driver.now() + 5)
    if not bytes then
      connection:close()
      return table.concat(replies), reason
    end
    replies[#replies + 1] = bytes
  end
end

local function mail(to)
  return "MAIL FROM:<a@b.c>\r\nRCPT TO:<" .. to .. ">\r\nDATA\r\nSubject: x\r\n\r\n..y\r\n."
end

local function codes(replies)
  local list = {}
  for code in replies:gmatch("(%d%d%d) [^\r]*\r\n") do list[#list + 1] = code end
  return table.concat(list, " ")
end

-- Runs a Python script beside the sink; what it printed.
local function python(script)
  local path, log = os.tmpname(), os.tmpname()
  local handle = assert(io.open(path, "w"))
  handle:write(script, "\nprint('done')\n")
  handle:close()
  os.execute(("/usr/bin/python3 %s > %s 2>&1 &"):format(path, log))
  local output = ""
  for _ = 1, 100 do
    driver.sleep(0.05)
    handle = assert(io.open(log))
    output = handle:read("*a")
    handle:close()
    if output:find("done\n", 1, true) or output:find("Error", 1, true) then break end
  end
  os.remove(path)
  os.remove(log)
  return output
end

describe("posthorn.sink", function()
  it("speaks LMTP, and asks for each recipient at the dot", function()
    local asked = {}
    local sink = with_sink({ lmtp = true, extensions = { CHUNKING = true },
      respond = function(address, session)
        if not address then
          asked[#asked + 1] = session.recipient
          if session.recipient == "full@b.c" then return 452, "4.2.2", "full" end
        end
      end }, function(sink)
      local replies = converse(dial(sink), "LHLO c", "MAIL FROM:<a@b.c>", "RCPT TO:<d@b.c>",
        "RCPT TO:<full@b.c>", "BDAT 3 LAST", "x", "QUIT")
      assert.equal("220 250 250 250 250 250 452 221", codes(replies))
    end)
    assert.same({ "d@b.c", "full@b.c" }, asked)
    assert.equal("x\r\n", sink.messages[1].bytes)
    assert.equal(1, sink.count)
    assert.same({}, sink.errors)
  end)

  it("keeps what it is sent", function()
    local sink = with_sink({}, function(sink)
      assert.equal("220 250 250 250 354 250 221", codes(converse(dial(sink),
        "EHLO me.example", mail "d@e.f", "QUIT")))
    end)
    assert.equal(1, sink.count)
    local got = sink.messages[1]
    assert.same({ from = "a@b.c", to = { "d@e.f" } }, got.envelope)
    assert.equal("Subject: x\r\n\r\n.y\r\n", got.bytes)
    assert.same({ "me.example", 18 }, { got.helo, got.size })
    assert.is_nil(got.tls)
  end)

  it("serves many at once, and keeps the latest", function()
    local sink = with_sink({ keep = 3 }, function(sink)
      local tasks = {}
      for i = 1, 20 do
        tasks[i] = driver.spawn(function()
          return codes(converse(dial(sink), "HELO me", mail(i .. "@e.f"), "QUIT"))
        end)
      end
      for i = 1, 20 do assert.equal("220 250 250 250 354 250 221", tasks[i]:wait()) end
    end)
    assert.same({ 20, 3 }, { sink.count, #sink.messages })
  end)

  it("asks its user for verdicts, who may wait", function()
    local seen = {}
    local sink = with_sink({
      respond = function(address, session)
        driver.sleep(0.01)
        seen[#seen + 1] = tostring(address) .. " " .. session.helo
        if address == "no@e.f" then return 550, "5.1.1", "nobody" end
        if not address and session.mail.bytes:find("spam") then return 554, "5.7.1", "spam" end
      end,
    }, function(sink)
      assert.equal("220 250 250 550 250 354 554 221", codes(converse(dial(sink), "HELO me",
        "MAIL FROM:<>", "RCPT TO:<no@e.f>", "RCPT TO:<d@e.f>", "DATA", "spam", ".", "QUIT")))
    end)
    assert.same({ "no@e.f me", "d@e.f me", "nil me" }, seen)
    assert.equal(0, sink.count)
  end)

  it("survives a callback that fails or gives no reply", function()
    local told
    local sink = with_sink({
      respond = function(address)
        if address == "a@e.f" then error("oops") end
        if address == "b@e.f" then return 550, "5.1.1", "two\r\nlines" end
      end,
      on_message = function(got) told = got end,
    }, function(sink)
      assert.equal("220 250 250 451 451 250 354 250 221", codes(converse(dial(sink), "HELO me",
        "MAIL FROM:<>", "RCPT TO:<a@e.f>", "RCPT TO:<b@e.f>", "RCPT TO:<c@e.f>", "DATA", ".",
        "QUIT")))
    end)
    assert.equal(2, #sink.errors)
    assert.equal(sink.messages[1], told)
  end)

  it("lets a client read why it is sent away", function()
    with_sink({}, function(sink)
      local replies, reason = converse(dial(sink), ("GET /\r\n"):rep(100))
      assert.truthy(replies:find("421 4.7.0 too many errors\r\n", 1, true))
      assert.equal("eof", reason)
    end)
  end)

  it("ends who is silent", function()
    with_sink({ timeout = 0.05 }, function(sink)
      local replies = converse(dial(sink), "EHLO me")
      assert.truthy(replies:find("421 4.4.2", 1, true))
    end)
  end)

  it("ends all its connections when it stops", function()
    with_sink({}, function(sink)
      local connection = dial(sink)
      assert.truthy(connection:read(100, driver.now() + 5))
      sink:stop()
      sink:stop()
      local _, reason = connection:read(100, driver.now() + 5)
      assert.equal("eof", reason)
      connection:close()
      assert.is_nil((driver.connect({ ip = "127.0.0.1", port = sink.port }, driver.now() + 5)))
    end)
  end)

  it("says when it cannot listen", function()
    with_sink({}, function(sink)
      local other, message, failure = sinks.new({ port = sink.port }):start()
      assert.is_nil(other)
      assert.truthy(message:find("cannot listen", 1, true))
      assert.equal("io", failure.kind)
    end)
  end)

  it("takes a mail of Python's smtplib over STARTTLS and AUTH", function()
    local ca = os.tmpname()
    local sink = with_sink({ tls = true, users = { ada = "secret" }, require_auth = true },
      function(sink)
        local handle = assert(io.open(ca, "w"))
        handle:write(sink.certificate)
        handle:close()
        assert.equal("{'no': 0}\ndone\n", python(([[
import smtplib, ssl
s = smtplib.SMTP("127.0.0.1", %d, timeout=5)
s.starttls(context=ssl.create_default_context(cafile="%s"))
try:
    s.login("ada", "wrong")
except smtplib.SMTPAuthenticationError as e:
    assert e.smtp_code == 535
s.login("ada", "secret")
s.sendmail("a@b.c", ["d@e.f"], "Subject: x\r\n\r\n" + ".line\r\n" * 200000)
s.quit()
print({"no": 0})]]):format(sink.port, ca)))
      end)
    os.remove(ca)
    local got = sink.messages[1]
    assert.equal("Subject: x\r\n\r\n" .. (".line\r\n"):rep(200000), got.bytes)
    assert.equal("ada", got.user)
    assert.truthy(got.tls.version:find("^TLSv1"))
  end)

  it("speaks TLS from the first octet when told to", function()
    local sink = with_sink({ implicit_tls = true, hostname = "sink.example" }, function(sink)
      assert.equal("done\n", python(([[
import smtplib, ssl
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
s = smtplib.SMTP_SSL("127.0.0.1", %d, timeout=5, context=context)
s.sendmail("a@b.c", ["d@e.f"], "Subject: x\r\n\r\ny\r\n")
s.quit()]]):format(sink.port)))
    end)
    assert.truthy(sink.messages[1].tls)
  end)

  it("lets go of who answers STARTTLS with no handshake", function()
    with_sink({ tls = true }, function(sink)
      local connection = dial(sink)
      assert(connection:write("EHLO me\r\nSTARTTLS\r\n", driver.now() + 5))
      local replies = ""
      repeat
        replies = replies .. assert(connection:read(4096, driver.now() + 5))
      until replies:find("ready to shake hands\r\n", 1, true)
      local rest = converse(connection, "MAIL FROM:<a@b.c>")
      assert.is_nil(rest:find("250", 1, true))
    end)
  end)

  it("raises for options it does not know or cannot use", function()
    assert.error(function() sinks.new { prot = 25 } end, "unknown option 'prot'")
    assert.error(function() sinks.new { port = "25" } end)
    assert.error(function() sinks.new { tls = "yes" } end)
    assert.error(function() sinks.new { hostname = "a b" } end)
    assert.error(function() sinks.new { extensions = { XDSN = true } } end)
  end)
end)
