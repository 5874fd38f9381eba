-- setting.lua - one mail to one scripted peer, for the rows of the fault catalogue.
-- SPDX-License-Identifier: MIT
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
