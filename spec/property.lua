-- property.lua - what must hold for many values drawn at random. The seed
-- fixes them all; POSTHORN_PROPERTY says how many in place of the few that
-- keep `make test` fast. POSTHORN_SHARE=2/3 tries the second of three shares
-- of them, so that several processes try all.
-- SPDX-License-Identifier: MIT
local new_draw = require "spec.codec.draw"

local property = {}

---How many cases to try; fewer of those that cost as much as many others.
---@param cost integer?
function property.count(default, cost)
  local asked = tonumber(os.getenv "POSTHORN_PROPERTY" or "")
  return asked and math.max(1, math.floor(asked / (cost or 1))) or default
end

-- Which cases are of this process: each `of`-th from `first` on.
local function share()
  local first, of = (os.getenv "POSTHORN_SHARE" or ""):match("^(%d+)/(%d+)$")
  return tonumber(first or 1), tonumber(of or 1)
end

---A generator of numbers, texts and cuts: see spec/codec/draw.lua.
property.random = new_draw

---Calls `holds` with a generator of its own for each case. What fails is told
---with the seed that gives this case again: holds(property.random(seed)).
---@param cost integer? one case costs as much as so many others
function property.each(seed, default, holds, cost)
  local seeds, first, of = new_draw(seed), share()
  for i = 1, property.count(default, cost) do
    local own = seeds.number(1, 2147483646)
    local ok, fault = true, nil
    if i % of == first % of then
      ok, fault = pcall(holds, new_draw(own))
    end
    if not ok then
      local message = type(fault) == "table" and fault.message or fault
      error(("case %d, seed %d: %s"):format(i, own, tostring(message)), 0)
    end
  end
end

return property
