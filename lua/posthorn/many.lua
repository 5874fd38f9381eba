-- many.lua - send_many: takes items as room allows, hands outcomes out as they
-- come (api.md, section 2).
-- SPDX-License-Identifier: MIT
local misuse = require "posthorn.misuse"
local options_of = require "posthorn.options"

local M = {}

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

local function work(state, slot, item, send)
  local outcome = { item = item }
  local transport = state.transport
  local ok, result, message, failure =
    state.driver.pcall(transport.deliver, transport, item, send)
  if ok then
    outcome.result, outcome.message, outcome.failure = result, message, failure
  else
    outcome.raised = result
  end
  state.slots[slot] = nil
  state.running = state.running - 1
  state.last = state.last + 1
  state.done[state.last] = outcome
  if state.bell.wake then state.bell.wake() end
end

-- Takes items until as many are under way as may be.
local function fill(state)
  while not state.is_over and state.running + state.last - state.first + 1 < state.room do
    if state.transport.is_closed then
      state.is_over = true
      return
    end
    local item, own = state.take()
    if item == nil then
      state.is_over = true
      return
    end
    local send = merged(state.options, own)
    state.running = state.running + 1
    local slot = {}
    state.slots[slot] = true
    slot.task = state.driver.spawn(work, state, slot, item, send)
  end
end

local function pop(state)
  local outcome = state.done[state.first]
  if not outcome then return nil end
  state.done[state.first] = nil
  state.first = state.first + 1
  return outcome
end

local function cancel(state)
  state.is_over = true
  for slot in pairs(state.slots) do slot.task:cancel() end
end

local function following(state)
  fill(state)
  local outcome = pop(state)
  while not outcome do
    if state.running == 0 then return nil end
    local _, reason = state.driver.sleep(math.huge, state.bell)
    outcome = pop(state)
    -- Nobody rang: the task that waits here was cancelled, and its sends with it.
    if reason == "woken" and not outcome then cancel(state) end
  end
  if outcome.raised then error(outcome.raised, 0) end
  return outcome.item, outcome.result, outcome.message, outcome.failure
end

---The iterator. After `break` nothing more is taken; what is under way goes on.
---@param transport table
---@param items table|function
---@param options table checked send options
---@return function
function M.start(transport, items, options)
  local state = {
    transport = transport, driver = transport.driver, options = options,
    take = source_of(items), room = transport.options.concurrency or 1,
    running = 0, slots = {}, done = {}, first = 1, last = 0, is_over = false, bell = {},
  }
  -- No tail call: PUC Lua 5.1 is to see that a for's iterator waits here, and turns the loop
  -- in place.
  return function()
    local item, result, message, failure = following(state)
    return item, result, message, failure
  end
end

return M
