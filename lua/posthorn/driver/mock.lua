-- mock.lua - a driver for specs: peers in memory and a clock that jumps, so that ten minutes pass
-- in no time.
-- SPDX-License-Identifier: MIT
local tasks_of = require "posthorn.driver.tasks"

local CAPACITY = 65536 -- octets that a direction holds before its writer waits

-- ---- the poller: as that of posthorn.sys, without descriptors ----

local Poller = {}
Poller.__index = Poller

local function new_poller()
  return setmetatable({
    time = 0,
    latest = 0, -- id
    deadlines = {}, -- of those that wait, by id; math.huge: none
    first = 1,
    last = 0,
    queue = {}, -- { id, reason }
  }, Poller)
end

function Poller:open()
  self.latest = self.latest + 1
  return self.latest
end

function Poller:end_wait(id, reason)
  self.deadlines[id] = nil
  self.last = self.last + 1
  self.queue[self.last] = { id, reason }
end

function Poller:shut(id)
  self.deadlines[id] = nil
  for i = self.first, self.last do
    if self.queue[i][1] == id then
      self.queue[i][1] = 0
    end
  end
end

function Poller:await(id, deadline)
  assert(not self.deadlines[id], "it waits already")
  self.deadlines[id] = deadline or math.huge
  if deadline and deadline <= self.time then
    self:end_wait(id, "timeout")
  end
end

function Poller:wake(id, is_ready)
  if not self.deadlines[id] then
    return false
  end
  self:end_wait(id, is_ready and "ready" or "woken")
  return true
end

-- Lets time pass; the waits that are over are told in their order.
function Poller:advance(seconds)
  local time = self.time + seconds
  local is_over
  repeat
    is_over = not self:jump(time)
  until is_over
  self.time = time
end

-- Goes on to the earliest deadline, up to that time; false: there is none.
function Poller:jump(time)
  local earliest, id = math.huge, nil
  for other, deadline in pairs(self.deadlines) do
    if deadline < earliest or deadline == earliest and id and other < id then
      earliest, id = deadline, other
    end
  end
  if not id or time and earliest > time then
    return false
  end
  self.time = math.max(self.time, earliest)
  self:end_wait(id, "timeout")
  return true
end

function Poller:next()
  while true do
    if self.first > self.last and not self:jump() then
      return nil
    end
    local wakeup = self.queue[self.first]
    self.queue[self.first] = nil
    self.first = self.first + 1
    if wakeup[1] ~= 0 then
      return wakeup[1], wakeup[2]
    end
  end
end

-- ---- connections: two ends in memory ----

-- A direction: what was written and not yet read.
local function new_pipe(capacity)
  return { bytes = "", capacity = capacity, is_over = false }
end

-- Whatever waits: its reads and writes look again after each change.
local function await(self, deadline)
  local owner = self.tasks:owner()
  self.waiting[owner.id] = true
  local reason = self.tasks:await(deadline)
  self.waiting[owner.id] = nil
  if self.is_closed then
    return "woken"
  end
  return reason ~= "ready" and reason or nil
end

local function wake(self, is_ready)
  local is_woken = false
  for id in pairs(self.waiting) do
    is_woken = self.tasks.poller:wake(id, is_ready) or is_woken
  end
  return is_woken
end

local function changed(self)
  wake(self, true)
  wake(self.other, true)
end

local function check(self)
  if self.is_closed then
    error("the connection was closed", 3)
  end
end

---An end of a connection: the library's, or the peer's in a spec. It has no `exchange`.
---@class posthorn.driver.mock.connection
local Connection = {}
Connection.__index = Connection
Connection.__name = "posthorn.connection"

