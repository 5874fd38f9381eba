-- race.lua - a connection to the first of several addresses that takes one: each has a head start
-- before the next, and two are under way at most (RFC 8305, 5; delivery.md, D10). Who is connected
-- has won; what comes then, SMTP or TLS, is no matter of a race.
-- SPDX-License-Identifier: MIT
local M = { head_start = 0.25 } -- seconds; RFC 8305, 8

local most = 2

---What a race asks of whoever holds it.
---@class posthorn.race.holder
---@field begin fun(address: table): table, number? its turn has come: what to connect to, deadline
---@field failed fun(address: table, reason: string, text: string?)
---@field lost fun(address: table, seconds?: number) another one was connected after so many seconds
---of its own; nil: nobody was, the race was called off

-- Ends whatever waits for the race; ring is the caller's.
local function ring(race)
  race.has_rung = true
  if race.wake then race.wake() end
end

-- One address, in a task of its own. A connection that comes when it is decided is closed before
-- any octet.
local function run(race, one, place, deadline)
  local driver = race.driver
  if race.is_over then return end
  local ok, connection, reason, text = driver.pcall(driver.connect, place, deadline, one)
  if race.is_over then
    if ok and connection then connection:close() end
    return
  end
  if not ok then connection, reason, text = nil, "error", connection end
  one.connection, one.reason, one.text, one.has_ended = connection, reason, text, true
  ring(race)
end

local function start(race, address)
  local place, deadline = race.holder.begin(address)
  local one = { address = address, began = race.driver.now(), wake = nil, has_ended = false }
  race.running[#race.running + 1] = one
  race.due = one.began + M.head_start
  race.driver.spawn(run, race, one, place, deadline)
end

-- Takes those out that have ended; the one that is connected.
local function gather(race)
  local i = 1
  while i <= #race.running do
    local one = race.running[i]
    if one.connection then
      table.remove(race.running, i)
      return one
    elseif one.has_ended then
      table.remove(race.running, i)
      race.holder.failed(one.address, one.reason, one.text)
      race.due = race.driver.now() -- the next need not wait for its turn
    else
      i = i + 1
    end
  end
  return nil
end

local function finish(race, winner)
  race.is_over = true
  for _, one in ipairs(race.running) do
    if one.has_ended and not one.connection then
      race.holder.failed(one.address, one.reason, one.text)
    else
      if one.connection then one.connection:close() end
      if one.wake then one.wake() end
      race.holder.lost(one.address, winner and race.driver.now() - one.began)
    end
  end
end

-- Waits until something has ended since the last look, or the next is due.
local function await(race, has_next)
  if race.has_rung then return end
  local seconds = math.huge
  if has_next and #race.running < most then seconds = race.due - race.driver.now() end
  local _, reason = race.driver.sleep(seconds, race)
  -- Nobody rang: the task that waits here was cancelled.
  if reason == "woken" and not race.has_rung then race.call.is_cancelled = true end
end

local function compete(race, addresses)
  local following, winner = 1, nil
  while not race.call.is_cancelled do
    race.has_rung = false
    winner = gather(race)
    local has_next = following <= #addresses and not race.call:is_over()
    if winner or #race.running == 0 and not has_next then break end
    if has_next and #race.running < most
      and (#race.running == 0 or race.driver.now() >= race.due) then
      start(race, addresses[following])
      following = following + 1
    else
      await(race, has_next)
    end
  end
  finish(race, winner)
  return winner
end

-- Without a rival: no task is needed.
local function connect_alone(driver, call, address, holder)
  local place, deadline = holder.begin(address)
  local connection, reason, text = driver.connect(place, deadline, call)
  if connection then return connection, address end
  if reason == "woken" then
    call.is_cancelled = true
    holder.lost(address)
  else
    holder.failed(address, reason, text)
  end
  return nil
end

---Connects to one of the addresses; nil: to none, or the call was cancelled.
---@param driver table
---@param call table of posthorn.call
---@param addresses table[] in the order of their turns
---@param holder posthorn.race.holder
---@return table|nil connection
---@return table? address
function M.connect(driver, call, addresses, holder)
  if #addresses == 1 then return connect_alone(driver, call, addresses[1], holder) end
  local race = {
    driver = driver, call = call, holder = holder, running = {}, due = 0, is_over = false,
    wake = nil, has_rung = false,
  }
  call.wake = function() ring(race) end
  local winner = compete(race, addresses)
  call.wake = nil
  if winner then return winner.connection, winner.address end
  return nil
end

return M
