-- peer.lua - a scripted SMTP server on loopback that can misbehave in every way of the
-- fault catalogue. It runs as a task of the sys driver, inside posthorn.run.
-- SPDX-License-Identifier: MIT
--
--   local peer = peers.start {
--     greeting = "220 peer",                    -- what each moment is answered with
--     ehlo = { "PIPELINING", "8BITMIME" },      -- capabilities, or an answer as below
--     mail = "250 2.1.0 ok", rcpt = { "250 ok", "550 5.1.1 no" },   -- in order, the last one stays
--     data = "354 go on", dot = "250 2.0.0 queued as 1", rset =, quit =, auth =, starttls =,
--   }
--   peer.port, peer.connections (how many came), peer.lines (commands), peer.bodies, peer.octets (all)
--   peer.handshakes (facts of each)
--   peer:stop()
--
-- `tls` = a server's context of posthorn.tls: STARTTLS is taken, or with `implicit` TLS comes first;
-- `secured` = the script from then on, else the same.
--
-- An answer is a string (a reply without its last CRLF), nil (the default), a list of answers, or a
-- table: { raw = octets } as they are, { hears = octets } (these, once something came), { drip =
-- octets, every = seconds }, { wait = seconds, … }, { endless = octets } again and again, { close =
-- true }, { reset = true }, { silence = true }, { deaf = true } (stops reading), { alert = true } and
-- { notify = true } (of TLS), { reply =, raw =, then close = true } in that order. `body` may be
-- such a table, done after the first octets of a body came. `per_connection` = array of scripts for
-- the first, second … connection.
local driver_of = require "posthorn.driver"

local M = {}
local Peer = {}
Peer.__index = Peer

local defaults = {
  greeting = "220 peer.test ESMTP", mail = "250 2.1.0 ok", rcpt = "250 2.1.5 ok", data = "354 go on",
  dot = "250 2.0.0 queued as peer1", rset = "250 2.0.0 ok", noop = "250 2.0.0 ok",
  quit = "221 2.0.0 bye", starttls = "454 4.7.0 not now", auth = "235 2.7.0 welcome",
  helo = "250 peer.test",
}

-- One connection of the peer.
local Line = {}
Line.__index = Line

function Line:send(octets)
  return self.connection:write(octets, nil)
end

