-- mail.lua - the messages of spec/vectors/mail, each with a table beside it:
--   reading  what posthorn.parse reads, rows of a name and a value as told.lua
--            has them, the date last, but for those without a value
--   text     what part:text() gives
--   email, gmime  what Python's `email` and GMime read otherwise, and why:
--            pairs of our row and theirs, or all their rows as `reading`
-- SPDX-License-Identifier: MIT
local lfs = require "lfs"

local mail = {}

local folder = "spec/vectors/mail/"

local function octets_of(name)
  local handle = assert(io.open(folder .. name .. ".eml", "rb"))
  local octets = handle:read("*a")
  handle:close()
  return octets
end

---Array of all, by name.
function mail.all()
  local all = {}
  for file in lfs.dir(folder) do
    local name = file:match("^(.*)%.eml$")
    if name then
      local one = dofile(folder .. name .. ".lua")
      one.name, one.octets = name, octets_of(name)
      all[#all + 1] = one
    end
  end
  table.sort(all, function(a, b) return a.name < b.name end)
  return all
end

---What is told of a message, as rows.
function mail.rows(told)
  local rows = {}
  for _, one in ipairs(told) do
    if one[2] ~= "" then rows[#rows + 1] = one[1] .. ": " .. one[2] end
  end
  if told.date ~= -1 then rows[#rows + 1] = ("date: %d"):format(told.date) end
  return rows
end

---The rows of that other reader.
function mail.expected(one, reader)
  local other = one[reader]
  if not other then return one.reading end
  assert(other.why and (other.reading or other[1]), one.name)
  if other.reading then return other.reading end
  local theirs = {}
  for _, pair in ipairs(other) do theirs[pair[1]] = pair[2] end
  local rows = {}
  for i, row in ipairs(one.reading) do
    rows[i] = theirs[row] or row
    theirs[row] = nil
  end
  assert(next(theirs) == nil, one.name)
  return rows
end

return mail
