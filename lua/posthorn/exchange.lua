-- exchange.lua - moves octets between a driver's connection that carries strings and a machine; for
-- the sys driver csrc/sys/exchange.c does the same.
-- SPDX-License-Identifier: MIT
local write_octets = 16384 -- in one write

-- Whether the machine has an event, or another wait than at the start, whose time is to be measured
-- anew.
local function is_news(machine, wait)
  local _, now = machine:deadline()
  return machine:pending() or now ~= wait
end

-- The peer takes nothing more: what it had said before is the real answer (S18).
local function hear_out(connection, machine, deadline)
  repeat
    local bytes = connection:read(65536, deadline)
    if bytes then machine:feed(bytes) end
  until not bytes or machine:pending()
  return machine:pending()
end

-- The next octets for one write: a slow peer is known by those that it takes within a wait, so they
-- are few; and what little is left goes with them, so that the end of a mail is never cut.
local function piece_of(output, at)
  if at == 1 and #output < 2 * write_octets then return output end
  local is_last = #output - at < 2 * write_octets
  return output:sub(at, is_last and #output or at + write_octets - 1)
end

-- Writes what the machine has to say, as far as one wait goes; true: there is news. Nil, reason,
-- text: it could not.
local function write_out(connection, machine, deadline, wait)
  local output = machine:output()
  while output ~= "" do
    local at = 1
    repeat
      local piece = piece_of(output, at)
      local ok, reason, text = connection:write(piece, deadline)
      if not ok then
        local is_heard = reason == "error" and hear_out(connection, machine, deadline)
        return is_heard or nil, reason, text
      end
      machine:consume(#piece)
      if is_news(machine, wait) then return true end
      at = at + #piece
    until at > #output
    output = machine:output()
  end
  return false
end

---One round: writes, then reads. The machine's own wait is measured from when it was first met:
---dripping octets win no time.
---@param connection table of a driver
---@param machine userdata
---@param deadline number? when the caller's patience ends
---@param pump { wait: integer?, limit: number?, driver: table } the wait under way
---@return true|nil
---@return string? reason
---@return string? text
return function(connection, machine, deadline, _, pump)
  if machine:pending() then return true end
  local seconds, wait = machine:deadline()
  if wait ~= pump.wait then
    pump.wait = wait
    pump.limit = seconds and pump.driver.now() + seconds
  end
  if pump.limit and not (deadline and deadline < pump.limit) then deadline = pump.limit end
  local is_told, reason, text = write_out(connection, machine, deadline, wait)
  if is_told ~= false then return is_told, reason, text end
  local bytes
  bytes, reason, text = connection:read(65536, deadline)
  if bytes then
    machine:feed(bytes)
  elseif reason == "eof" then
    machine:feed_eof()
  else
    return nil, reason, text
  end
  return true
end
