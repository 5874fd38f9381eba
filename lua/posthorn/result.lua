-- result.lua - results and failures with their recipients (api.md, sections 0 and 2).
-- SPDX-License-Identifier: MIT
local M = {}

-- accepted: addresses; refused: the records not accepted, whatever the cause.
local function add_views(outcome)
  local accepted, refused = {}, {}
  for _, record in ipairs(outcome.recipients) do
    if record.accepted then
      accepted[#accepted + 1] = record.address
    else
      refused[#refused + 1] = record
    end
  end
  outcome.accepted, outcome.refused = accepted, refused
  return outcome
end

local function add_peer(record, peer)
  record.host, record.ip, record.port = peer.host, peer.ip, peer.port
end

---Completes what a session said of a mail with the peer and the views.
---@param outcome table a result or a failure that has recipients
---@param peer table { host, ip, port }
---@param envelope table of posthorn.envelope: records show addresses as they were given
function M.complete(outcome, peer, envelope)
  add_peer(outcome, peer)
  for i, record in ipairs(outcome.recipients) do
    record.address = envelope.given[i]
    add_peer(record, peer)
  end
  return add_views(outcome)
end

---Gives a failure that came before any reply about a recipient its recipients.
---@param failure table
---@param envelope table?
function M.spread(failure, envelope)
  if failure.recipients or not envelope then return failure end
  failure.recipients = {}
  for i, address in ipairs(envelope.given) do
    failure.recipients[i] = {
      address = address, accepted = false, kind = failure.kind, class = failure.class,
      phase = failure.phase, message = failure.message, code = failure.code,
      enhanced = failure.enhanced, text = failure.text,
      host = failure.host, ip = failure.ip, port = failure.port,
    }
  end
  return add_views(failure)
end

---The whole result of a mail to one recipient who got it.
---@param pump table whose connection it was: its peer and TLS
---@param address string
---@param code integer of the reply, with the three below
---@param enhanced string?
---@param text string
---@param id string?
---@return posthorn.result
function M.of_one(pump, address, code, enhanced, text, id)
  local peer = pump.peer
  local host, ip, port = peer.host, peer.ip, peer.port
  return {
    recipients = { {
      address = address, accepted = true, code = code, enhanced = enhanced, text = text,
      queue_id = id, host = host, ip = ip, port = port,
    } },
    accepted = { address }, refused = {},
    reply = { code = code, enhanced = enhanced, text = text }, queue_id = id,
    host = host, ip = ip, port = port, tls = pump.tls,
    message_id = nil, warnings = {}, seconds = nil, -- by posthorn.job
  }
end

M.add_views = add_views

return M
