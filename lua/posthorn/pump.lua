-- pump.lua - turns one SMTP session over one connection of a driver: carries
-- bytes, keeps deadlines, shakes hands, and hands events on.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local calls = require "posthorn.call"
local downgrades = require "posthorn.downgrade"
local exchange = require "posthorn.exchange"
local failures = require "posthorn.failure"
local results = require "posthorn.result"
local secrets = require "posthorn.secret"

local M = {}
local Pump = {}
Pump.__index = Pump
for name, method in pairs(require "posthorn.carriage") do Pump[name] = method end

local greeting_seconds = 300 -- RFC 5321, 4.5.3.2.1
local quit_seconds = 5       -- delivery.md, S22
local stall_seconds = 3600   -- delivery.md, S28

-- Until when a server gets its commands one by one, by its options.
local stalled = setmetatable({}, { __mode = "k" })

-- The phases that a session knows; look-up and connect are the pump's own.
local function session_timeouts(options, patience)
  local copy = {}
  for phase, seconds in pairs(options.timeouts) do
    if phase ~= "lookup" and phase ~= "connect" then copy[phase] = seconds end
  end
  if patience then copy.greeting = math.min(copy.greeting or greeting_seconds, patience) end
  return copy
end

-- A full name says who we are; a short one says nothing to a stranger (RFC 5321, 4.1.3).
local function default_hello(driver)
  local name = driver.hostname and driver.hostname()
  return name and name:find("%w%.%w") and name or "[127.0.0.1]"
end

-- What the server may use: without PIPELINING for a while when it stalled with it.
local function extensions_of(options, driver)
  local given = options.extensions
  local limit = stalled[options]
  if not limit or (given and given.pipelining == "require") then return given end
  if driver.now() >= limit then
    stalled[options] = nil
    return given
  end
  local copy = { pipelining = "off" }
  for name, value in pairs(given or {}) do
    if name ~= "pipelining" then copy[name] = value end
  end
  return copy
end

local function open_session(options, call, patience)
  local password, problem = secrets.ask(options.password, call, "auth", "password")
  if problem then return failures.fail(problem) end
  return core.session {
    hello_name = options.hello_name or default_hello(call.driver),
    user = options.user, password = password,
    auth = options.auth, allow_plaintext_auth = options.allow_plaintext_auth,
    tls = downgrades.mode(options, call.driver),
    extensions = extensions_of(options, call.driver),
    timeouts = session_timeouts(options, patience),
    self_names = options.self_names, trace = options.trace ~= nil,
    lmtp = options.scheme == "lmtp" or nil, recipient_events = false,
    bulk = options.bulk,
  }
end

---Connects and turns the session until it is ready.
---@param options table of posthorn.options
---@param connect fun(pump: table): table|nil, table the connection and its peer, { host, ip,
---port }; or nil and the failure
---@param call table of posthorn.call
---@param trace table? of posthorn.trace
---@param patience number? seconds for the greeting, where others may greet instead
---@return table|nil pump
---@return string? message
---@return table? failure
---@return boolean? is_worth_again the handshake failed at which a TLS session was offered
function M.open(options, connect, call, trace, patience)
  local driver = call.driver
  local session, message, failure = open_session(options, call, patience)
  if not session then return nil, message, failure end
  local self = setmetatable({
    options = options, peer = nil, driver = driver, trace = trace,
    number = trace and trace:connection(),
    session = session,
    engine = nil, tls = nil, connection = nil, exchange = nil, machine = nil,
    wait = nil, limit = nil, -- number and end of the wait under way, where `exchange` is ours
    mails = {}, first = 1, last = 0, count = 0, -- jobs without a verdict, the oldest first
    latest = nil,          -- of them, whose content is still asked for
    came = nil, value = nil, -- an event that was met while a source was awaited
    progress = nil, used = 0, idle_since = nil, is_open = true,
    is_quitting = false, -- QUIT is said, or will be
    was_resuming = false, -- when the handshake failed
  }, Pump)
  local connection, peer = connect(self)
  if not connection then
    self:close()
    return failures.fail(peer)
  end
  self.connection, self.peer = connection, peer
  self.exchange = connection.exchange or exchange
  self.machine = self.session:machine()
  local event, value = self:settle(call)
  if event ~= "ready" then return self:give_up(value) end
  return self
end

-- Turns until the session is ready for a mail, or over.
function Pump:settle(call)
  while true do
    local event, value = self:await(call)
    if event == "want_tls" then
      local failure = self:secure(call)
      if failure then return "failed", failure end
    elseif event == "closed" then
      return event, value or failures.new("closed", "temporary", self.session:phase(),
        "the server closed the connection")
    else
      return event, value
    end
  end
end

-- Closes and returns the failure, with the peer in it.
function Pump:give_up(failure)
  failure.host, failure.ip, failure.port = self.peer.host, self.peer.ip, self.peer.port
  self:note(failure.phase or "connect", failure.message)
  self:close()
  return nil, failure.message, failure, self.was_resuming
end

function Pump:note(phase, text, direction)
  if self.trace then self.trace:emit(self.number, phase, direction, text) end
end

-- Shows what the session wrote down since the last time.
function Pump:show()
  local entry = self.session:trace()
  while entry do
    self:note(entry.phase, entry.text, entry.direction)
    entry = self.session:trace()
  end
