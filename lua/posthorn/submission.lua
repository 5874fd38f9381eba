-- submission.lua - mail to the configured servers: the way there and the pool of
-- its connections, as a carrier of posthorn.transport.
-- SPDX-License-Identifier: MIT
local pools = require "posthorn.pool"
local ways = require "posthorn.way"

local M = {}
local Submission = {}
Submission.__index = Submission

---@param options table of posthorn.options
---@param driver table
function M.new(options, driver)
  local trace = options.trace and require("posthorn.trace").new(options.trace, driver)
  local way = ways.new(options, driver, trace)
  return setmetatable({ way = way, pool = pools.new(options, driver, way, trace) }, Submission)
end

---Carries one mail over a connection that is kept, or a new one, and waits for its outcome.
---@param job posthorn.job
function Submission:carry(job)
  self.pool:carry(job)
end

---Takes one mail; its owner is told the outcome.
---@param job posthorn.job
function Submission:submit(job)
  return self.pool:submit(job)
end

---Adds the mails of an owner to a list.
---@param list posthorn.job[]
---@param owner table
function Submission:list(list, owner)
  self.pool:list(list, owner)
end

---Ends the mails of an owner that wait and are late; when the next one will be.
---@param owner table
---@return number|nil
function Submission:expire(owner)
  return self.pool:expire(owner)
end

---Ends the sends under way and says QUIT on the connections that are kept.
---@param call table of posthorn.call
function Submission:close(call)
  self.pool:close(call)
end

return M
