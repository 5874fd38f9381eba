-- pair_spec.lua - session and receiver, client and server, against each other: whatever the two
-- agree on, wherever the connection breaks, nothing is lost, doubled or told wrongly.
local core = require "posthorn.core"
local property = require "spec.property"
local test = require "posthorn.test"

local words = { "word", ".", "..", "\r\n", "\r\n.\r\n", "\r\n..", " ", ("long "):rep(12) }

-- What becomes of an address, or of a content, stands in its own text.
local codes = { yes = nil, no = 550, later = 450, bye = 421 }

local function draw_verdict(draw, bye)
  local n = draw.number(1, 12)
  return n == 1 and "no" or n == 2 and "later" or n == 3 and bye and "bye" or "yes"
end

local function draw_mail(draw, number, may_bye)
  local to = {}
  for i = 1, draw.number(1, draw.number(1, 2) == 1 and 1 or 5) do
    to[i] = ("%s.%d@m%d.test"):format(draw_verdict(draw, may_bye), i, number)
  end
  local body = ("X-Verdict: %s\r\nX-Number: %d\r\n\r\n"):format(draw_verdict(draw, may_bye), number)
    .. draw.text(words, 12)
  if draw.number(1, 20) == 1 then body = body .. "\r\n" .. (("x"):rep(998) .. "\r\n"):rep(200) end
  if body:sub(-2) ~= "\r\n" then body = body .. "\r\n" end
  -- The machine refuses lines over 998 octets: none here is.
  return { from = ("m%d@client.test"):format(number), to = to, body = body, at = 1 }
end

-- A server and its truth: taken[from][address] = content, at most once.
local function new_server(options)
  local receiver = assert(core.receiver(options))
  local server = { receiver = receiver, taken = {}, is_over = false }

  local function take(mail, address)
    local of = server.taken[mail.from] or {}
    assert(not of[address], "taken twice")
    of[address] = mail.content
    server.taken[mail.from] = of
  end

  local function judge(mail)
    local word = mail.content:match("^X%-Verdict: (%a+)")
    for i = 1, options.lmtp and #mail.to or 1 do
      -- In LMTP each second recipient's verdict is another one.
      local code = codes[options.lmtp and i % 2 == 0 and "yes" or word]
      receiver:reply(code, nil, code and "as asked" or nil)
      if code == 421 then return end
      for j = i, options.lmtp and i or #mail.to do
        if not code then take(mail, mail.to[j]) end
      end
    end
  end

  function server.turn()
    repeat
      local event, value = receiver:next()
      if event == "recipient" then
        local code = codes[value:match("^%a+")]
        receiver:reply(code, nil, code and "as asked" or nil)
      elseif event == "message" then
        judge(value)
      elseif event == "closed" then
        server.is_over = true
      end
    until not event
  end

  return server
end