end

-- The next event of the session; nil: the bell has rung before.
function Pump:await(call, bell)
  local session = self.session
  while not (bell and bell.is_rung) do
    local first = self.mails[self.first]
    local event, value, enhanced, text, id, address = session:next(first and first.plain)
    if self.trace then self:show() end
    if self.progress then self.progress.tell(session:progress()) end
    if event == "accepted" then
      return event, results.of_one(self, address, value, enhanced, text, id)
    elseif event then
      return event, value
    end
    local broken = self.engine and self:engine_failure()
    if broken then
      -- What the mail's class is then, the session knows.
      session:abort("tls", broken.message)
    elseif not call:look(session) then
      self:turn(call, bell)
    end
  end
end

---Whether nobody watches: no trace, no progress, no TLS, and no event that was kept.
---@return boolean
function Pump:is_quick()
  return not (self.trace or self.progress or self.engine or self.came)
end

function Pump:engine_failure()
  local event, failure = self.engine:next()
  return event == "failed" and failure or nil
end

-- One round of bytes, or the end of a wait.
function Pump:turn(call, bell)
  call.connection = self.connection
  local ok, reason, text = self.exchange(self.connection, self.machine, call.deadline,
    self.progress ~= nil, self)
  call.connection = nil
  if not ok and not (bell and bell.is_rung and reason == "woken") then
    self:stop(call, reason, text)
  end
end

function Pump:stop(call, reason, text)
  local session = self.session
  if reason == "woken" then
    call:was_woken(session)
  elseif reason ~= "timeout" then
    session:abort("closed", "the connection was lost: " .. core.printable(text or reason))
  elseif not call:was_late(session) then
    self:note_stall()
    self.machine:expire()
  end
end

-- A server that offers PIPELINING and answers nothing to several commands: one by one for the
-- next hour (delivery.md, S28).
function Pump:note_stall()
  local phase = self.session:phase()
  if (phase == "rset" or phase == "mail" or phase == "rcpt")
    and self.session:capabilities().PIPELINING then
    stalled[self.options] = self.driver.now() + stall_seconds
  end
end

-- Turns until the handshake is done: its facts; or nil and the failure.
function Pump:shake(engine, call)
  while true do
    local event, value = engine:next()
    if event == "secured" then
      return value
    elseif event == "failed" then
      if value.kind == "tls" then value.enhanced = "4.7.5" end -- RFC 3463, 3.8: cryptographic
      return nil, value
    elseif call.is_cancelled then
      return nil, failures.new("cancelled", "temporary", "tls", "the send was cancelled")
    end
    self:turn(call)
    local ended, failure = self.session:next()
    if ended == "failed" then return nil, failure end
  end
end

-- The handshake; nil when it is done, a failure otherwise.
function Pump:secure(call)
  local engine, _, failure = require("posthorn.secure").client(self.options, self.peer, call)
  if not engine then return failure end
  self.machine = engine:machine()
  local facts
  facts, failure = self:shake(engine, call)
  if not facts then
    self.was_resuming = engine:has_offered()
    engine:close()
    if not self.was_resuming and not call:is_over() then
      downgrades.note(self.options, self.driver)
    end
    return failure
  end
  self.engine, self.tls = engine, facts
  self:note("tls", ("%s %s, verified: %s%s"):format(facts.version, facts.cipher, facts.verified,
    facts.resumed and ", resumed" or ""))
  self.session:secured(facts)
  engine:attach(self.session:machine())
  return nil
end

---Says NOOP, RSET or a command line; the reply, or what went wrong.
---@param verb "noop"|"reset"|"command"
---@return table|nil reply
---@return string? message
---@return table? failure
function Pump:ask(call, verb, line)
  local session = self.session
  local ok, message, failure = session[verb](session, line)
  if not ok then return nil, message, failure end
  local event, value
  repeat
    event, value = self:await(call)
  until event == "reply" or event == "closed" or event == "failed"
  if event == "reply" then
    self:settle(call)
    return value
  end
  return self:give_up(value or failures.new("closed", "temporary", "command",
    "the server closed the connection"))
end

---Whether another mail may go over this connection (delivery.md, S30 and S31).
function Pump:is_reusable()
  return self.is_open and self.session:is_reusable() and self.connection:is_quiet()
end

---Whether nothing more can be said over it.
function Pump:is_over()
  if not self.is_open then return true end
  local phase = self.session:phase()
  return phase == "closed" or phase == "failed"
end

---Says QUIT and closes; waits a few seconds at most. Returns a warning, or nil.
function Pump:quit(call)
  if self:is_over() then
    self:close()
    return nil
  end
  local quitting = calls.new(call.driver, self.options.timeouts.quit or quit_seconds)
  self.session:quit()
  local event, value
  repeat
    event, value = self:await(quitting)
  until event == "closed" or event == "failed"
  self:close()
  return event == "failed" and "QUIT: " .. value.message or nil
end

---Closes without a word. May be called twice.
function Pump:close()
  if not self.is_open then return end
  self.is_open = false
  if self.connection then
    self.connection:close()
  end
  self.session:close()
  if self.engine then self.engine:close() end
end

return M
