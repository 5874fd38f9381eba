-- sys.lua - the built-in driver: plain Lua on POSIX sockets.
-- SPDX-License-Identifier: MIT
local tasks_of = require "posthorn.driver.tasks"

-- A Unix socket whose queue is full tells nothing when there is room: ask again.
local AGAIN_FIRST, AGAIN_MOST = 0.005, 0.1

---A stream to a peer. One coroutine may read and one may write at a time.
---@class posthorn.driver.sys.connection
local Connection = {}
Connection.__index = Connection
Connection.__name = "posthorn.connection"

---@class posthorn.driver.sys.listener
---@field port integer
local Listener = {}
Listener.__index = Listener
Listener.__name = "posthorn.listener"

---@class posthorn.driver.sys.datagram
local Datagram = {}
Datagram.__index = Datagram
Datagram.__name = "posthorn.datagram"

-- Each has its socket, the poller (its loop) and the tasks.
local function new_object(class, socket, tasks)
  return setmetatable({ socket = socket, poller = tasks.poller, tasks = tasks }, class)
end

-- Waits until the socket is ready; true, or nil and how else the wait ended.
local function await(self, way, deadline)
  local tasks, poller = self.tasks, self.poller
  local owner = tasks:owner()
  if tasks:is_interrupted(owner) then
    return nil, "woken"
  end
  poller[way](poller, owner.id, deadline, self.socket)
  local reason = tasks:pause(owner)
  if reason == "ready" then
    return true
  end
  return nil, reason
end

-- What a method of the socket gives, as soon as it need not wait.
local function take(self, method, deadline, argument)
  while true do
    local value, reason, text = self.socket[method](self.socket, argument)
    if value or reason ~= "wait" then
      return value, reason, text
    end
    value, reason = await(self, "await_read", deadline)
    if not value then
      return nil, reason
    end
  end
end

---Up to max octets, as soon as there are some.
---@param max? integer
---@param deadline? number
---@return string|nil bytes
---@return "eof"|"timeout"|"woken"|"limit"|"error"|nil reason
---@return string? text
function Connection:read(max, deadline)
  return take(self, "read", deadline, max)
end

---All of the bytes.
---@param bytes string
---@param deadline? number
---@return true|nil
---@return "timeout"|"woken"|"limit"|"error"|nil reason
---@return string? text
function Connection:write(bytes, deadline)
  local sent = 0
  while true do
    local n, reason, text = self.socket:write(bytes, sent)
    if not n then
      return nil, reason, text
    end
    sent = sent + n
    if sent >= #bytes then
      return true
    end
    n, reason = await(self, "await_write", deadline)
    if not n then
      return nil, reason
    end
  end
end

---Moves octets between peer and machine, both ways, until an event of the machine waits; nothing
---is written before that was taken. "timeout": the deadline, or the machine's own wait, is over. At
---the peer's end of file the machine is told; "eof": it has no event even so.
---@param machine userdata of `session:machine()` and its like
---@param deadline? number
---@param is_watched? boolean it comes back whenever octets were moved
---@return true|nil
---@return "eof"|"timeout"|"woken"|"error"|nil reason
---@return string? text
function Connection:exchange(machine, deadline, is_watched)
  local tasks = self.tasks
  local owner = tasks:owner()
  local reason, text = self.poller:exchange(owner.id, deadline, self.socket, machine, is_watched)
  if not reason then
    if owner.is_cancel_due and tasks:is_interrupted(owner) then
      self.poller:wake(owner.id)
    end
    reason, text = tasks:pause(owner)
  end
  if reason == "pending" then
    return true
  end
  return nil, reason, text
end

---Whether a read would find neither octets nor an end; takes no time.
---@return boolean
function Connection:is_quiet()
  return self.socket:is_quiet()
end

---Ends the calls that wait for it with "woken"; whether there was one.
---@return boolean
function Connection:wake()
  return self.socket:wake()
end

---The IP address that it talks from.
---@return string|nil
function Connection:local_ip()
  return self.socket:local_ip()
