-- carriage.lua - the mails that a connection carries: each begins, may ask for
-- content, and has one verdict, the oldest first. Methods of posthorn.pump.
-- SPDX-License-Identifier: MIT
local esmtp = require "posthorn.esmtp"
local failures = require "posthorn.failure"
local results = require "posthorn.result"

local Carriage = {}

-- Tells how far the content is; an error of the callback's becomes a warning.
local function progress_of(callback, total, item, driver)
  local told, state = 0, {}
  function state.tell(octets)
    if octets <= told then return end
    told = octets
    local ok, problem = driver.callback(callback, octets, total, item)
    if not ok then
      state.warning = "the progress callback failed: " .. failures.words(problem)
    end
  end
  return state
end

-- The octets of a letter in the form that this server takes.
function Carriage:open_letter(letter)
  local session = self.session
  return letter:open({ eight_bit = session:has "8BITMIME", smtputf8 = session:has "SMTPUTF8" },
    self.driver.pcall)
end

-- What this server cannot take was found before it was asked.
function Carriage:lacks(message, failure)
  if failure.phase == "mail" then
    failure.host, failure.ip, failure.port = self.peer.host, self.peer.ip, self.peer.port
  end
  return nil, message, failure
end

---Begins a mail on a session that is ready; its verdict comes by `advance`.
---@param job posthorn.job
---@param wants_rset boolean RSET goes before MAIL (delivery.md, S30)
---@return true|nil
---@return string? message
---@return table? failure
function Carriage:begin(job, wants_rset)
  if job.plain then return self:begin_plain(job, wants_rset) end
  local letter, envelope, send = job.letter, job.envelope, job.send
  local reader, message, failure = self:open_letter(letter)
  if not reader then return self:lacks(message, failure) end
  local ok
  ok, message, failure = self.session:send({ from = envelope.from, to = envelope.to },
    esmtp.add(send, {
      size = reader.size, body = reader.body, smtputf8 = reader.smtputf8 or envelope.smtputf8,
      require_all = send.require_all, rset = wants_rset or nil,
    }), reader.machine)
  if not ok then
    reader.close()
    return self:lacks(message, failure)
  end
  job.reader = reader
  return self:add(job, reader.size)
end

-- The same without a reader: the session has the octets.
function Carriage:begin_plain(job, wants_rset)
  local ok, message, failure = self.session:send_raw(job.plain, wants_rset)
  if not ok then return self:lacks(message, failure) end
  return self:add(job, nil)
end

-- One more mail is under way.
function Carriage:add(job, size)
  local progress = job.send.progress
  if progress then
    job.progress = progress_of(progress, size or job.plain:size(), job.item, self.driver)
  end
  self.latest, self.progress = job, job.progress
  local last = self.last + 1
  self.used, self.count, self.last = self.used + 1, self.count + 1, last
  self.mails[last] = job
  return true
end

-- The oldest mail is over.
function Carriage:remove()
  local mails, first = self.mails, self.first
  local job = mails[first]
  mails[first] = nil
  self.first, self.count = first + 1, self.count - 1
  if self.count == 0 then self.first, self.last = 1, 0 end
  if job == self.latest then self.latest, self.progress = nil, nil end
  return job
end

-- The oldest mail has its verdict.
function Carriage:settle_mail(event, value)
  local job = self:remove()
  local progress = job.progress
  if job.reader then job.reader.close() end
  if job.cause and job.cause.kind == value.kind then value.field = job.cause.field end
  job.reader, job.progress, job.cause = nil, nil, nil
  results.complete(value, self.peer, job:checked_envelope())
  value.warnings = esmtp.warn(value, { progress and progress.warning or nil })
  if event == "delivered" then value.tls = self.tls end
  return event, job, value
end

-- Its octets cannot be had.
function Carriage:fail_source(job, failure)
  job.cause = failure
  self.session:abort(failure.kind, failure.message, failure.class)
end

-- Too many recipients for one transaction: the rest gets the body anew.
function Carriage:rewind(job)
  job.reader.close()
  local reader, _, failure = self:open_letter(job.letter)
  job.reader = reader
  if reader then
    self.session:body(reader.machine)
  else
    self:fail_source(job, failure)
  end
end

---Lets one thing happen on a connection that is ready or carries mails: "ready"; "delivered" and
---a job and its result; "refused" or "failed", a job or nil, and the failure; "closed"; or nil.
---@param call table of posthorn.call, or a lane
---@return string? what
---@return posthorn.job? job
---@return table? value
function Carriage:advance(call)
  local event, value = self.came, self.value
  if event then
    self.came, self.value = nil, nil
  else
    event, value = self:await(call)
  end
  if event == "accepted" then
    local job = self:remove()
    if job.progress then
      value.warnings[1] = job.progress.warning
      job.progress = nil
    end
    return "delivered", job, value
  elseif event == "delivered" or event == "refused" or (event == "failed" and self.count > 0) then
    return self:settle_mail(event, value)
  elseif event == "want_body" then
    return self:attend(self.latest, call)
  elseif event == "rewind" then
    return self:rewind(self.latest)
  elseif event ~= "recipient" then
    return event, nil, value
  end
end

---Sends one mail over the open session and waits for its verdict.
---@param job posthorn.job
---@return table|nil result
---@return string? message
---@return table? failure
function Carriage:deliver(job)
  local ok, message, failure = self:begin(job, self.used > 0)
  if not ok then return nil, message, failure end
  while true do
    local event, told, value = self:advance(job)
    if event == "delivered" then return value end
    if told then return failures.fail(value) end
  end
end

-- Lets the letter's source give its next octets. What may wait runs as a task of its own, beside
-- which the server is listened to: a deadline, a cancel and what the server says meanwhile end the
-- mail at once, whatever the source does. An event that comes meanwhile is kept for `advance`.
function Carriage:attend(job, call)
  local reader = job.reader
  local failure
  if reader.may_wait then
    failure = self:attend_beside(reader, call)
    if self.came then return end
  else
    local _
    _, _, failure = reader.attend()
  end
  self.session:attended()
  if failure then self:fail_source(job, failure) end
end

function Carriage:attend_beside(reader, call)
  local bell = { is_rung = false, is_off = false, failure = nil }
  local task = self.driver.spawn(function()
    local ok, result, _, failure = self.driver.pcall(reader.attend)
    if not ok then
      failure = failures.new("io", "temporary", "content", "the source raised an error", result)
    end
    bell.failure, bell.is_rung = failure, true
    if not bell.is_off then self.connection:wake() end
  end)
  self.came, self.value = self:await(call, bell)
  bell.is_off = true
  if self.came then task:cancel() end
  return bell.failure
end

return Carriage
