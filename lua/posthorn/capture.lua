-- capture.lua - `capture:`, a transport for tests: keeps what was sent in memory.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local failures = require "posthorn.failure"
local results = require "posthorn.result"

local M = {}
local Capture = {}
Capture.__index = Capture

function M.new(options, driver)
  return setmetatable({ respond = options.respond, driver = driver, messages = {} }, Capture)
end

-- 3yz decides nothing (RFC 5321, 4.2.1).
local function is_reply(code, enhanced, text)
  return type(code) == "number" and code % 1 == 0 and code >= 200 and code <= 599
    and math.floor(code / 100) ~= 3
    and (enhanced == nil or type(enhanced) == "string") and (text == nil or type(text) == "string")
end

-- The reply of `respond`, or the usual one. What is no reply is the usual one too, and a warning,
-- as a callback's error is.
function Capture:reply(address, warnings)
  local code, enhanced, text
  if self.respond then
    local ok
    ok, code, enhanced, text = self.driver.pcall(self.respond, address)
    if not ok then
      warnings[#warnings + 1] = "the respond callback failed: " .. failures.words(code)
      code = nil
    elseif code ~= nil and not is_reply(code, enhanced, text) then
      warnings[#warnings + 1] = "the respond callback gave no reply of code, enhanced and text"
      code = nil
    end
  end
  if not code then return 250, address and "2.1.5" or "2.0.0", address and "ok" or "captured" end
  return code, enhanced, text and core.printable(text)
end

local function record_of(address, phase, code, enhanced, text)
  local record = {
    address = address, code = code, enhanced = enhanced, text = text,
    accepted = code >= 200 and code < 300,
  }
  if not record.accepted then
    record.kind, record.phase = "refused", phase
    record.class = code >= 400 and code < 500 and "temporary" or "permanent"
    record.message = (phase == "rcpt" and "the recipient was refused: %d %s"
      or "the message was refused: %d %s"):format(code, text or "")
  end
  return record
end

-- What decides over all: the first temporary refusal, else the first.
local function deciding(records)
  local first
  for _, record in ipairs(records) do
    if record.class == "temporary" then return record end
    first = first or (not record.accepted and record or nil)
  end
  return first
end

-- With require_all nobody gets it when somebody does not.
local function refuse(records, warnings)
  local first = deciding(records)
  for _, record in ipairs(records) do
    if record.accepted then
      record.accepted, record.kind, record.phase = false, "refused", "rcpt"
      record.class = first.class
      record.message = "nothing was sent, since another recipient was refused"
    end
  end
  local failure = failures.new("refused", first.class, first.phase, first.message)
  failure.code, failure.enhanced, failure.text = first.code, first.enhanced, first.text
  failure.recipients, failure.warnings = records, warnings
  return failures.fail(results.add_views(failure))
end

local function carry(self, letter, envelope, send, call)
  local bytes, message, failure = letter:bytes()
  if not bytes then return nil, message, failure end
  if call:is_over() then return call:tell_over("content") end
  local records, taken, warnings = {}, 0, {}
  for i, address in ipairs(envelope.given) do
    records[i] = record_of(address, "rcpt", self:reply(address, warnings))
    if records[i].accepted then taken = taken + 1 end
  end
  if taken == 0 or (send.require_all and taken < #records) then
    return refuse(records, warnings)
  end
  local code, enhanced, text = self:reply(nil, warnings)
  for i, record in ipairs(records) do
    if record.accepted then
      records[i] = record_of(record.address, "dot", code, enhanced, text)
    end
  end
  if code > 299 then return refuse(records, warnings) end
  local options = {}
  for name, value in pairs(send) do options[name] = value end
  self.messages[#self.messages + 1] = { envelope = envelope, bytes = bytes, options = options }
  return results.add_views {
    recipients = records, reply = { code = code, enhanced = enhanced, text = text },
    warnings = warnings,
  }
end

---@param job posthorn.job
function Capture:carry(job)
  job:tell(carry(self, job.letter, job.envelope, job.send, job))
end

function Capture:close() -- luacheck: ignore 212/self
end

return M
