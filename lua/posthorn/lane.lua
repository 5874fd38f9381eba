-- lane.lua - one connection of a pool while it has something to do: takes mails
-- from the queue as soon as its session is ready, gives each its outcome.
-- SPDX-License-Identifier: MIT
--
-- A lane is turned by a task of its own, or by the `send` that began it for as long as its own
-- mail takes; what is left then goes on in a task. It stands in for a call while its connection
-- is waited for: the deadline is the earliest of its mails', and one mail's cancel or deadline
-- ends the connection, but no other mail.
local failures = require "posthorn.failure"
local jobs = require "posthorn.job"
local results = require "posthorn.result"

local M = {}
---@class posthorn.lane
local Lane = {}
Lane.__index = Lane

local returns_most = 3 -- of a mail behind another one, before it goes over a fresh connection

local cancelled = "the send was cancelled"
local late = "the send took longer than its timeout"

---@param pool posthorn.pool
function M.new(pool)
  return setmetatable({
    pool = pool, driver = pool.driver,
    pump = nil,         -- the connection
    job = nil,          -- at hand: neither in the queue nor under way
    returned = {},      -- jobs that go again
    own = nil,          -- whose `send` turns it
    deadline = nil,     -- the earliest of its mails'
    connection = nil,   -- that is waited for
    is_ready = false,   -- the session takes a mail
    is_to_look = false, -- a mail was cancelled
    is_last = false,    -- no further mail goes over this connection
    has_rested = false, -- it was idle in the pool, and no mail went since
    has_told = false,   -- an outcome, since it last let others go on
  }, Lane)
end

-- ---- in place of a call, while its connection is waited for ----

---Makes it look after mails that were cancelled.
function Lane:notice()
  self.is_to_look = true
  if self.connection then self.connection:wake() end
end

local function find_deadline(self)
  self.deadline = nil
  local pump = self.pump
  local mails = pump.mails
  for i = pump.first, pump.last do
    local deadline = not mails[i].is_left and mails[i].deadline
    if deadline and not (self.deadline and self.deadline < deadline) then
      self.deadline = deadline
    end
  end
end

-- A mail behind another one leaves that its verdict: nothing of its content has left yet, but
-- where several share a write.
local function leave(self, job, kind, message)
  local class, phase = "temporary", "mail"
  if self.pool.is_bulk then class, phase = "unknown", "dot" end
  job.is_left, self.is_last = true, true
  job:tell(failures.fail(failures.new(kind, class, phase, message)))
end

-- Ends the mails for which is_due tells so. When it is the oldest, or all, the connection ends at
-- once, and those behind it go again; else it ends when the others have their verdict.
local function drop(self, session, is_due, kind, message)
  local pump, count, open = self.pump, 0, 0
  for i = pump.first, pump.last do
    local job = pump.mails[i]
    if not job.is_left then
      open = open + 1
      if is_due(job) then count = count + 1 end
    end
  end
  if count == 0 then return false end
  if count == open or (is_due(pump.mails[pump.first]) and not self.pool.is_bulk) then
    session:abort(kind, message)
    return true
  end
  for i = pump.first, pump.last do
    local job = pump.mails[i]
    if not job.is_left and is_due(job) then leave(self, job, kind, message) end
  end
  find_deadline(self)
  return true
end

local function is_cancelled(job)
  return job.is_cancelled
end

local function is_late(job)
  return job:is_late()
end

-- Before each wait: whether the session was ended.
function Lane:look(session)
  local pump = self.pump
  local first = pump.mails[pump.first]
  if self.is_to_look then
    self.is_to_look = false
    drop(self, session, is_cancelled, "cancelled", cancelled)
  end
  -- Of a mail that was left nothing may go any further.
  if first and first.is_left and not self.pool.is_bulk then
    session:abort("cancelled", cancelled)
  end
  return self.pump:is_over()
end

-- A mail was cancelled, or else whoever turns the lane.
function Lane:was_woken()
  if self.is_to_look then return end
  self.is_to_look = true
  if self.own then
    self.own.is_cancelled = true
    return
  end
  local pump = self.pump
  for i = pump.first, pump.last do pump.mails[i].is_cancelled = true end
end

function Lane:was_late(session)
  if not self.deadline or self.driver.now() < self.deadline then return false end
  return drop(self, session, is_late, "timeout", late)
end

-- ---- what becomes of a mail ----

-- A connection that had gone stale is no fault of the mail (delivery.md, S30 and S32).
local function was_stale(job, failure)
  if not job.was_reused or failure.class ~= "temporary" then return false end
  return failure.phase == "rset"
    or (failure.phase == "mail" and (failure.kind == "closed" or failure.code == 421))
