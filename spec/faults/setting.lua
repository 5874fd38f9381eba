-- setting.lua - one mail to one scripted peer, for the rows of the fault catalogue.
-- SPDX-License-Identifier: MIT
local assert = require "luassert"
local patiently = require "spec.patience"
local peers = require "spec.peer"
local posthorn = require "posthorn"

local M = {}

---Runs fn(peer, transport) in the loop, with the peer's script and the transport's options.
function M.with(script, options, fn)
  if type(options) == "function" then options, fn = {}, options end
  return posthorn.run(function()
    local peer = peers.start(script)
    local all = { host = "127.0.0.1", port = peer.port, tls = "none", timeout = 5 }
    for name, value in pairs(options) do all[name] = value end
    local transport = posthorn.transport(all)
    local ok, problem = posthorn.driver().pcall(fn, peer, transport)
    transport:close()
    peer:stop()
    if not ok then error(problem, 0) end
  end)
end

function M.mail(fields)
  local mail = { from = "ada@example.org", to = "bob@example.net", subject = "s", text = "one\n" }
  for name, value in pairs(fields or {}) do mail[name] = value end
  return mail
end

local password, encoded = "s3cret-w0rd", "AGFkYQBzM2NyZXQtdzByZA" -- of "ada" by PLAIN

-- All of a value's strings.
local function strings_of(value, list)
  if type(value) == "string" then list[#list + 1] = value end
  if type(value) == "table" then
    for key, one in pairs(value) do
      strings_of(key, list)
      strings_of(one, list)
    end
  end
  return list
end

local function has_no_secret(...)
  local all = table.concat(strings_of({ ... }, {}), "\n")
  assert.is_nil(all:find(password, 1, true))
  assert.is_nil(all:find(encoded, 1, true))
end

-- Lets the peer read what was written, which lies in its socket already; how much that was.
local function settle(peer)
  local unchanged, count = 0, 0
  while unchanged < 3 do
    posthorn.sleep(0.001)
    unchanged = #peer.octets == count and unchanged + 1 or 0
    count = #peer.octets
  end
  return #table.concat(peer.octets)
end

-- What no fault may break: the peer hears nothing but QUIT after the verdict, no connection stays,
-- each recipient has its record, the sentence is a line, and no secret is told.
local function check(peer, transport, seen, result, message, failure)
  local before = settle(peer)
  transport:close()
  local after = settle(peer)
  local said = table.concat(peer.octets):sub(before + 1, after)
  assert.is_true(said == "" or said == "QUIT\r\n", said)
  local outcome = result or failure
  has_no_secret(outcome, message or "", seen)
  for _, record in ipairs(outcome.recipients) do
    assert.is_true(record.accepted or record.class ~= nil and record.kind ~= nil and record.phase ~= nil)
  end
  if failure then
    assert.equal(message, tostring(failure))
    assert.is_nil(message:find "%c")
  end
end

---One mail, after a login, to a peer that misbehaves as its script says, and what must hold whatever
---it does.
---@param script table of spec.peer; its `ehlo` is an array
---@param fields table? of the mail, or a message
---@param options table? of the transport
---@return table outcome the failure, or the result
---@return table peer
---@return number seconds that the send took
function M.fault(script, fields, options)
  local outcome, peer_of, seconds
  local all = { user = "ada", password = password, allow_plaintext_auth = true, auth = { "PLAIN" } }
  for name, value in pairs(options or {}) do all[name] = value end
  local seen = {}
  all.trace = function(event) seen[#seen + 1] = event.text end
  local words = { "AUTH PLAIN" }
  for i, word in ipairs(script.ehlo or {}) do words[i + 1] = word end
  local copy = {}
  for name, value in pairs(script) do copy[name] = value end
  copy.ehlo = words
  local mail = fields and fields.id and fields or M.mail(fields)
  M.with(copy, all, function(peer, transport)
    local began = transport.driver.now()
    local result, message, failure = transport:send(mail)
    seconds = transport.driver.now() - began
    check(peer, transport, seen, result, message, failure)
    outcome, peer_of = result or failure, peer
  end)
  return outcome, peer_of, seconds
end

---Runs attempt(), which gives seconds, until they lie within a tenth of the limit.
---@param limit number
---@param attempt fun(): number
function M.within(limit, attempt)
  patiently(function(in_time)
    local seconds = attempt()
    assert.is_true(seconds >= limit - 0.001, "too soon: " .. seconds)
    in_time(seconds, limit + 0.1)
  end)()
end

---A port of loopback on which nobody listens.
function M.dead_port()
  local listener = assert(require("posthorn.driver").get("sys").listen { ip = "127.0.0.1", port = 0 })
  local port = listener.port
  listener:close()
  return port
end

---A listener whose queue is full, held so by connections that nobody accepts: on Linux a further
---SYN is dropped. Its port, and a function that ends it.
function M.deaf(ip)
  local driver = require("posthorn.driver").get "sys"
  local listener = assert(driver.listen { ip = ip, port = 0, backlog = 0 })
  local held = {}
  repeat
    local connection, reason = driver.connect({ ip = ip, port = listener.port }, driver.now() + 0.05)
    held[#held + 1] = connection
    assert(connection or reason == "timeout", reason)
    assert(#held < 10, "this system drops no SYN")
  until not connection
  return listener.port, function()
    for _, connection in ipairs(held) do connection:close() end
    listener:close()
  end
end

return M
