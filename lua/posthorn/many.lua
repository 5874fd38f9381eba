-- many.lua - send_many: takes items as room allows, hands outcomes out as they
-- come (api.md, section 2).
-- SPDX-License-Identifier: MIT
--
-- No task and no closure for an item: it becomes a job of the pool's, which is used again once its
-- outcome was handed out. Only what must be read before a connection is made, and what goes to no
-- server, gets a task of its own.
local misuse = require "posthorn.misuse"
local options_of = require "posthorn.options"

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
  if own == nil then return common end
  own = options_of.send(own)
  for name, value in pairs(common) do
    if own[name] == nil then own[name] = value end
  end
  return own
end

---An item has its outcome; jobs tell it.
---@param job posthorn.job
function Many:told(job)
  self.last = self.last + 1
  self.done[self.last] = job
  self.driver.ring(self)
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
  local transport = self.transport
  local send = merged(self.options, own)
  self.count = self.count + 1
  if not transport.carrier.submit then return add_task(self, item, send) end
  local job, message, failure = transport:job(item, send, self.spare)
  if not job then
    self:told { item = item, message = message, failure = failure, is_left = true }
  elseif not job.plain and #job.letter.sources > 0 then
    job:finish()
    add_task(self, job.letter, send)
  else
    if job == self.spare then self.spare = job.next end
    job.owner, job.next = self, nil
    if job.deadline and not (self.earliest and self.earliest < job.deadline) then
      self.earliest = job.deadline
    end
    transport.carrier:submit(job)
  end
end

-- How many may be taken and not handed to the loop.
local function room(self)
  local carrier = self.transport.carrier
  return self.concurrency + (carrier.room and carrier:room() or 0)
end

local function fill(self)
  while not self.is_over and self.count < room(self) do
    local item, own
    if not self.transport.is_closed then item, own = self.take() end
    if item == nil then
      self.is_over = true
      return
    end
    add(self, item, own)
  end
end

local function pop(self)
  local job = self.done[self.first]
  if not job then return nil end
  self.done[self.first] = nil
  self.first = self.first + 1
  self.count = self.count - 1
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
  if not job.is_left then
    job.next, self.spare = self.spare, job
    job.item, job.letter, job.envelope = nil, nil, nil
    job.result, job.message, job.failure = nil, nil, nil
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
  local self = setmetatable({
    transport = transport, driver = transport.driver, options = options,
    take = source_of(items), concurrency = transport.options.concurrency or 1,
    count = 0,                      -- items taken and not handed out
    done = {}, first = 1, last = 0, -- jobs with an outcome
    tasks = {},                     -- of items that are no jobs of a pool
    spare = nil,                    -- jobs to be used again, linked by `next`
    earliest = nil,                 -- deadline of its jobs
    is_over = false,
  }, Many)
  -- No tail call: PUC Lua 5.1 is to see that a for's iterator waits here, and turns the loop
  -- in place.
  return function()
    local item, result, message, failure = following(self)
    return item, result, message, failure
  end
end

return M
