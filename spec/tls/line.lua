-- line.lua - a server's side of TLS over a connection of the driver: reads and writes like one. For
-- scripted peers, inside posthorn.run.
-- SPDX-License-Identifier: MIT
local test = require "posthorn.test"
local tls = require "posthorn.tls"

local M = {}
local Line = {}
Line.__index = Line

local function flush(self)
  while true do
    local output = self.engine:output()
    if output == "" then return true end
    if not self.connection:write(output, nil) then return false end
    self.engine:consume(#output)
  end
end

local function fill(self)
  local octets = self.connection:read(65536, nil)
  if octets then
    self.engine:feed(octets)
  else
    self.engine:feed_eof()
  end
  return octets ~= nil
end

---Shakes hands as the server of that context.
---@return table|nil line nil: the handshake failed
---@return table facts or failure
function M.accept(connection, context)
  local self = setmetatable({
    connection = connection, engine = assert(tls.engine { context = context }), behind = test.echo(),
  }, Line)
  while true do
    flush(self)
    local event, value = self.engine:next()
    if event == "secured" then
      self.engine:attach(self.behind:machine())
      flush(self)
      return self, value
    elseif event == "failed" then
      flush(self)
      return nil, value
    end
    fill(self)
  end
end

---Octets, or nil at the end.
function Line:read()
  while true do
    local heard = self.behind:heard()
    if heard ~= "" then return heard end
    local event = self.engine:next()
    if event == "failed" or event == "closed" or not fill(self) then return nil end
  end
end

function Line:write(octets)
  self.behind:say(octets)
  return flush(self)
end

---Breaks the connection as OpenSSL does it: with an alert.
function Line:alert()
  self.engine:feed("what is no record")
  flush(self)
end

---Says close_notify.
function Line:notify()
  self.engine:shutdown()
  flush(self)
end

function Line:reset()
  self.connection:reset()
end

function Line:close()
  self.engine:close()
  self.connection:close()
end

return M