end

---Ends our side: the peer reads an end of file, and may go on to write.
function Connection:shutdown()
  self.socket:shutdown()
end

---Closes without ceremony: the peer reads a reset, and what was not sent is gone.
function Connection:reset()
  self.socket:reset()
end

---Idempotent; calls that wait for it end with "woken".
function Connection:close()
  self.socket:close()
end

Connection.__close = Connection.close

---@param deadline? number
---@return posthorn.driver.sys.connection|nil
---@return "timeout"|"woken"|"limit"|"error"|nil reason
---@return string? text
function Listener:accept(deadline)
  local socket, reason, text = take(self, "accept", deadline)
  if not socket then
    return nil, reason, text
  end
  return new_object(Connection, socket, self.tasks)
end

Listener.wake = Connection.wake
Listener.close = Connection.close
Listener.__close = Connection.close

---@param bytes string
---@return true|nil
---@return "error"|nil reason
---@return string? text
function Datagram:send(bytes)
  local is_sent, reason, text = self.socket:send(bytes)
  if reason == "wait" then
    return true -- dropped: as the network may
  end
  return is_sent, reason, text
end

---@param deadline? number
---@return string|nil bytes
---@return "timeout"|"woken"|"error"|nil reason
---@return string? text
function Datagram:receive(deadline)
  return take(self, "receive", deadline)
end

Datagram.wake = Connection.wake
Datagram.close = Connection.close
Datagram.__close = Connection.close

-- The socket to an address, connected or under way. While a Unix socket's queue is full it asks
-- again and again.
local function begin_connect(sys, tasks, address, deadline)
  local pause = AGAIN_FIRST
  while true do
    local socket, reason, text = sys.connect(address)
    if socket or reason ~= "wait" then
      return socket, reason, text
    end
    local now = sys.now()
    if deadline and deadline <= now then
      return nil, "timeout"
    end
    if tasks:await(deadline and math.min(deadline, now + pause) or now + pause) == "woken" then
      return nil, "woken"
    end
    pause = math.min(2 * pause, AGAIN_MOST)
  end
end

local function finish_connect(connection, is_connected, deadline)
  local reason, text
  while not is_connected do
    is_connected, reason = await(connection, "await_write", deadline)
    if is_connected then
      is_connected, reason, text = connection.socket:connected()
    end
    if not is_connected and reason ~= "wait" then
      connection:close()
      return nil, reason, text
    end
  end
  return connection
end

local function connect(sys, tasks, address, deadline)
  local socket, reason, text = begin_connect(sys, tasks, address, deadline)
  if not socket then
    return nil, reason, text
  end
  return finish_connect(new_object(Connection, socket, tasks), reason, deadline)
end

local function listen(sys, tasks, address)
  local socket, reason, text = sys.listen(address)
  if not socket then
    return nil, reason, text
  end
  local listener = new_object(Listener, socket, tasks)
  listener.port = socket:port()
  return listener
end

local function datagram(sys, tasks, ip, port)
  local socket, reason, text = sys.datagram { ip = ip, port = port }
  if not socket then
    return nil, reason, text
  end
  return new_object(Datagram, socket, tasks)
end

---@class posthorn.driver.sys.options
---@field poll? "epoll"|"poll" by default epoll where there is one

---A driver with a loop of its own.
---@param options? posthorn.driver.sys.options
---@return posthorn.driver
local function new(options)
  local sys = require "posthorn.sys"
  local tasks = tasks_of.new(sys.loop(options), sys.now, sys.is_yieldable)
  local driver = tasks:functions()

  driver.name = "sys"
  driver.hostname = sys.hostname

  function driver.connect(address, deadline, owner)
    if owner then
      return tasks:wakeable(owner, connect, sys, tasks, address, deadline)
    end
    return connect(sys, tasks, address, deadline)
  end

  function driver.listen(address)
    return listen(sys, tasks, address)
  end

  function driver.datagram(ip, port)
    return datagram(sys, tasks, ip, port)
  end

  return driver
end

return { new = new }
