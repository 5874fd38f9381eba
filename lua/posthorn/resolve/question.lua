-- question.lua - one question to name servers: turns the resolver of
-- posthorn.dns with a driver's sockets.
-- SPDX-License-Identifier: MIT
local M = {}

local rubbish_limit = 100 -- datagrams that are no answer, before the socket counts as broken
local piece = 65536       -- octets of a stream at once

---@class posthorn.resolve.plan
---@field servers table[] { ip =, port = }
---@field timeout number seconds
---@field tries integer

-- A socket of the machine and what stands behind it: for UDP a fresh datagram
-- socket, and with it a fresh port, for each question that is sent.
local function close(socket)
  if socket and socket.handle then
    socket.handle:close()
    socket.handle = nil
  end
end

local function deadline_of(ask)
  local seconds = ask.resolver:deadline()
  return ask.driver.now() + (seconds or 0)
end

local events = {}

function events.open(ask, id, transport, ip, port)
  ask.sockets[id] = { id = id, transport = transport, ip = ip, port = port, count = 0 }
end

local function open_handle(ask, socket)
  if socket.transport == "udp" then
    close(socket)
    return ask.driver.datagram(socket.ip, socket.port)
  end
  if socket.handle then return socket.handle end
  return ask.driver.connect({ ip = socket.ip, port = socket.port }, deadline_of(ask))
end

function events.send(ask, id, octets)
  local socket = ask.sockets[id]
  local handle, reason = open_handle(ask, socket)
  local ok
  socket.handle = handle
  if handle and socket.transport == "udp" then
    ok, reason = handle:send(octets)
  elseif handle then
    ok, reason = handle:write(octets, deadline_of(ask))
  end
  if ok then
    ask.current = socket
  elseif reason == "woken" then
    ask.is_woken = true
  elseif reason == "timeout" then
    ask.resolver:expire()
  else
    ask.resolver:closed(id)
  end
end

function events.close(ask, id)
  local socket = ask.sockets[id]
  close(socket)
  ask.sockets[id] = nil
  if ask.current == socket then ask.current = nil end
end

function events.answer(ask, answer)
  ask.answer = answer
end

function events.failed(ask, failure)
  ask.failure = failure
end

-- Waits for the socket that was written to last: an answer that comes to one
-- before it is late, and its question was asked anew.
local function wait(ask)
  local resolver, socket, deadline = ask.resolver, ask.current, deadline_of(ask)
  local octets, reason
  if not socket then
    local _, how = ask.driver.sleep(deadline - ask.driver.now())
    octets, reason = nil, how or "timeout"
  elseif socket.transport == "udp" then
    octets, reason = socket.handle:receive(deadline)
  else
    octets, reason = socket.handle:read(piece, deadline)
  end
  if octets then
    socket.count = socket.count + 1
    resolver:feed(socket.id, octets)
    if socket.transport == "udp" and socket.count >= rubbish_limit then
      resolver:closed(socket.id)
    end
  elseif reason == "timeout" then
    resolver:expire()
  elseif reason == "woken" then
    ask.is_woken = true
  else
    resolver:closed(socket.id)
  end
end

local function turn(ask)
  while not (ask.answer or ask.failure or ask.is_woken) do
    local event, a, b, c, d = ask.resolver:next()
    if event then
      events[event](ask, a, b, c, d)
    else
      wait(ask)
    end
  end
end

---Asks; an answer of any code, or nil and the failure. Nil alone: the task was cancelled.
---@param driver table
---@param plan posthorn.resolve.plan
---@param name string
---@param kind "A"|"AAAA"
---@return posthorn.dns.answer?
---@return table? failure
function M.ask(driver, plan, name, kind)
  local resolver, _, failure = require("posthorn.dns").resolver {
    servers = plan.servers, timeout = plan.timeout, tries = plan.tries,
  }
  if not resolver then return nil, failure end
  local ask = {
    driver = driver, resolver = resolver, sockets = {}, current = nil, is_woken = false,
    answer = nil, failure = nil,
  }
  local ok
  ok, _, failure = resolver:ask(name, kind)
  if ok then turn(ask) else ask.failure = failure end
  for _, socket in pairs(ask.sockets) do close(socket) end
  resolver:close()
  return ask.answer, ask.failure
end

return M
