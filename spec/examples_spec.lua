-- examples_spec.lua - each example as it stands: against a sink on loopback where it wants a server.
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

local limit = 20 -- seconds

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function contents(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read "*a"
  handle:close()
  return text
end

-- Runs one beside the tasks of this process: what it printed and its exit status.
local function run(name, arguments, input)
  local lua, output = os.getenv("POSTHORN_LUA") or "lua", os.tmpname()
  os.execute(("(LUA_PATH=%s LUA_CPATH=%s %s examples/%s %s %s > %s 2>&1; echo \"exit $?\" >> %s) &"):format(
    quoted(package.path), quoted(package.cpath), lua, name, arguments or "",
    input and "< " .. input or "< /dev/null", output, output))
  local text, status
  local deadline = os.time() + limit
  repeat
    posthorn.sleep(0.01)
    text, status = contents(output):match "^(.*)exit (%d+)\n$"
  until status or os.time() > deadline
  os.remove(output)
  assert(status, name .. " did not end")
  return text, tonumber(status)
end

-- fn(sink, url) in the loop; nobody@example.net is unknown there.
local function with_sink(fn)
  local problem
  posthorn.run(function()
    local sink = assert(sinks.new {
      respond = function(address)
        if address == "nobody@example.net" then return 550, "5.1.1", "nobody of that name" end
      end,
    }:start())
    local is_well, err = posthorn.driver().pcall(fn, sink, "smtp://127.0.0.1:" .. sink.port)
    sink:stop()
    problem = not is_well and err
  end)
  if problem then error(problem, 0) end
end

describe("examples", function()
  local shown = {}

  it("send.lua sends itself, and says who was refused", function()
    shown["send.lua"] = true
    with_sink(function(sink, url)
      local text, status = run("send.lua", url .. " ada@example.org bob@example.net")
      assert.equal(0, status, text)
      assert.matches("^accepted  bob@example.net\n", text)
      assert.matches("queued as", text)
      local mail = posthorn.parse(sink.messages[1].bytes)
      assert.equal("Grüße from posthorn", mail:header "Subject")
      assert.equal(contents "examples/send.lua", (mail:attachments()[1]:content():gsub("\r\n", "\n")))
      text, status = run("send.lua", url .. " ada@example.org nobody@example.net")
      assert.equal(1, status, text)
      assert.matches("refused   nobody@example.net", text)
      assert.matches("not sent: .*%(refused, permanent%)", text)
      assert.equal(1, sink.count)
    end)
  end)

  it("send.lua tells a server that is not there as temporary", function()
    local port = require("spec.faults.setting").dead_port()
    local text, status = run("send.lua", "smtp://127.0.0.1:" .. port)
    assert.equal(75, status, text)
    assert.matches("%(connect, temporary%)", text)
  end)

  it("many.lua sends to each line, an injected one to nobody", function()
    shown["many.lua"] = true
    local input = os.tmpname()
    local handle = assert(io.open(input, "wb"))
    handle:write "a@example.net\nnobody@example.net\nb@example.net, c@example.net\nd@example.net\n"
    handle:close()
    with_sink(function(sink, url)
      local text, status = run("many.lua", url .. " ada@example.org", input)
      assert.equal(1, status, text)
      assert.matches("nobody@example.net\t", text)
      assert.matches("b@example.net, c@example.net\t", text)
      assert.matches("2 sent, 2 failed\n", text)
      local to = {}
      for _, mail in ipairs(sink.messages) do
        assert.equal(1, #mail.envelope.to)
        to[#to + 1] = mail.envelope.to[1]
      end
      table.sort(to)
      assert.same({ "a@example.net", "d@example.net" }, to)
    end)
    os.remove(input)
  end)

  it("capture.lua holds what it asserts", function()
    shown["capture.lua"] = true
    local text, status = run "capture.lua"
    assert.equal(0, status, text)
    assert.equal("1 message captured, 2 refused\n", text)
  end)

  it("demo.lua shows the conversation and finds every octet equal", function()
    shown["demo.lua"] = true
    local text, status = run "demo.lua"
    assert.equal(0, status, text)
    assert.matches("AUTH PLAIN %*%*%*", text)
    assert.matches("refused   nobody@example.net", text)
    assert.is_nil(text:find("NO ", 1, true))
    assert.equal(6, select(2, text:gsub("\n  yes  ", "")))
  end)

  it("invoice.lua nests text, HTML, logo and PDF", function()
    shown["invoice.lua"] = true
    with_sink(function(sink, url)
      local text, status = run("invoice.lua", url .. " ada@example.org bob@example.net")
      assert.equal(0, status, text)
      assert.matches("^sent to bob@example.net, queued as %w+\n$", text)
      local mail = posthorn.parse(sink.messages[1].bytes)
      assert.equal("Invoice 2026-17: 42,00 €", mail:header "Subject")
      local both, pdf = mail.parts[1], mail.parts[2]
      local related = both.parts[2]
      assert.same({ "multipart/mixed", "multipart/alternative", "multipart/related" },
        { mail.type, both.type, related.type })
      assert.same({ "text/plain", "text/html", "image/png" },
        { both.parts[1].type, related.parts[1].type, related.parts[2].type })
      assert.equal("logo", related.parts[2].cid)
      assert.matches('src="cid:logo"', related:html())
      local logo = related.parts[2]:content()
      assert.equal(87, #logo)
      assert.matches("^\137PNG\r\n\26\n", logo)
      assert.equal("Rechnung Löwe 2026-17.pdf", pdf.filename)
      -- Each object begins where the PDF's own table says.
      local octets, count = pdf:content(), 0
      for place in octets:gmatch "(%d+) 00000 n" do
        count = count + 1
        assert.equal(("%d 0 obj"):format(count), octets:sub(place + 1, place + 7))
      end
      assert.equal(5, count)
      local start = octets:match "startxref\n(%d+)"
      assert.equal("xref", octets:sub(start + 1, start + 4))
    end)
  end)

  it("newsletter.lua gives each reader a link of his own (RFC 8058)", function()
    shown["newsletter.lua"] = true
    local input = os.tmpname()
    local handle = assert(io.open(input, "wb"))
    handle:write "bob@example.net Bob\nnobody@example.net\nc@example.net,d@example.net\n"
    handle:write "soren@example.dk Søren\n"
    handle:close()
    with_sink(function(sink, url)
      local text, status = run("newsletter.lua", url .. " news@example.org", input)
      assert.equal(1, status, text)
      assert.matches("nobody@example.net\tpermanent\t", text)
      assert.matches("c@example.net,d@example.net\tpermanent\tto%[1%]", text)
      assert.matches("2 sent, 2 failed\n", text)
      local links = {}
      for _, one in ipairs(sink.messages) do
        assert.equal(1, #one.envelope.to)
        local mail = posthorn.parse(one.bytes)
        assert.same({ { name = one.envelope.to[1] == "soren@example.dk" and "Søren" or "Bob",
          address = one.envelope.to[1] } }, mail:addresses "To")
        assert.equal("List-Unsubscribe=One-Click", mail:header "List-Unsubscribe-Post")
        assert.equal("The Post-Horn <news.example.org>", mail:header "List-Id")
        local link = mail:header("List-Unsubscribe"):match "^<(https://[^>]*)>, ?<mailto:"
        assert.is_truthy(mail:text():find(link, 1, true))
        links[link] = one.envelope.to[1]
      end
      assert.same({
        ["https://news.example.org/leave?reader=bob%40example%2Enet"] = "bob@example.net",
        ["https://news.example.org/leave?reader=soren%40example%2Edk"] = "soren@example.dk",
      }, links)
    end)
    os.remove(input)
  end)

  it("invitation.lua carries one calendar twice, in lines of 75 octets", function()
    shown["invitation.lua"] = true
    with_sink(function(sink, url)
      local text, status = run("invitation.lua", url .. " ada@example.org bob@example.net")
      assert.equal(0, status, text)
      local mail = posthorn.parse(sink.messages[1].bytes)
      local event, file = mail.parts[1].parts[2], mail.parts[2]
      assert.equal("text/calendar", event.type)
      assert.equal("REQUEST", event.parameters.method)
      assert.equal("invite.ics", file.filename)
      local ics = event:content()
      assert.equal(file:content(), ics:gsub("\r\n$", "") .. "\r\n")
      for line in ics:gmatch "([^\r\n]*)\r\n" do assert.is_true(#line <= 75, line) end
      local whole = ics:gsub("\r\n ", "")
      for _, name in ipairs { "VCALENDAR", "VTIMEZONE", "DAYLIGHT", "STANDARD", "VEVENT" } do
        assert.matches("BEGIN:" .. name .. "\r\n.*END:" .. name .. "\r\n", whole)
      end
      assert.matches("\r\nMETHOD:REQUEST\r\n", whole)
      assert.matches("\r\nATTENDEE;[^\r]*:mailto:bob@example.net\r\n", whole)
      assert.matches("\r\nSUMMARY:Frühstück\\, then the plan\r\n", whole)
      text, status = run("invitation.lua", url .. " ada@example.org 'b@example.net\nX-A:b'")
      assert.equal(1, status, text)
      assert.equal(1, sink.count)
    end)
  end)

  it("pipe.lua attaches what a program writes", function()
    shown["pipe.lua"] = true
    with_sink(function(sink, url)
      local size = 3 * 1024 * 1024 + 1
      local text, status = run("pipe.lua", url .. " ada@example.org bob@example.net " .. size)
      assert.equal(0, status, text)
      assert.matches("100 %%", text)
      assert.matches("\nresident %d+%.%d MiB before, %d+%.%d MiB after", text)
      assert.matches("\n" .. size .. " octets in ", text)
      assert.is_truthy(sink.messages[1].parameters.SIZE)
      local large = posthorn.parse(sink.messages[1].bytes):attachments()[1]
      assert.equal("large.bin", large.filename)
      assert.is_true(large:content() == ("\0"):rep(size))
    end)
  end)

  it("receipt.lua asks for notifications, and says when none will come", function()
    shown["receipt.lua"] = true
    posthorn.run(function()
      for _, has_dsn in ipairs { true, false } do
        local sink = assert(sinks.new { extensions = { DSN = has_dsn } }:start())
        local text, status = run("receipt.lua",
          ("smtp://127.0.0.1:%d ada@example.org bob@example.net"):format(sink.port))
        sink:stop()
        assert.equal(0, status, text)
        local mail = sink.messages[1]
        if has_dsn then
          assert.equal("SUCCESS,FAILURE,DELAY", mail.recipient_parameters[1].NOTIFY)
          assert.equal("HDRS", mail.parameters.RET)
          assert.truthy(text:find("will name " .. mail.parameters.ENVID, 1, true), text)
        else
          assert.matches("warning: what needs DSN was left out", text)
          assert.is_nil(mail.parameters.ENVID)
        end
      end
      local text, status = run("receipt.lua", "smtp://127.0.0.1:" .. setting.dead_port())
      assert.equal(1, status)
      assert.matches("^not sent: .* %(temporary%)", text)
    end)
  end)

  it("failover.lua goes on to the second server, and remembers", function()
    shown["failover.lua"] = true
    local dead = "smtp://127.0.0.1:" .. require("spec.faults.setting").dead_port()
    with_sink(function(sink, url)
      local text, status = run("failover.lua", ("ada@example.org bob@example.net %s %s"):format(dead, url))
      assert.equal(0, status, text)
      assert.equal(2, sink.count)
      local first, second = text:match "^message 1\n(.*)message 2\n(.*)$"
      assert.matches("connecting to .* connection refused\n.*connecting to .*taken by 127.0.0.1 port %d+\n$",
        first)
      assert.is_nil(second:find("refused", 1, true))
      assert.matches("taken by 127.0.0.1 port " .. sink.port, second)
    end)
    local text, status = run("failover.lua", ("ada@example.org bob@example.net %s %s"):format(dead, dead))
    assert.equal(0, status, text)
    assert.matches("not sent: the connection failed: connection refused %(temporary%)\n"
      .. "  127.0.0.1: the connection failed: connection refused\n"
      .. "  127.0.0.1: the connection failed: connection refused\n", text)
  end)

  it("lmtp.lua tells of each mailbox, over a Unix socket", function()
    shown["lmtp.lua"] = true
    local path = os.tmpname()
    os.remove(path)
    posthorn.run(function()
      local sink = assert(sinks.new { lmtp = true, path = path, respond = function(address, session)
        if not address and session.recipient == "carol@example.net" then return 452, "4.2.2", "full" end
      end }:start())
      local is_well, err = posthorn.driver().pcall(function()
        local text, status = run("lmtp.lua", ("lmtp://%s ada@example.org bob@example.net carol@example.net"):format(path))
        assert.equal(1, status, text)
        assert.matches("^stored    bob@example.net: ", text)
        assert.matches("\ntemporary carol@example.net: full\n$", text)
        text, status = run("lmtp.lua", ("lmtp://%s ada@example.org bob@example.net"):format(path))
        assert.equal(0, status, text)
        assert.equal(2, sink.count)
      end)
      sink:stop()
      assert(is_well, err)
    end)
    local handle = io.open(path)
    assert.is_nil(handle)
  end)

  it("are all run here", function()
    local pipe = assert(io.popen "ls examples/*.lua")
    for path in pipe:lines() do
      assert.is_true(shown[path:match "[^/]+$"], path .. " is not run")
    end
    pipe:close()
  end)
end)
