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

---The recipients of an envelope as plain addresses, in its order.
---@param envelope table
---@return string[]
function M.addresses(envelope)
  local list = {}
  for i, recipient in ipairs(envelope.to) do
    list[i] = type(recipient) == "table" and recipient.address or recipient
  end
  return list
end

---Completes what a session said of a mail with the peer and the views.
---@param outcome table a result or a failure that has recipients
---@param peer table { host, ip, port }
function M.complete(outcome, peer)
  add_peer(outcome, peer)
  for _, record in ipairs(outcome.recipients) do add_peer(record, peer) end
  return add_views(outcome)
end

---Gives a failure that came before any reply about a recipient its recipients.
---@param failure table
---@param envelope table?
function M.spread(failure, envelope)
  if failure.recipients or not envelope then return failure end
  failure.recipients = {}
  for i, address in ipairs(M.addresses(envelope)) do
    failure.recipients[i] = {
      address = address, accepted = false, kind = failure.kind, class = failure.class,
      phase = failure.phase, message = failure.message, code = failure.code,
      enhanced = failure.enhanced, text = failure.text,
      host = failure.host, ip = failure.ip, port = failure.port,
    }
  end
  return add_views(failure)
end

M.add_views = add_views

return M