-- A client that sends mails as it may; verdicts in their order.
local function new_client(draw, options, mails)
  local session = assert(core.session(options))
  local client = { session = session, verdicts = {}, sent = 0, is_over = false, has_failed = false }
  local by_machine = draw.number(1, 2) == 1
  local handlers = {}

  function handlers.ready()
    local mail = mails[client.sent + 1]
    if not mail then return end
    client.sent = client.sent + 1
    local body
    if by_machine then
      body = test.echo()
      body:say(mail.body)
    end
    assert(session:send({ from = mail.from, to = mail.to }, {
      size = draw.number(1, 2) == 1 and #mail.body or nil,
      rset = draw.number(1, 4) == 1 or nil,
    }, body and body:machine()))
  end

  function handlers.want_body(room)
    local mail = mails[client.sent]
    if mail.at > #mail.body + 1 then mail.at = 1 end -- another transaction of this mail
    if mail.at == #mail.body + 1 then
      mail.at = mail.at + 1
      session:body()
      return
    end
    local n = draw.number(1, 3) == 1 and draw.number(1, 40) or room
    mail.at = mail.at + session:body(mail.body:sub(mail.at, mail.at + n - 1))
  end

  function handlers.rewind()
    local body = test.echo()
    body:say(mails[client.sent].body)
    session:body(body:machine())
  end

  local function verdict(value)
    client.verdicts[#client.verdicts + 1] = value
  end
  handlers.delivered, handlers.refused = verdict, verdict

  function handlers.failed(value)
    client.is_over, client.has_failed = true, true
    if value.recipients then verdict(value) end
  end

  function handlers.closed()
    client.is_over = true
  end

  function client.turn()
    for _ = 1, 10000 do
      local event, value = session:next()
      if not event then return end
      if handlers[event] then handlers[event](value) end
    end
    error("events without end")
  end

  return client
end

-- Octets one way, some of them.
local function carry(draw, from, to)
  local output = from:output()
  if output == "" then return 0 end
  local n = draw.number(1, 3) == 1 and draw.number(1, #output) or #output
  from:consume(n)
  to:feed(output:sub(1, n))
  return n
end

local function converse(draw, client, server, break_at)
  local moved, still = 0, 0
  while still < 3 and not client.is_over do
    client.turn()
    server.turn()
    local n = 0
    if draw.number(1, 2) == 1 then n = n + carry(draw, client.session, server.receiver) end
    if draw.number(1, 2) == 1 then n = n + carry(draw, server.receiver, client.session) end
    moved = moved + n
    local rest = client.session:output() ~= "" or server.receiver:output() ~= ""
    still = (n > 0 or rest) and 0 or still + 1
    if break_at and moved >= break_at then
      client.session:feed_eof()
      client.turn()
      return
    end
  end
end

-- All that the server took was meant for it so.
local function check_taken(server)
  for from, of in pairs(server.taken) do
    local number = tonumber(from:match("%d+"))
    for address in pairs(of) do
      assert(address:find("@m" .. number .. ".test", 1, true), "taken with another reverse-path")
    end
  end
end

local function check_record(mail, record, taken, has_broken)
  local content = taken and taken[record.address]
  if record.accepted then
    assert(content == mail.body, "told accepted, and the server has not this content")
  elseif record.class == "unknown" then
    assert(has_broken, "unknown, and nothing broke")
  else
    assert(not content, ("told %s, and the server has it"):format(record.class))
  end
  if not has_broken then
    local word, i = record.address:match("^(%a+)%.(%d+)@")
    local code = codes[word] or mail.is_lmtp == nil and codes[mail.body:match("^X%-Verdict: (%a+)")]
    if mail.is_lmtp == nil and i then
      assert(record.accepted == not code, "another verdict than was given")
    end
  end
end

describe("session and receiver", function()
  it("agree on what was taken, whatever is offered, wherever it breaks", function()
    local seen = {}
    property.each(1, 400, function(draw)
      local function coin() return draw.number(1, 2) == 1 end
      local may_bye, is_lmtp = draw.number(1, 4) == 1, coin()
      local is_chunked = coin()
      local extensions = { PIPELINING = draw.number(1, 4) > 1, CHUNKING = is_chunked, SIZE = coin() }
      local server = new_server {
        lmtp = is_lmtp, extensions = extensions, ask = { recipient = true },
        recipients = coin() and draw.number(1, 3) or nil,
      }
      local mails = {}
      for i = 1, draw.number(1, 20) do
        mails[i] = draw_mail(draw, i, may_bye)
        mails[i].is_lmtp = is_lmtp or nil
      end
      local client = new_client(draw, {
        lmtp = is_lmtp, bulk = coin(), extensions = { chunking = coin() and "prefer" or nil },
      }, mails)
      local break_at = coin() and draw.number(1, 1 + draw.number(1, 20000)) or nil
      converse(draw, client, server, break_at)
      local has_broken = break_at ~= nil or may_bye
      if not has_broken then
        assert(client.sent == #mails and #client.verdicts == #mails, "a mail without its verdict")
      end
      assert(#client.verdicts == client.sent, "not one verdict for each mail")
      check_taken(server)
      for i, value in ipairs(client.verdicts) do
        local mail = mails[i]
        assert(#value.recipients == #mail.to, "a verdict of another mail")
        for j, record in ipairs(value.recipients) do
          assert(record.address == mail.to[j], "recipients of another mail")
          check_record(mail, record, server.taken[mail.from], has_broken)
          local kind = record.accepted and "accepted" or record.class
          seen[kind] = (seen[kind] or 0) + 1
        end
      end
      for i = client.sent + 1, #mails do
        assert(not server.taken[mails[i].from], "taken, and never sent")
      end
      client.session:close()
      server.receiver:close()
    end)
    for _, kind in ipairs { "accepted", "permanent", "temporary", "unknown" } do
      assert(seen[kind], "no recipient was " .. kind)
    end
  end)
end)
