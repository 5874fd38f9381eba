-- tasks.lua - the scheduler of a built-in loop: tasks, and waits that yield in a task and turn
-- the loop in place elsewhere (api.md, section 4).
-- SPDX-License-Identifier: MIT
--
-- It stands on a poller, which knows what waits end when:
--   open() -> id, shut(id)       a number for somebody who waits
--   await(id, deadline)          begins a wait for a time (nil: none) or a wake
--   wake(id, is_ready)           ends its wait with "woken" or "ready"; whether it waited
--   next() -> id, reason, text   the next wait that ended; false: nothing yet, nil: nothing ever
local unpack = table.unpack or rawget(_G, "unpack")
local create, resume, yield = coroutine.create, coroutine.resume, coroutine.yield
local running, status = coroutine.running, coroutine.status

-- What a task yields when it waits: anything else is not ours.
local PAUSE = {}

-- In-place turns below each other: each stands on the C stack, where Lua allows some 200 calls in
-- all. Past this only the innermost goes on, with the tasks that it began and may wait for; what
-- else ended is told later.
local DEEPEST = 30

local NONE = {}

local function pack(...)
  return { n = select("#", ...), ... }
end

local function cancelled(message)
  return nil, message,
    require("posthorn.core").failure {
      kind = "cancelled",
      class = "temporary",
      message = message,
    }
end

---A function that runs beside others.
---@class posthorn.task
local Task = {}
Task.__index = Task
Task.__name = "posthorn.task"

---@class posthorn.driver.tasks
local Tasks = {}
Tasks.__index = Tasks

-- Whoever waits: a task, or the main script outside of all tasks.
local function new_owner(tasks, co)
  local owner = {
    tasks = tasks,
    id = tasks.poller:open(),
    co = co,
    group = nil, -- the run that it belongs to
    parent = nil, -- who began it
    held = nil, -- in place: what ended for those that it began, while it was too deep to tell
    is_waiting = false,
    is_in_place = false,
    is_due = false, -- in place: its wait ended
    reason = nil, -- in place: how
    text = nil,
    is_cancelled = false,
    is_cancel_due = false, -- its next wait ends at once
    is_ended = false,
    is_failed = false,
    is_awaited = false, -- somebody takes its results or its error
    results = nil,
    waiters = nil, -- those that wait for its end
    awaited = nil, -- the task whose end it waits for
  }
  tasks.owners[owner.id] = owner
  return owner
end

---@param poller table|userdata
---@param now fun(): number
---@param is_yieldable fun(): boolean whether a yield would reach the resume of this coroutine
---@return posthorn.driver.tasks
local function new(poller, now, is_yieldable)
  local self = setmetatable({
    poller = poller,
    now = now,
    is_yieldable = is_yieldable,
    owners = {}, -- by id
    adopted = setmetatable({}, { __mode = "k" }), -- coroutines that count as their task's
    current = nil, -- the task that runs
    main = nil,
    depth = 0, -- of turns in place
    deferred = {}, -- what ended while it was too deep to tell
  }, Tasks)
  self.main = new_owner(self, nil)
  return self
end

-- ---- waits ----

-- Whether the running coroutine is that task's and may yield to the loop.
local function can_yield(self, task)
  local co = running()
  return (co == task.co or self.adopted[co] == task) and self.is_yieldable()
end

