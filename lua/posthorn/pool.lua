-- pool.lua - the mails of a transport that wait for a connection, first come,
-- first served, and the connections that are kept (api.md, section 2, `pool`).
-- SPDX-License-Identifier: MIT
local failures = require "posthorn.failure"
local lanes = require "posthorn.lane"

local M = {}
---@class posthorn.pool
local Pool = {}
Pool.__index = Pool

local defaults = { size = 5, messages = 100, idle = 30, backlog = 1000 } -- api.md, section 2
local life_seconds = 300 -- delivery.md, S29
local bulk_most = 16     -- mails that share a write

---@param options table of posthorn.options
---@param driver table
---@param way posthorn.way
---@param trace table? of posthorn.trace
function M.new(options, driver, way, trace)
  local given, rate = options.pool or {}, options.rate
  local function setting(name)
    return given[name] or defaults[name]
  end
  local keeps = options.pool ~= false
  local size = keeps and setting "size" or options.concurrency
  -- It is meant for each server; only in turns are all of them in use.
  if options.balance == "round_robin" then size = size * #way.servers end
  return setmetatable({
    driver = driver, way = way, trace = trace,
    keeps = keeps, is_bulk = options.bulk == true,
    limit = math.min(size, options.concurrency), -- lanes at once
    most_messages = setting "messages", life_seconds = life_seconds,
    backlog = setting "backlog",
    rate = rate and require("posthorn.rate").new(rate.messages, rate.seconds, driver.now()),
    idle = keeps and require("posthorn.idle").new(driver, setting "idle", life_seconds),
    queue = {}, first = 1, last = 0, -- jobs; false: one that left
    waiting = 0,                     -- of them that are there
    active = 0,                      -- lanes
    coming = 0,                      -- of them, that have not begun
    lanes = {},                      -- the set of them
    is_pacing = false,               -- a task waits for the rate's next token
    is_closed = false,
  }, Pool)
end

-- ---- the queue ----

-- Holes at its ends go; many in the middle make a new one.
local function trim(self)
  local queue = self.queue
  if self.waiting == 0 then
    for i = self.first, self.last do queue[i] = nil end
    self.first, self.last = 1, 0
    return
  end
  while queue[self.first] == false do
    queue[self.first] = nil
    self.first = self.first + 1
  end
  if self.last - self.first < 2 * self.waiting + 32 then return end
  local new, n = {}, 0
  for i = self.first, self.last do
    if queue[i] then
      n = n + 1
      new[n], queue[i].place = queue[i], n
    end
  end
  self.queue, self.first, self.last = new, 1, n
end

local function remove(self, job)
  self.queue[job.place] = false
  job.place = nil
  self.waiting = self.waiting - 1
  trim(self)
end

local function put(self, job, place)
  self.queue[place], job.place = job, place
  self.waiting = self.waiting + 1
end

-- The rate lets so many go; else a task waits for its next token.
local function has_token(self, job)
  if not self.rate or job.has_token then return true end
  job.has_token = self.rate:take(self.driver.now())
  return job.has_token
end

-- Whether nothing is to be asked of a mail that waits or is to wait.
local function is_simple(self, job)
  return not (job.deadline or job.canceller or job.is_cancelled or job.is_spent or self.rate)
end

local function over(self, job)
  remove(self, job)
  job:tell(job:tell_over("connect"))
  return self.queue[self.first]
end

---The next mail for a lane.
---@param lane posthorn.lane
---@param must_suit boolean? only if it may go over the connection that the lane has
---@return posthorn.job|nil
function Pool:take(lane, must_suit)
  if self.waiting == 0 then return nil end
  local first = self.first
  local job = self.queue[first]
  if job and first < self.last and is_simple(self, job) then
    -- As below, for most mails.
    self.queue[first], job.place = nil, nil
    self.first, self.waiting = first + 1, self.waiting - 1
    return job
  end
  while job and job:is_over() do job = over(self, job) end
  if not job or (must_suit and not lane:suits(job)) then return nil end
  if not has_token(self, job) then
    self:pace()
    return nil
  end
  remove(self, job)
  return job
end

---A mail whose turn it was goes before all others.
---@param job posthorn.job
function Pool:put_again(job)
  self.first = self.first - 1
  put(self, job, self.first)
end

---A mail that waits is not to go any more.
---@param job posthorn.job
function Pool:withdraw(job)
  if not job.place then return end
  remove(self, job)
  job:tell(job:tell_over("connect"))
end

-- ---- lanes ----

local function begin_lane(self)
  local lane = lanes.new(self)
  self.active = self.active + 1
  self.lanes[lane] = true
  return lane
end

-- One for each mail that waits, as far as they may be.
local function dispatch(self)
  local now = self.rate and self.driver.now()
  if now and self.waiting > 0 and self.rate:time_of(1, now) > now then return self:pace() end
  while self.waiting > self.coming and self.active < self.limit do
    self.coming = self.coming + 1
    local lane = begin_lane(self)
    self.driver.spawn(lane.run, lane)
  end