-- Takes n octets off the input.
local function take(self, n)
  local pipe = self.input
  local bytes = pipe.bytes:sub(1, n)
  pipe.bytes = pipe.bytes:sub(#bytes + 1)
  changed(self)
  return bytes
end

---@param max? integer
---@param deadline? number
---@return string|nil bytes
---@return "eof"|"timeout"|"woken"|nil reason
function Connection:read(max, deadline)
  check(self)
  while self.input.bytes == "" do
    local reason = self.input.is_over and "eof" or await(self, deadline)
    if reason then
      return nil, reason
    end
  end
  return take(self, max or #self.input.bytes)
end

---For peers: the next line without its end.
---@param deadline? number
---@return string|nil line
---@return "eof"|"timeout"|"woken"|nil reason
function Connection:read_line(deadline)
  check(self)
  local stop = self.input.bytes:find("\n", 1, true)
  while not stop do
    local reason = self.input.is_over and "eof" or await(self, deadline)
    if reason then
      return nil, reason
    end
    stop = self.input.bytes:find("\n", 1, true)
  end
  return (take(self, stop):gsub("\r?\n$", ""))
end

---@param bytes string
---@param deadline? number
---@return true|nil
---@return "timeout"|"woken"|"error"|nil reason
---@return string? text
function Connection:write(bytes, deadline)
  check(self)
  local pipe = self.output
  while bytes ~= "" do
    if pipe.is_over then
      return nil, "error", "the peer does not read any more"
    end
    local room = pipe.capacity - #pipe.bytes
    local reason
    if room > 0 then
      pipe.bytes = pipe.bytes .. bytes:sub(1, room)
      bytes = bytes:sub(room + 1)
      changed(self)
    else
      reason = await(self, deadline)
    end
    if reason then
      return nil, reason
    end
  end
  return true
end

---@return boolean
function Connection:is_quiet()
  check(self)
  return self.input.bytes == "" and not self.input.is_over
end

---Ends the calls that wait for it with "woken"; whether there was one.
---@return boolean
function Connection:wake()
  return wake(self, false)
end

---@return string|nil
function Connection:local_ip()
  return self.ip
end

---Ends our side: the peer reads an end of file.
function Connection:shutdown()
  self.output.is_over = true
  changed(self)
end

---Idempotent.
function Connection:close()
  if self.is_closed then
    return
  end
  self.is_closed = true
  self.input.is_over, self.output.is_over = true, true
  wake(self, false)
  wake(self.other, true)
end

Connection.__close = Connection.close

local function new_end(tasks, input, output)
  return setmetatable({
    tasks = tasks,
    input = input,
    output = output,
    other = nil,
    waiting = {}, -- ids
    is_closed = false,
    ip = "127.0.0.1",
  }, Connection)
end

-- Both ends.
local function new_pair(tasks, capacity)
  local there, back = new_pipe(capacity), new_pipe(capacity)
  local near, far = new_end(tasks, back, there), new_end(tasks, there, back)
  near.other, far.other = far, near
  return near, far
end

-- ---- listeners and datagrams ----

-- A queue that is waited for.
local Queue = {}
Queue.__index = Queue

local function new_queue(tasks)
  return setmetatable({ tasks = tasks, items = {}, waiting = {}, is_closed = false }, Queue)
end

function Queue:put(item)
  self.items[#self.items + 1] = item
  wake(self, true)
end

function Queue:take(deadline)
  check(self)
  while not self.items[1] do
    local reason = await(self, deadline)
    if reason then
      return nil, reason
    end
  end
  return table.remove(self.items, 1)
end

function Queue:close()
  self.is_closed = true
  wake(self, false)
end

Queue.accept, Queue.receive = Queue.take, Queue.take
Queue.__close = Queue.close

-- ---- the driver ----

-- A peer runs beside, in no run's account; its connection ends with it.
local function start_peer(driver, tasks, fn, far, address)
  local task = tasks:background(function()
    local is_ok, err = tasks:pcall(fn, far, address)
    far:close()
    if not is_ok then
      error(err, 0)
    end
  end)
  driver.peers[#driver.peers + 1] = task
end

local function connect(driver, tasks, options, address, deadline)
  local reason, text
  if options.connect then
    reason, text = options.connect(address)
  end
  local delay = options.delay
  if type(delay) == "function" then delay = delay(address) end
  if reason == "timeout" or delay then
    local time = delay and reason ~= "timeout" and tasks.now() + delay
    local is_late = not time or deadline and deadline < time
    local how = tasks:await(is_late and deadline or time or nil)
    if how == "woken" or is_late then
      return nil, how
    end
  end
  if reason then
    return nil, reason, text
  end
  local listener = driver.listeners[address.port or address.path]
  if not (listener or options.peer) then
    return nil, "error", "connection refused"
  end
  local near, far = new_pair(tasks, options.capacity or CAPACITY)
  if listener then
    listener:put(far)
  else
    start_peer(driver, tasks, options.peer, far, address)
  end
  return near
end

---@class posthorn.driver.mock.options
---@field peer? fun(peer: posthorn.driver.mock.connection, address: table) each connection's other
---end, run as a task; it is closed at its end
---@field connect? fun(address: table): string?, string? a reason and text refuse the connection;
---"timeout" lets the deadline pass
---@field delay? number|fun(address: table): number? seconds that a connection takes
---@field capacity? integer octets that a direction holds before its writer waits (65536)
---@field datagram? fun(bytes: string, ip: string, port: integer, reply: fun(bytes: string))

---A driver whose clock stands still while anything can be done, then jumps to the next deadline.
---Beside a driver's functions: `advance(seconds)` moves the clock; `peers` are the tasks of the
---peers, in order of connection (`wait` raises a peer's error).
---@param options? posthorn.driver.mock.options
---@return posthorn.driver
local function new(options)
  options = options or {}
  local poller = new_poller()
  local tasks = tasks_of.new(poller, function()
    return poller.time
  end, require("posthorn.sys").is_yieldable)
  local driver = tasks:functions()
  local ports = 40000

  driver.name = "mock"
  driver.peers = {}
  driver.listeners = {} -- by port

  function driver.advance(seconds)
    poller:advance(seconds)
  end

  function driver.connect(address, deadline, owner)
    if owner then
      return tasks:wakeable(owner, connect, driver, tasks, options, address, deadline)
    end
    return connect(driver, tasks, options, address, deadline)
  end

  function driver.listen(address)
    local listener = new_queue(tasks)
    ports = ports + 1
    listener.port = address.port and address.port > 0 and address.port or ports
    driver.listeners[address.path or listener.port] = listener
    return listener
  end

  function driver.datagram(ip, port)
    local socket = new_queue(tasks)
    function socket.send(_, bytes)
      if options.datagram then
        options.datagram(bytes, ip, port, function(answer)
          socket:put(answer)
        end)
      end
      return true
    end
    return socket
  end

  return driver
end

return { new = new }
