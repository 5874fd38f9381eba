-- loopback.lua - a driver of its own and pairs of connected sockets, for the specs of sys.
-- SPDX-License-Identifier: MIT
local new = require("posthorn.driver.sys").new

local M = {}

M.ip = "127.0.0.1"

---A new driver that waits that way, a listener on loopback; soon() gives a deadline, pair() two
---ends of a connection.
---@param kind "epoll"|"poll"
function M.open(kind)
  local driver = new { poll = kind }
  local listener = assert(driver.listen { ip = M.ip, port = 0 })
  local function soon()
    return driver.now() + 5
  end
  local function pair()
    local near = assert(driver.connect({ ip = M.ip, port = listener.port }, soon()))
    return near, assert(listener:accept(soon()))
  end
  return driver, listener, soon, pair
end

return M