local function finish(self, task, is_ok, ...)
  task.is_ended = true
  task.is_failed = not is_ok
  task.results = pack(...)
  task.co, task.parent = nil, nil
  self.owners[task.id] = nil
  self.poller:shut(task.id)
  if task.waiters then
    for _, owner in ipairs(task.waiters) do
      if owner.awaited == task then
        self.poller:wake(owner.id, true)
      end
    end
  end
  local group = task.group
  if group then
    group.count = group.count - 1
    if not is_ok then
      group.failed[#group.failed + 1] = task
    end
  end
end

local function after(self, task, is_ok, signal, ...)
  self.current = nil
  if is_ok and signal == PAUSE then
    return
  end
  if not is_ok or status(task.co) == "dead" then
    return finish(self, task, is_ok, signal, ...)
  end
  finish(self, task, false, "a task may only yield by waiting in a call of posthorn")
end

local function tell(self, owner, reason, text)
  if owner.is_in_place then
    owner.is_due, owner.reason, owner.text = true, reason, text
    return
  end
  owner.is_waiting = false
  self.current = owner
  after(self, owner, resume(owner.co, reason, text))
end

-- The next wait that ended; first those that were too deep to tell and now are not.
local function following(self, waiting)
  local list = self.depth > DEEPEST and waiting.held or self.deferred
  if list[1] then
    return unpack(table.remove(list, 1), 1, 3)
  end
  return self.poller:next()
end

-- Who turns in place and may wait for this one, which it or one of its tasks has begun.
local function host_of(owner)
  local host = owner.parent
  while host and not host.is_in_place do
    host = host.parent
  end
  return host
end

-- One step of the loop; false: nothing can happen any more.
local function turn(self, waiting)
  local id, reason, text = following(self, waiting)
  if not id then
    return id == false
  end
  local owner = self.owners[id]
  if self.depth > DEEPEST and owner ~= waiting and not owner.is_in_place then
    local host = host_of(owner)
    if host ~= waiting then
      local list = host and host.held or self.deferred
      list[#list + 1] = { id, reason, text }
      return true
    end
  end
  tell(self, owner, reason, text)
  return true
end

-- A wait that was left by an error is forgotten, with all that may still come of it.
local function forget_wait(self, owner)
  self.owners[owner.id] = nil
  self.poller:shut(owner.id)
  owner.id = self.poller:open()
  self.owners[owner.id] = owner
  owner.awaited, owner.is_waiting = nil, false
end

local function turn_until_due(self, owner)
  local current = self.current
  while not owner.is_due do
    if not turn(self, owner) then
      error("this wait can never end: all wait for each other", 0)
    end
    self.current = current
  end
end

-- Turns the loop until that wait is done. What ends for waits above this one is noted and told
-- when their turn comes back. Only a signal's hook, or a wait without end, raises.
local function turn_in_place(self, owner)
  local current, depth = self.current, self.depth
  owner.is_in_place, owner.is_due = true, false
  self.depth = depth + 1
  owner.held = self.depth > DEEPEST and {} or nil
  local is_ok, err = pcall(turn_until_due, self, owner)
  self.current, self.depth = current, depth
  owner.is_in_place, owner.is_waiting = false, false
  for _, wakeup in ipairs(owner.held or NONE) do
    self.deferred[#self.deferred + 1] = wakeup
  end
  if not is_ok then
    forget_wait(self, owner)
    error(err, 0)
  end
  return owner.reason, owner.text
end

---Whoever begins a wait now; its `id` goes to the poller, then comes `pause`. What it waited for
---before was left by an error if it is not over.
function Tasks:owner()
  local owner = self.current or self.main
  if owner.is_waiting then
    forget_wait(self, owner)
  end
  return owner
end

---The wait that was begun for that owner: how it ended.
function Tasks:pause(owner)
  owner.is_waiting = true
  if self.current and can_yield(self, owner) then
    return yield(PAUSE)
  end
  return turn_in_place(self, owner)
end

---Whether this wait must not begin: the task was cancelled before.
function Tasks.is_interrupted(_, owner)
  local is_due = owner.is_cancel_due
  owner.is_cancel_due = false
  return is_due
end

---Waits for a time or a wake.
---@return "ready"|"timeout"|"woken"
function Tasks:await(deadline)
  local owner = self:owner()
  if self:is_interrupted(owner) then
    return "woken"
  end
  self.poller:await(owner.id, deadline)
  return self:pause(owner)
end

-- ---- what users call ----

-- Gives the values on and takes `wake` out of the table again.
local function unhand(bell, ...)
  bell.wake = nil
  return ...
end

---Calls a function that waits; meanwhile `bell.wake()` ends its wait with "woken" and tells
---whether there was one.
function Tasks:wakeable(bell, fn, ...)
  local waiter = self:owner()
  bell.wake = function()
    return self.poller:wake(waiter.id)
  end
  return unhand(bell, fn(...))
end

---@param seconds number may be math.huge
---@param bell? table has a function `wake` meanwhile that ends the sleep
---@return true|nil
---@return string? reason "woken"
function Tasks:sleep(seconds, bell)
  if bell then
    return self:wakeable(bell, self.sleep, self, seconds)
  end
  if self:await(seconds < math.huge and self.now() + seconds or nil) == "woken" then
    return nil, "woken"
  end
  return true
end

---Waits until the bell is rung, for a time, or for a cancel of the task. A bell is any table; its
---field `waiting` is the driver's meanwhile. Unlike `sleep` it makes nothing new.
---@param bell table
---@param deadline? number
---@return "ready"|"timeout"|"woken"
function Tasks:wait(bell, deadline)
  local owner = self:owner()
  if owner.is_cancel_due then
    owner.is_cancel_due = false
    return "woken"
  end
  local id = owner.id
  self.poller:await(id, deadline)
  bell.waiting = id
  local reason = self:pause(owner)
  bell.waiting = nil
  return reason
end

---Ends the wait for that bell; whether there was one.
---@param bell table
---@return boolean
function Tasks:ring(bell)
  local id = bell.waiting
  bell.waiting = nil
  return id ~= nil and self.poller:wake(id, true)
end

---Lets go on whoever may, then goes on itself.
function Tasks:pass()
  local owner, poller = self:owner(), self.poller
  poller:await(owner.id)
  poller:wake(owner.id, true)
  self:pause(owner)
end

local function start(self, group, fn, ...)
  if type(fn) ~= "function" then
    error("a task needs a function, not a " .. type(fn), 4)
  end
  local arguments = pack(...)
  local task
  task = setmetatable(
    new_owner(
      self,
      create(function()
        return fn(unpack(arguments, 1, arguments.n))
      end)
    ),
    Task
  )
  task.group, task.parent = group, self.current or self.main
  if group then
    group.count = group.count + 1
  end
  self.poller:await(task.id)
  self.poller:wake(task.id, true)
  return task
end

---Begins a task, which runs from the next wait on. Inside `run` it belongs to that run.
---@param fn function
---@return posthorn.task
function Tasks:spawn(fn, ...)
  return start(self, self.current and self.current.group, fn, ...)
end

---As spawn, but that no run waits for it.
---@param fn function
---@return posthorn.task
function Tasks:background(fn, ...)
  return start(self, nil, fn, ...)
end

---Runs a function as a task until it and the tasks begun in it have ended; its results. An error
---is raised again: its own, else the first of a task that nobody waited for.
function Tasks:run(fn, ...)
  if self.current then
    error("run was called inside a task", 3)
  end
  local group = { count = 0, failed = {} }
  local task = start(self, group, fn, ...)
  -- An error of its own ends it at once, whatever its tasks still wait for.
  while group.count > 0 and not task.is_failed do
    if not turn(self) then
      error("the tasks can never end: all wait for each other", 0)
    end
  end
  task.is_awaited = true
  if task.is_failed then
    error(task.results[1], 0)
  end
  for _, failed in ipairs(group.failed) do
    if not failed.is_awaited then
      error(failed.results[1], 0)
    end
  end
  return unpack(task.results, 1, task.results.n)
end

---Whether the running task was cancelled: why a wait may have ended with "woken".
---@return boolean
function Tasks:is_cancelled()
  return self.current ~= nil and self.current.is_cancelled
end

-- A function in a coroutine of its own that counts as its task's.
local function step(self, co, is_ok, signal, ...)
  if not is_ok or status(co) == "dead" then
    return is_ok, signal, ...
  end
  if signal == PAUSE then
    return step(self, co, resume(co, self:pause(self.current or self.main)))
  end
  return step(self, co, resume(co, yield(signal, ...)))
end

-- A coroutine for a function, whose waits are those of a task.
local function adopt(self, task, fn)
  local co = create(function(...)
    return fn(...)
  end)
  self.adopted[co] = task
  return co
end

---As pcall, but that the function may wait: PUC Lua 5.1 has a pcall that no yield crosses.
---@return boolean
function Tasks:pcall(fn, ...)
  local task = self.current
  if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") or not task and not running() then
    return pcall(fn, ...)
  end
  local co = adopt(self, task, fn)
  return step(self, co, resume(co, ...))
end

local function step_callback(self, co, is_ok, signal, ...)
  if is_ok and status(co) ~= "dead" then
    if signal ~= PAUSE then
      return false, "it may only yield by waiting in a call of posthorn"
    end
    return step_callback(self, co, resume(co, self:pause(self.current)))
  end
  return is_ok, signal, ...
end

---As pcall for a function of the user's: a yield that is no wait is its error, and ends no task.
---@return boolean
function Tasks:callback(fn, ...)
  local task = self.current
  if not task then
    return pcall(fn, ...)
  end
  local co = adopt(self, task, fn)
  return step_callback(self, co, resume(co, ...))
end

-- Nothing to do: is_yieldable sees the iterator of a for loop on PUC Lua 5.1. Drivers of hosts
-- whose waits yield by themselves have more to do here.
local function in_place(fn, ...)
  return fn(...)
end

---Waits for its end: its results, or its error raised. Cancelled meanwhile: nil, message, failure.
function Task:wait()
  local tasks = self.tasks
  local owner = tasks:owner()
  if owner == self then
    error("a task cannot wait for itself", 2)
  end
  self.is_awaited = true
  if not self.is_ended then
    self.waiters = self.waiters or {}
    self.waiters[#self.waiters + 1] = owner
    owner.awaited = self
    local reason = tasks:await()
    owner.awaited = nil
    if reason == "woken" then
      return cancelled("the wait for a task was cancelled")
    end
  end
  if self.is_failed then
    error(self.results[1], 0)
  end
  return unpack(self.results, 1, self.results.n)
end

---Ends the call that it waits in, which returns `cancelled`; when it waits in none, that of its
---next one. Whether there was something to cancel.
---@return boolean
function Task:cancel()
  if self.is_ended then
    return false
  end
  self.is_cancelled = true
  if not (self.is_waiting and self.tasks.poller:wake(self.id)) then
    self.is_cancel_due = true
  end
  return true
end

---What every driver on this scheduler offers.
---@return posthorn.driver
function Tasks:functions()
  return {
    now = self.now,
    sleep = function(seconds, bell)
      return self:sleep(seconds, bell)
    end,
    wait = function(bell, deadline)
      return self:wait(bell, deadline)
    end,
    ring = function(bell)
      return self:ring(bell)
    end,
    pass = function()
      self:pass()
    end,
    spawn = function(fn, ...)
      return self:spawn(fn, ...)
    end,
    background = function(fn, ...)
      return self:background(fn, ...)
    end,
    run = function(fn, ...)
      return self:run(fn, ...)
    end,
    pcall = function(fn, ...)
      return self:pcall(fn, ...)
    end,
    callback = function(fn, ...)
      return self:callback(fn, ...)
    end,
    in_place = in_place,
    is_cancelled = function()
      return self:is_cancelled()
    end,
  }
end

---@return string
function Task:__tostring()
  return ("%s: %s"):format(Task.__name, self.is_ended and "ended" or "runs")
end

return { new = new }