function Line:fill()
  if self.is_over then return false end
  local octets = self.connection:read(65536, nil)
  if not octets then
    self.is_over = true
    return false
  end
  self.peer.octets[#self.peer.octets + 1] = octets
  self.buffer = self.buffer .. octets
  return true
end

function Line:read_line()
  while not self.buffer:find("\n", 1, true) do
    if not self:fill() then return nil end
  end
  local line, rest = self.buffer:match "^([^\n]*)\n(.*)$"
  self.buffer = rest
  return (line:gsub("\r$", ""))
end

-- The octets up to the end of data, without it: looked for where octets came last.
function Line:read_body(script)
  local parts, acted = {}, false
  self.buffer = "\r\n" .. self.buffer
  while true do
    local from, to = self.buffer:find("\r\n.\r\n", 1, true)
    if from then
      parts[#parts + 1] = self.buffer:sub(1, from + 1)
      self.buffer = self.buffer:sub(to + 1)
      return table.concat(parts):sub(3)
    end
    if script.body and not acted and #self.buffer > 2 then
      acted = true
      if not self:act(script.body) then return nil end
    end
    if #self.buffer > 65536 then
      parts[#parts + 1] = self.buffer:sub(1, -5)
      self.buffer = self.buffer:sub(-4)
    end
    if not self:fill() then return nil end
  end
end

local function drip(self, octets, every)
  for i = 1, #octets do
    self.peer.driver.sleep(every)
    if not self:send(octets:sub(i, i)) then return false end
  end
  return true
end

-- Does what an answer says; false: the connection is over.
function Line:act(answer)
  if type(answer) == "string" then return self:send(answer .. "\r\n") end
  if answer.wait then self.peer.driver.sleep(answer.wait) end
  if answer.reply and not self:send(answer.reply .. "\r\n") then return false end
  if answer.raw and not self:send(answer.raw) then return false end
  if answer.hears and not (self:fill() and self:send(answer.hears)) then return false end
  if answer.drip and not drip(self, answer.drip, answer.every or 0.01) then return false end
  if answer.alert then self.connection:alert() end
  if answer.notify then self.connection:notify() end
  if answer.endless then
    repeat until not self:send(answer.endless)
    return false
  end
  if answer.deaf then
    self.peer.driver.sleep(answer.deaf == true and 60 or answer.deaf)
    return false
  end
  if answer.silence then
    while self:fill() do self.buffer = "" end
    return false
  end
  if answer.reset then self.connection:reset() end
  return not (answer.close or answer.reset)
end

-- The next answer for a moment.
local function answer_of(state, script, moment)
  local given = script[moment]
  if given == nil then return defaults[moment] or "500 5.5.1 what?" end
  if type(given) == "table" and given[1] ~= nil then
    state[moment] = math.min((state[moment] or 0) + 1, #given)
    return given[state[moment]]
  end
  return given
end

local function capabilities(script)
  local list = script.ehlo
  if type(list) ~= "table" or (list[1] == nil and next(list) ~= nil) then return list end
  local lines = { "250-peer.test" }
  for _, word in ipairs(list) do lines[#lines + 1] = "250-" .. word end
  lines[#lines] = lines[#lines]:gsub("^250%-", "250 ")
  return table.concat(lines, "\r\n")
end

local function moment_of(line)
  return (line:match "^(%a+)" or ""):lower()
end

-- Goes on over TLS; the script from there, or nil: the handshake failed.
local function secure(self, script)
  local line, facts = require("spec.tls.line").accept(self.connection, script.tls)
  self.peer.handshakes[#self.peer.handshakes + 1] = facts
  if not line then return nil end
  self.connection, self.buffer = line, ""
  return script.secured or script
end

local converse

-- Over TLS, where the handshake is done.
local function converse_secured(self, script, is_greeting)
  script = secure(self, script)
  if not script or is_greeting and not self:act(answer_of({}, script, "greeting")) then return end
  converse(self, script, true)
end

function converse(self, script, is_secured)
  local state = {}
  while true do
    local line = self:read_line()
    if not line then return end
    self.peer.lines[#self.peer.lines + 1] = line
    local moment = moment_of(line)
    if moment == "starttls" and script.tls and not is_secured then
      if not self:act "220 2.0.0 go on" then return end
      return converse_secured(self, script)
    end
    local answer = (moment == "ehlo" or moment == "lhlo") and (capabilities(script) or "250 peer.test")
      or answer_of(state, script, moment)
    if not self:act(answer) then return end
    if moment == "quit" then return end
    if moment == "data" and type(answer) == "string" and ("\n" .. answer):find "\n354[^\n]*$" then
      local body = self:read_body(script)
      if not body then return end
      self.peer.bodies[#self.peer.bodies + 1] = body
      if not self:act(answer_of(state, script, "dot")) then return end
    end
  end
end

local function open(self, script)
  if script.implicit then return converse_secured(self, script, true) end
  if self:act(answer_of({}, script, "greeting")) then converse(self, script) end
end

local function serve(peer, connection)
  peer.connections = peer.connections + 1
  local scripts = peer.script.per_connection
  local script = scripts and scripts[math.min(peer.connections, #scripts)] or peer.script
  local line = setmetatable({ peer = peer, connection = connection, buffer = "" }, Line)
  peer.open[line] = true
  open(line, script)
  peer.open[line] = nil
  line.connection:close()
end

local function accept(peer)
  while not peer.is_stopped do
    local connection = peer.listener:accept(nil)
    if not connection then return end
    peer.tasks[#peer.tasks + 1] = peer.driver.spawn(serve, peer, connection)
  end
end

---Starts a peer; call inside posthorn.run.
---@param script table as above
---@param ip string? 127.0.0.1, or the path of a Unix socket
---@param port integer? any
function M.start(script, ip, port)
  local driver = driver_of.get "sys"
  local place = ip and ip:find("/", 1, true) and { path = ip }
    or { ip = ip or "127.0.0.1", port = port or 0 }
  local peer = setmetatable({
    driver = driver, script = script, listener = assert(driver.listen(place)),
    is_stopped = false, connections = 0, lines = {}, bodies = {}, handshakes = {}, octets = {},
    open = {}, tasks = {},
  }, Peer)
  peer.port = peer.listener.port
  peer.tasks[1] = driver.spawn(accept, peer)
  return peer
end

---Ends the peer and its connections.
function Peer:stop()
  self.is_stopped = true
  self.listener:close()
  for _, task in ipairs(self.tasks) do task:cancel() end
end

---How many of the commands so far begin with this word.
function Peer:count(word)
  local n = 0
  for _, line in ipairs(self.lines) do
    if line:upper():sub(1, #word) == word then n = n + 1 end
  end
  return n
end

return M