end

local function keep_pace(self)
  while self.waiting > 0 and not self.is_closed do
    local now = self.driver.now()
    local due = self.rate:time_of(1, now)
    if due <= now then break end
    self.driver.wait(self.rate, due)
  end
  self.is_pacing = false
  dispatch(self)
end

---Sees to it that mails go on as soon as the rate lets them.
function Pool:pace()
  if self.is_pacing then return end
  self.is_pacing = true
  self.driver.spawn(keep_pace, self)
end

---A lane is at its end.
---@param lane posthorn.lane
function Pool:ended(lane)
  self.active = self.active - 1
  self.lanes[lane] = nil
  dispatch(self)
end

-- Why the pool does not take the mail, or nil.
local function refusal(self, job)
  if job:is_over() then return select(3, job:tell_over("connect")) end
  if self.waiting >= self.backlog then
    return failures.new("limit", "temporary", "connect",
      "too many mails wait for a connection already")
  end
  if self.rate and job.deadline
    and self.rate:time_of(self.waiting + 1, self.driver.now()) > job.deadline then
    return failures.new("limit", "temporary", "connect",
      "the rate would let the mail go only after its timeout")
  end
end

-- Whether it was taken; else it has its outcome.
local function admit(self, job)
  if self.waiting < self.backlog and is_simple(self, job) then
    job.pool = self
    return true
  end
  local failure = refusal(self, job)
  if failure then
    job:tell(failures.fail(failure))
    return false
  end
  job.pool = self
  return true
end

local function enqueue(self, job)
  self.last = self.last + 1
  put(self, job, self.last)
end

---Takes a mail; its owner is told the outcome.
---@param job posthorn.job
function Pool:submit(job)
  if not admit(self, job) then return end
  enqueue(self, job)
  if self.active < self.limit then dispatch(self) end
end

---Takes a mail of which nothing is to be asked.
---@param job posthorn.job
function Pool:push(job)
  local last = self.last + 1
  self.last = last
  self.queue[last], job.place = job, last
  self.waiting = self.waiting + 1
  if self.active < self.limit then dispatch(self) end
end

---Carries a mail and waits for its outcome.
---@param job posthorn.job
function Pool:carry(job)
  local driver = self.driver
  if not admit(self, job) then return end
  if self.waiting == 0 and self.active < self.limit and has_token(self, job) then
    begin_lane(self):carry(job)
  else
    enqueue(self, job)
    dispatch(self)
  end
  while not job.is_done do
    local reason = driver.wait(job, job.place and job.deadline)
    if reason == "woken" then job:cancel() end
    if reason == "timeout" then self:withdraw(job) end
  end
end

-- ---- connections that are kept ----

---Whether a connection may carry another mail later (delivery.md, S29 and S31).
function Pool:may_keep(pump)
  local most = self.most_messages
  return self.keeps and not self.is_closed and (most == 0 or pump.used < most)
    and pump:is_reusable()
end

function Pool:keep(pump)
  self.idle:put(pump)
end

---An idle connection that this mail may take.
---@param job posthorn.job
function Pool:take_idle(job)
  if not self.keeps or self.idle.count == 0 then return nil end
  job.trial = job.trial or self.way:trial()
  return self.idle:take(job.trial)
end

---Before a connection is opened: as many at once as may be, idle ones included.
function Pool:make_room()
  if self.keeps and self.active + self.idle.count > self.limit then self.idle:drop_oldest() end
end

---Mails that send_many may have taken beside one for each session: those that go with the end of
---another one.
---@return integer
function Pool:room()
  return self.active * (self.is_bulk and bulk_most or 1)
end

---Adds the mails that wait or are under way to a list.
---@param list posthorn.job[]
---@param owner table? those of that one only
function Pool:list(list, owner)
  local all = {}
  for lane in pairs(self.lanes) do lane:list(all) end
  for i = self.first, self.last do all[#all + 1] = self.queue[i] or nil end
  for _, job in ipairs(all) do
    if not owner or job.owner == owner then list[#list + 1] = job end
  end
end

---Ends the mails of an owner that wait and are late; when the next one will be.
---@param owner table
---@return number|nil
function Pool:expire(owner)
  local all, earliest = {}, nil
  self:list(all, owner)
  for _, job in ipairs(all) do
    if job.place and job.deadline then
      if job:is_late() then
        self:withdraw(job)
      elseif not (earliest and earliest < job.deadline) then
        earliest = job.deadline
      end
    end
  end
  return earliest
end

---Ends the mails under way and those that wait, and says QUIT on the connections that are kept.
---@param call table of posthorn.call
function Pool:close(call)
  self.is_closed = true
  local all = {}
  self:list(all)
  for _, job in ipairs(all) do job:cancel() end
  if self.rate then self.driver.ring(self.rate) end
  if self.keeps then self.idle:close(call) end
end

return M
