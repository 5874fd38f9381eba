-- many.lua - send_many: takes items as room allows, hands outcomes out as they
-- come (api.md, section 2).
-- SPDX-License-Identifier: MIT
--
-- No task and no closure for an item: it becomes a job of the pool's, which is used again once its
-- outcome was handed out. Only what must be read before a connection is made, and what goes to no
-- server, gets a task of its own.
local jobs = require "posthorn.job"
local misuse = require "posthorn.misuse"
local options_of = require "posthorn.options"
local raws = require "posthorn.raw"

local M = {}
local Many = {}
Many.__index = Many

-- A function that gives item, options, then nil.
local function source_of(items)
  if type(items) == "function" then return items end
  if type(items) ~= "table" then
    misuse.raise(("send_many takes an array or a function, not a %s"):format(type(items)))
  end
  local i = 0
  return function()
    i = i + 1
    return items[i]
  end
end

-- Options of one item lie over those of all.
local function merged(common, own)
  own = options_of.send(own)
  for name, value in pairs(common) do
    if own[name] == nil then own[name] = value end
  end
  return own
end

---An item has its outcome; jobs tell it.
---@param job posthorn.job
function Many:told(job)
  local last = self.last + 1
  self.last = last
  self.done[last] = job
  if self.waiting then self.driver.ring(self) end
end

local function work(self, job, item, send)
  local ok, result, message, failure =
    self.driver.pcall(self.transport.deliver, self.transport, item, send)
  if ok then
    job.result, job.message, job.failure = result, message, failure
  else
    job.raised = { result }
  end
  self.tasks[job] = nil
  self:told(job)
end

-- What is no job for the pool.
local function add_task(self, item, send)
  local job = { item = item, is_left = true }
  self.tasks[job] = self.driver.spawn(work, self, job, item, send)
end

local function add(self, item, own)
  local transport, send = self.transport, self.options
  if own ~= nil then send = merged(send, own) end
  self.count = self.count + 1
  if not transport.carrier.submit then return add_task(self, item, send) end
  local spare = self.spares[self.spare]
  local job, message, failure = transport:job(item, send, spare)
  if not job then
    self:told { item = item, message = message, failure = failure, is_left = true }
  elseif not job.plain and #job.letter.sources > 0 then
    job:finish()
    add_task(self, job.letter, send)
  else
    if job == spare then self.spares[self.spare], self.spare = nil, self.spare - 1 end
    job.owner = self
    if job.deadline and not (self.earliest and self.earliest < job.deadline) then
      self.earliest = job.deadline
    end
    transport.carrier:submit(job)
  end
end

-- As `add`, for finished octets of which nothing is asked but to be sent.
local function add_plain(self, item, plain, now)
  local n = self.spare
  local job = self.spares[n]
  if job then
    self.spares[n], self.spare = nil, n - 1
  else
    job = jobs.blank(self.driver)
    job.send, job.owner, job.pool = self.options, self, self.pool
  end
  job.letter, job.item, job.plain = item, item, plain
  job.began, job.is_done, job.trial = now, false, nil
  self.count = self.count + 1
  self.pool:push(job)
end

local function fill(self)
  local transport, pool, now = self.transport, self.pool, nil
  -- As many as may be taken and not handed to the loop.
  while not self.is_over and self.count < self.concurrency + (pool and pool:room() or 0) do
    local item, own
    if not transport.is_closed then item, own = self.take() end
    if item == nil then
      self.is_over = true
      return
    end
    local plain = own == nil and self.is_light and raws.plain_of(item)
    if plain and pool.waiting < pool.backlog then
      now = now or self.driver.now()
      add_plain(self, item, plain, now)
    else
      add(self, item, own)
    end
  end
end

local function pop(self)
  local first = self.first
  local job = self.done[first]
  if not job then return nil end
  self.done[first] = nil
  self.first, self.count = first + 1, self.count - 1
  if first == self.last then self.first, self.last = 1, 0 end
  return job
end

local function cancel(self)
  self.is_over = true
  local all = {}
  for _, task in pairs(self.tasks) do all[#all + 1] = task end
  if self.transport.carrier.list then self.transport.carrier:list(all, self) end
  for _, one in ipairs(all) do one:cancel() end
end

-- The values are out of the job, which may be used again.
local function hand_out(self, job, item, result, message, failure)
  if not (job.is_spent or job.is_left) and job.send == self.options then
    self.spare = self.spare + 1
    self.spares[self.spare] = job
    job.item, job.letter, job.plain, job.envelope, job.result = nil, nil, nil, nil, nil
  end
  return item, result, message, failure
end

local function following(self)
  fill(self)
  local job = pop(self)
  while not job do
    if self.count == 0 then return nil end
    local reason = self.driver.wait(self, self.earliest)
    job = pop(self)
    if reason == "timeout" then
      -- What still waits for a connection when its time is up.
      self.earliest = self.transport.carrier:expire(self)
    elseif reason == "woken" and not job then
      -- Nobody rang: the task that waits here was cancelled, and its sends with it.
      cancel(self)
    end
  end
  if job.raised then error(job.raised[1], 0) end
  return hand_out(self, job, job.item, job.result, job.message, job.failure)
end

---The iterator. After `break` nothing more is taken; what is under way goes on.
---@param transport table
---@param items table|function
---@param options table checked send options
---@return function
function M.start(transport, items, options)
  local pool = transport.carrier.pool
  local self = setmetatable({
    transport = transport, driver = transport.driver, options = options,
    take = source_of(items), concurrency = transport.options.concurrency or 1,
    count = 0,                      -- items taken and not handed out
    done = {}, first = 1, last = 0, -- jobs with an outcome
    tasks = {},                     -- of items that are no jobs of a pool
    spares = {}, spare = 0,         -- jobs to be used again
    earliest = nil,                 -- deadline of its jobs
    is_over = false,
    -- Nothing bounds a mail but the mail itself.
    pool = pool, is_light = pool and not pool.rate and next(options) == nil
      and not transport.options.timeout,
  }, Many)
  -- No tail call: PUC Lua 5.1 is to see that a for's iterator waits here, and turns the loop
  -- in place.
  return function()
    local item, result, message, failure = following(self)
    return item, result, message, failure
  end
end

return M
