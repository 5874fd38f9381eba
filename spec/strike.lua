-- strike.lua - the core while its allocator is on strike (fault catalogue, E15):
-- each scenario runs again and again, the 1st, 2nd, 3rd ... allocation refused,
-- alone and with all that follow. It must end as without a strike or with a
-- failure of kind limit, free all it took, and never say that a mail was
-- delivered which the server did not take.
--
-- A process of its own, started by strike_spec.lua: the core on strike is a copy
-- in posthorn.test, whose classes would meet those of the real one. Arguments:
-- names of scenarios, or none for all. Prints what went wrong.
local test = require "posthorn.test"
local core = test.core()
package.loaded["posthorn.core"] = core

local MOST = 20000 -- allocations of one scenario

-- Want of memory passes: no limit of a scenario's may be told as permanent.
local function kind_of(failure)
  if type(failure) ~= "table" then return "no failure but " .. tostring(failure) end
  if failure.kind == "limit" and failure.class ~= "temporary" then
    return ("limit, %s (%s)"):format(tostring(failure.class), tostring(failure.message))
  end
  return failure.kind
end

local function take(machine)
  local output = machine:output()
  machine:consume(#output)
  return output
end

-- ---- a server in a few lines, and its truth ---------------------------------

local function new_server()
  local server = { buffer = "", accepted = {}, taken = 0, content = nil }
  local extensions = "250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 100000\r\n250-STARTTLS\r\n"
    .. "250-AUTH PLAIN LOGIN\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n"

  local function answer(line)
    local verb = line:match("^%a+"):upper()
    if verb == "EHLO" then
      return "250-peer.test\r\n" .. extensions
    elseif verb == "RCPT" then
      if line:find("perm@", 1, true) then
        return "550 5.1.1 no such user\r\n"
      end
      server.accepted[#server.accepted + 1] = line
      return "250 2.1.5 ok\r\n"
    elseif verb == "DATA" then
      server.content = ""
      return "354 go on\r\n"
    elseif verb == "AUTH" then
      return "235 2.7.0 welcome\r\n"
    end
    return verb == "QUIT" and "221 2.0.0 bye\r\n" or "250 2.0.0 ok\r\n"
  end

  function server.hear(octets)
    local replies = {}
    server.buffer = server.buffer .. octets
    while true do
      if server.content then
        local whole, rest = server.buffer:match("^(.-\r\n)%.\r\n(.*)$")
        if not whole then
          break
        end
        server.content, server.buffer, server.taken = nil, rest, server.taken + 1
        replies[#replies + 1] = "250 2.0.0 queued as 1\r\n"
      else
        local line, rest = server.buffer:match("^([^\n]-)\r\n(.*)$")
        if not line then
          break
        end
        server.buffer = rest
        replies[#replies + 1] = answer(line)
      end
    end
    return table.concat(replies)
  end

  return server
end

-- What a session's event means for the scenario's end; nil: go on.
local function verdict(event, value, server)
  if event == "delivered" then
    if server.taken == 0 then
      return "LIE: delivered, and the server has nothing"
    end
    for _, recipient in ipairs(value.recipients or {}) do
      if recipient.accepted and recipient.address:find("perm@", 1, true) then
        return "LIE: " .. recipient.address
      end
    end
    return "delivered"
  elseif event == "refused" or event == "failed" then
    return "failed " .. kind_of(value)
  elseif event == "closed" then
    return "closed"
  end
end

-- One mail from greeting to verdict. body: the octets, or a function that makes
-- a machine and gives it with its owner.
local function converse(options, body, new_body)
  local session, _, failure = core.session(options)
  if not session then
    return "failed " .. kind_of(failure)
  end
  local server, is_sent, at, owner = new_server(), false, 1, nil
  session:feed("220 peer.test ESMTP\r\n")
  for _ = 1, 200 do
    local event, value = session:next()
    local ending = verdict(event, value, server)
    if ending then
      session:close()
      return ending
    elseif event == "want_tls" then
      session:secured { version = "TLSv1.3", cipher = "x", verified = "pkix" }
    elseif event == "ready" and not is_sent then
      local machine, ok
      is_sent = true
      if new_body then
        machine, _, failure, owner = new_body()
        if not machine then
          session:close()
          return "failed " .. kind_of(failure)
        end
      end
      ok, _, failure = session:send({ from = "a@example.org", to = { "b@example.net",
        { address = "perm@example.net", notify = { "failure", "delay" }, orcpt = "x@example.net" },
        "c@example.net" } }, { body = "8bitmime", dsn = { envid = "e", ret = "full" } }, machine)
      if not ok then
        session:close()
        return "failed " .. kind_of(failure)
      end
    elseif event == "want_body" and body then
      if at > #body then
        session:body()
      else
        at = at + session:body(body:sub(at, at + value - 1))
      end
    elseif event == "want_body" and owner then
      local ok
      ok, _, failure = owner.attend()
      if not ok then
        session:close()
        return "failed " .. kind_of(failure)
      end
      session:attended()
    elseif not event then
      local reply = server.hear(take(session))
      if reply ~= "" then
        session:feed(reply)
      end
    end
  end
  session:close()
  return "no end"
end

-- ---- scenarios: each returns how it ended -------------------------------------

local scenarios = {}
local text = ("a line of text\r\n.\r\n..dots\r\n"):rep(300)

function scenarios.session()
  return converse({ hello_name = "client.test", trace = true }, text)
end

function scenarios.login()
  return converse({ hello_name = "client.test", user = "user", password = "s3cret",
    tls = "starttls" }, text)
end

function scenarios.receiver()
  local receiver, _, failure = core.receiver { hostname = "server.test" }
  if not receiver then
    return "failed " .. kind_of(failure)
  end
  receiver:feed("EHLO c.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"
    .. "RCPT TO:<e@f.test>\r\nDATA\r\n")
  receiver:feed(text .. "\r\n.\r\n")
  receiver:feed("QUIT\r\n")
  local got, ending = nil, nil
  for _ = 1, 1000 do
    local said = take(receiver)
    local event, value = receiver:next()
    if event == "message" then
      got = value.content
    elseif event == "dropped" then
      ending = "failed limit"
    elseif event == "closed" then
      ending = value == "limit" and "failed limit" or ending or "closed"
      break
    elseif not event and said == "" then
      break
    end
  end
  receiver:close()
  if got and got ~= text:gsub("\n%.", "\n") .. "\r\n" and #got == 0 then
    return "LIE: an empty message"
  end
  return ending or "no end"
end

function scenarios.parser()
  local octets = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
    .. "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    .. "Content-Type: text/plain; charset=utf-8\r\n\r\ntext\r\n--x\r\n"
    .. "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
    .. "Content-Disposition: attachment; filename*=utf-8''%C3%9C.png\r\n\r\n"
    .. ("QUJD"):rep(1000) .. "\r\n--x--\r\n"
  local parser, _, failure = core.parser(octets)
  if not parser then
    return "failed " .. kind_of(failure)
  end
  for i = 1, parser:count() do
    local content
    content, _, failure = parser:content(i)
    if not content then
      return "failed " .. kind_of(failure)
    end
  end
  return "parsed " .. parser:count()
end

local function new_message()
  return require("posthorn").message {
    from = "Ad\195\168le <ada@example.org>", to = { "bob@example.net", "S\195\184ren <s@example.dk>" },
    cc = "carol@example.net", subject = ("Gr\195\188\195\159e "):rep(20), seed = "strike",
    text = ("Gr\195\188\195\159e\n.\n"):rep(50), html = "<img src='cid:x'>",
    headers = { { "X-Long", ("word "):rep(40) } },
    attachments = {
      { content = ("\0\1\255"):rep(3000), filename = "\195\156bersicht.bin" },
      { content = "png", filename = "x.png", type = "image/png", cid = "x" },
      { content = (function()
        local left = 3
        return function()
          left = left - 1
          return left >= 0 and ("pulled "):rep(100) or nil
        end
      end)(), filename = "pulled.txt" },
    },
  }
end

local whole -- the octets without a strike

function scenarios.message()
  local message, _, failure = new_message()
  if not message then
    return "failed " .. kind_of(failure)
  end
  if #message:envelope().to ~= 3 then
    return "LIE: another envelope"
  end
  local bytes
  bytes, _, failure = message:bytes()
  if not bytes then
    return "failed " .. kind_of(failure)
  end
  whole = whole or bytes
  return bytes == whole and "all octets" or ("LIE: %d octets of %d"):format(#bytes, #whole)
end

-- A message's writer in a session: what the server has is the whole message.
function scenarios.mail()
  return converse({ hello_name = "client.test" }, nil, function()
    local message, _, failure = new_message()
    if not message then
      return nil, nil, failure
    end
    local reader
    reader, _, failure = message:open { eight_bit = true, smtputf8 = false }
    if not reader then
      return nil, nil, failure
    end
    return reader.machine, nil, nil, reader
  end)
end

-- ---- the plays ----------------------------------------------------------------

-- A session that notes what it answers: every failure of kind limit, and every
-- mail that it calls delivered.
local function noting(session, notes)
  local function note(...)
    for i = 1, select("#", ...) do
      local value = select(i, ...)
      if type(value) == "table" and value.kind == "limit" then
        notes.has_limit = true
      end
    end
    if (...) == "delivered" then
      notes.delivered = notes.delivered + 1
    end
    return ...
  end
  return setmetatable({}, { __index = function(_, name)
    return function(_, ...)
      return note(session[name](session, ...))
    end
  end })
end

local is_play = {} -- names of scenarios
local play_of = require "spec.play"
local new_session = core.session

-- The events without their words, which may be missing when memory is short.
local function bare(events)
  local out = {}
  for _, event in ipairs(events) do
    out[#out + 1] = event:match("^%S+")
    for _, key in ipairs { "accepted", "class", "code", "kind", "phase" } do
      for value in event:gmatch("[ {]" .. key .. "=(%w+)") do
        out[#out + 1] = key .. "=" .. value
      end
    end
  end
  return table.concat(out, " ")
end

-- How a play goes on without a strike is checked by its own spec; under one it
-- must go the same way until it fails of kind limit.
local function as_scenario(play)
  local clean_deliveries
  return function()
    local notes, session = { delivered = 0, has_limit = false }, nil
    core.session = function(options)
      local created, message, failure = new_session(options)
      if not created then
        notes.has_limit = failure.kind == "limit"
        return nil, message, failure
      end
      session = created
      return noting(created, notes)
    end
    local ok, events = pcall(play_of.run, play, function(n) return n end)
    if not ok and session then
      local watched = noting(session, notes)
      for _ = 1, 50 do
        if not watched:next() then
          break
        end
      end
    end
    if session then
      session:close()
    end
    core.session = new_session
    clean_deliveries = clean_deliveries or notes.delivered
    if notes.delivered > clean_deliveries then
      return "LIE: delivered"
    elseif ok then
      return bare(events)
    end
    return notes.has_limit and "failed limit" or events
  end
end

-- Nothing is asked of the words; false: the play asks in a way of its own.
local function forget_words(play)
  for _, step in ipairs(play.steps) do
    if step.kind == "do" and (step.text:find(".text", 1, true) or step.text:find("capabilities")) then
      return false
    elseif step.kind == "E" or step.kind == "R" then
      for _, key in ipairs { "text", "message", "queue_id" } do
        step.text = step.text:gsub(" " .. key .. "=%S*", "")
      end
    end
  end
  return true
end

local files = { "bulk", "chunking", "esmtp", "extension", "greeting", "lmtp", "login", "overlap",
  "transaction" }
for _, file in ipairs(files) do
  for i, play in ipairs(play_of.read("spec/plays/" .. file .. ".play")) do
    if forget_words(play) then
      local name = ("%s %d, %s"):format(file, i, play.title)
      scenarios[name], is_play[name] = as_scenario(play), true
    end
  end
end

-- ---- the run -----------------------------------------------------------------

-- Blocks that are left when there is no run: what one leaves behind is told once.
local level

-- How many blocks more than before the run there are. One collection frees all, or another one
-- has to see what finalisers left.
local function leaked()
  collectgarbage()
  if test.live() ~= level then collectgarbage() end
  local more = test.live() - level
  level = level + more
  return more
end

-- Runs once with the n-th allocation refused; returns a complaint or nil, and
-- whether that allocation was asked for at all.
local function once(scenario, clean, n, all)
  test.strike(n, all)
  local ok, ending = pcall(scenario)
  local reached = test.allocations() >= n
  test.strike()
  local more = leaked()
  local how = ("allocation %d%s refused: "):format(n, all and " and all after it" or "")
  if not ok then
    return how .. "raised " .. tostring(ending), reached
  elseif more ~= 0 then
    return how .. more .. " blocks were not freed", reached
  elseif ending ~= clean and ending ~= "failed limit" then
    return how .. tostring(ending), reached
  end
  return nil, reached
end

-- Runs once with the n-th of Lua's own allocations refused, and all after it:
-- whatever a binding raises then, what it took in C must have an owner.
local function once_of_lua(scenario, clean, n)
  test.strike_of_lua(n)
  local ok, ending = pcall(scenario)
  local asked = test.strike_of_lua()
  local more = leaked()
  local how = ("allocation %d of Lua and all after it refused: "):format(n)
  local reached = asked >= n
  if more ~= 0 then
    return how .. more .. " blocks were not freed", reached
  elseif not ok and not tostring(ending):find("not enough memory", 1, true) then
    return how .. "raised " .. tostring(ending), reached
  elseif ok and ending ~= clean then
    return how .. tostring(ending), reached
  end
  return nil, reached
end

local function run(name)
  local scenario = assert(scenarios[name], "no such scenario: " .. name)
  local clean = scenario()
  collectgarbage()
  collectgarbage()
  level = test.live()
  local complaints, n, reached = {}, 0, true
  while reached and n < MOST do
    n = n + 1
    for _, all in ipairs { false, true } do
      local complaint, is_reached = once(scenario, clean, n, all)
      reached = reached and is_reached
      complaints[#complaints + 1] = complaint
    end
  end
  local c_allocations = n - 1
  n, reached = 0, not jit and not is_play[name]
  while reached and n < MOST do
    local complaint
    n = n + 1
    complaint, reached = once_of_lua(scenario, clean, n)
    complaints[#complaints + 1] = complaint
  end
  if #complaints > 0 or arg[1] then
    print(("%s: %d allocations in C, %d of Lua, without a strike: %s"):format(
      name, c_allocations, n, clean))
  end
  for i = 1, math.min(#complaints, 20) do
    print("  " .. complaints[i])
  end
  return #complaints == 0
end

local names = { (table.unpack or unpack)(arg) }
if #names == 0 then
  for name in pairs(scenarios) do
    names[#names + 1] = name
  end
  table.sort(names)
end
local is_well = true
for _, name in ipairs(names) do
  is_well = run(name) and is_well
end
print(("%d scenarios: %s"):format(#names, is_well and "well" or "not well"))