end

-- Whether the mail goes again at once, without a penalty.
local function goes_again(self, job, event, failure, is_behind)
  if job.wants_fresh or self.pool.is_closed or job:is_over() then return false end
  if event == "failed" and is_behind and failure.class == "temporary" then
    job.returns = job.returns + 1
    job.wants_fresh = job.returns >= returns_most
    return true
  end
  job.wants_fresh = was_stale(job, failure)
  return job.wants_fresh
end

-- Whether another address or server may do better: not when what was read cannot be read again,
-- which would only hide why the mail failed.
local function may_go_on(self, job, failure, pump)
  local trial = job.trial or self.pool.way:trial()
  job.trial = trial
  if pump then trial:take(pump) end
  return trial:go_on(failure) and trial:server() and not job:is_over()
    and job.letter:is_readable() and not self.pool.is_closed
end

local function tell(self, job, result, message, failure)
  local trace = self.pool.trace
  self.has_told = true
  if trace then jobs.warn(result or failure, trace:take_warning()) end
  job:tell(result, message, failure)
end

-- is_behind: the mail stood behind another one when the connection ended.
local function judge(self, event, job, value, is_behind)
  local pump = self.pump
  job.lane = nil
  if job.is_left then return end
  if event ~= "delivered" then
    if goes_again(self, job, event, value, is_behind) then
      job.is_spent = true
      self.returned[#self.returned + 1] = job
      return
    elseif may_go_on(self, job, value, pump) then
      job.wants_fresh, job.is_spent = true, true
      self.returned[#self.returned + 1] = job
      return
    end
    value = job.trial.told
  end
  -- QUIT belongs to the last mail: its trouble is a warning.
  if pump.count == 0 and not pump:is_over() and not self:may_take() then
    jobs.warn(value, pump:quit(self))
  end
  if event == "delivered" then
    tell(self, job, value)
  else
    tell(self, job, failures.fail(value))
  end
end

-- ---- its mails ----

---Whether the connection takes a further mail.
function Lane:may_take()
  local pump, pool = self.pump, self.pool
  local used, most = pump.used, pool.most_messages
  if self.is_last or pool.is_closed then return false end
  if used == 0 then return true end
  -- How old it is, is looked at now and then.
  return pool.keeps and (most == 0 or used < most)
    and (used % 16 ~= 0 or self.driver.now() - pump.born <= pool.life_seconds)
end

---Whether this mail may go over the connection.
---@param job posthorn.job
function Lane:suits(job)
  local pump = self.pump
  if job.wants_fresh and pump.used > 0 then return false end
  return not (job.trial and job.trial:has_tried(pump))
end

-- Mails that go again do so before all others, in their order.
local function put_again(self)
  for i = #self.returned, 1, -1 do
    self.pool:put_again(self.returned[i])
    self.returned[i] = nil
  end
end

local function begin(self, job)
  local pump = self.pump
  job.lane, job.was_reused = self, pump.used > 0
  self.job = job
  local ok, _, failure = pump:begin(job, self.has_rested)
  self.is_ready = false
  if ok then
    self.job, self.has_rested = nil, false
    if job.deadline then find_deadline(self) end
    if job.is_cancelled then self.is_to_look = true end
    return
  end
  -- Nothing was said.
  self.is_ready = not pump:is_over()
  judge(self, "refused", job, failure, false)
  self.job = nil
  put_again(self)
end

-- Begins the next mail, if there is one. When none waits, those that were told an outcome may have
-- one: they go on first, so that it leaves with the end of the mail under way.
local function take_next(self)
  local pool, pump = self.pool, self.pump
  local session, job = pump.session, nil
  if not self:may_take() then
    -- The last mail: QUIT leaves with its end, where a mail could.
    if pump.count > 0 and not pump.is_quitting and session:is_ready() then
      pump.is_quitting = true
      session:quit()
    end
    return false
  end
  if pool.waiting == 0 then
    if not self.has_told then return false end
    self.has_told = false
    self.driver.pass()
  end
  if session:is_ready() then job = pool:take(self, true) end
  if not job then return false end
  begin(self, job)
  return true
end

-- One event of a connection on which nothing but finished octets is under way: many mails are told
-- here, none of which needs more than this.
local function glide(self, pump, session)
  local event, code, enhanced, text, id, address = session:next(true)
  if event == "accepted" then
    local job = pump.mails[pump.first]
    if job.is_left or (pump.count == 1 and not self:may_take()) then
      pump.came, pump.value = event, results.of_one(pump, address, code, enhanced, text, id)
      return false
    end
    pump:remove()
    job.lane, self.has_told = nil, true
    job:tell(results.of_one(pump, address, code, enhanced, text, id))
  elseif event == "ready" then
    self.is_ready = true
  elseif event then
    pump.came, pump.value = event, code
    return false
  elseif not self.is_to_look then
    pump:turn(self)
  else
    return false
  end
  return true
end

-- Turns the connection until it has nothing to do any more, or the lane's own mail is over.
local function carry(self)
  local pump = self.pump
  local session, mails = pump.session, pump.mails
  local is_ended = false -- the connection, with a mail before
  while not (self.own and self.own.is_done) do
    while self.is_ready and take_next(self) do end -- luacheck: ignore 542
    if pump.count == 0 and (self.is_ready or pump:is_over()) then return end
    local first = mails[pump.first]
    if not (first and first.plain and not first.is_left and pump:is_quick()
      and glide(self, pump, session)) then
      local event, job, value = pump:advance(self)
      if event == "ready" then
        self.is_ready = true
      elseif job then
        self.job = job
        judge(self, event, job, value, is_ended)
        self.job = nil
        is_ended = is_ended or pump:is_over()
        if pump.count == 0 or not is_ended then put_again(self) end
      end
    end
  end
end

-- ---- its connection ----

-- Keeps it for a later mail, or ends it.
local function let_go(self)
  local pump, pool = self.pump, self.pool
  self.pump, self.is_ready, self.deadline = nil, false, nil
  if not pump then return end
  if pump:is_over() then
    pump:close()
  elseif not self.is_last and pool:may_keep(pump) then
    pool:keep(pump)
  else
    pump:quit(self)
  end
  self.is_last = false
end

-- A connection for this mail: the one at hand, an idle one, or a new one. False: the mail has its
-- outcome.
local function reach(self, job)
  local pool = self.pool
  local at_hand = self.pump
  if at_hand and not at_hand:is_over() and at_hand.session:is_ready() and self:may_take()
    and self:suits(job) then
    return true
  end
  self.job = job
  let_go(self)
  local pump = not job.wants_fresh and pool:take_idle(job)
  self.has_rested = pump and true or false
  if not pump then
    pool:make_room()
    job.trial = job.trial or pool.way:trial()
    job.lane = self
    local _, failure
    pump, _, failure = pool.way:open(job, job.trial)
    job.lane = nil
    if not pump then
      tell(self, job, failures.fail(failure))
      self.job = nil
      return false
    end
  end
  self.job = nil
  self.pump, self.is_ready, self.is_to_look = pump, true, false
  return true
end

-- Goes on until no mail is left for it, or its own one is over.
local function turn(self, job)
  while job do
    if reach(self, job) then begin(self, job) end
    if self.pump then carry(self) end
    if self.own and self.own.is_done then return end
    job = self.pool:take(self)
  end
end

---Adds its mails to a list.
---@param list posthorn.job[]
function Lane:list(list)
  local pump = self.pump
  list[#list + 1] = self.job
  for _, job in ipairs(self.returned) do list[#list + 1] = job end
  if not pump then return end
  for i = pump.first, pump.last do list[#list + 1] = pump.mails[i] end
end

-- An error in here is one of ours or of a driver's: whoever waits is told.
local function collapse(self, problem)
  local pump, left = self.pump, {}
  self:list(left)
  self.pump = nil
  if pump then pump:close() end
  for _, job in ipairs(left) do job:raise(problem) end
end

local go_on

local function run(self, job)
  local ok, problem = self.driver.pcall(turn, self, job)
  if not ok then collapse(self, problem) end
  local pump = self.pump
  if pump and (pump.count > 0 or (self.pool.waiting > 0 and not pump:is_over())) then
    -- Its own mail is over; others are under way, or wait.
    self.own = nil
    self.driver.spawn(go_on, self)
    return
  end
  let_go(self)
  self.pool:ended(self)
end

function go_on(self)
  local ok, problem = self.driver.pcall(carry, self)
  if ok then return run(self, self.pool:take(self)) end
  collapse(self, problem)
  self.pool:ended(self)
end

---Carries this mail in the caller's task.
---@param job posthorn.job
function Lane:carry(job)
  self.own = job
  run(self, job)
end

---Carries what waits in the queue, until nothing does: the body of a task.
function Lane:run()
  self.pool.coming = self.pool.coming - 1
  run(self, self.pool:take(self))
end

return M
