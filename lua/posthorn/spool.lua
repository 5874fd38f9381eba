-- spool.lua - octets that can be had once, kept so that they can be had again: in memory, then
-- in a file that has no name.
-- SPDX-License-Identifier: MIT
local M = {}
local Spool = {}
Spool.__index = Spool

local in_memory = 1048576 -- octets
local most = 4 * 1024 * 1048576
local most_pieces = 256
local chunk_size = 65536

---@class posthorn.spool
---@field size integer octets so far
---@field is_full boolean whether put said no because of the ceiling

---An empty one: 1 MiB in memory, more in a file without a name, 4 GiB at most.
---@return posthorn.spool
function M.new()
  return setmetatable({ size = 0, pieces = {}, count = 0, handle = nil, is_full = false }, Spool)
end

-- Many small pieces become one, so that a table of them stays small too.
local function keep(self, octets)
  self.count = self.count + 1
  self.pieces[self.count] = octets
  if self.count == most_pieces then
    self.pieces, self.count = { table.concat(self.pieces) }, 1
  end
end

local function open_file(self)
  local handle, problem = io.tmpfile()
  if not handle then return nil, problem end
  self.handle, self.pieces, self.count = handle, { table.concat(self.pieces) }, 1
  return handle
end

---Keeps more octets. True, or nil and the system's words.
---@param octets string
---@return true|nil
---@return string? problem
function Spool:put(octets)
  self.size = self.size + #octets
  if self.size > most then
    self.is_full = true
    return nil, "it is larger than 4 GiB"
  elseif self.size <= in_memory then
    keep(self, octets)
    return true
  end
  local ok, problem = self.handle, nil
  if not ok then
    ok, problem = open_file(self)
    if ok then ok, problem = self.handle:write(self.pieces[1]) end
    self.pieces, self.count = {}, 0
  end
  if ok then ok, problem = self.handle:write(octets) end
  if not ok then return nil, tostring(problem) end
  return true
end

---Nothing more is put. True, or nil and the system's words: a full disk may tell only now.
---@return true|nil
---@return string? problem
function Spool:finish()
  if not self.handle then return true end
  local ok, problem = self.handle:flush()
  if not ok then return nil, tostring(problem) end
  return true
end

---A reading from the start, independent of others: the next chunk; nil at the end; nil and the
---system's words.
---@return fun(): string|nil, string?
function Spool:reader()
  local at = 0
  if not self.handle then
    local octets = table.concat(self.pieces)
    return function()
      if at >= #octets then return nil end
      local chunk = octets:sub(at + 1, at + chunk_size)
      at = at + #chunk
      return chunk
    end
  end
  return function()
    if not self.handle:seek("set", at) then return nil, "it cannot be read again" end
    local chunk, problem = self.handle:read(chunk_size)
    if chunk then at = at + #chunk end
    return chunk, chunk == nil and at < self.size and (problem or "it has become shorter") or nil
  end
end

return M
