-- plays_spec.lua - each play whole, byte by byte and cut at random: the events
-- must be equal.
local play = require "spec.play"
local lfs = require "lfs"

local rounds = 5

-- Numbers of our own, so that a seed means the same under every Lua.
local function generator(seed)
  return function(n)
    seed = (seed * 16807) % 2147483647
    return seed % n + 1
  end
end

local files = {}
for name in lfs.dir("spec/plays") do
  if name:find("%.play$") then files[#files + 1] = "spec/plays/" .. name end
end
table.sort(files)

for _, file in ipairs(files) do
  describe(file:match("([^/]+)%.play$"), function()
    for _, one in ipairs(play.read(file)) do
      it(one.title, function()
        local whole = play.run(one, function(n) return n end)
        assert.same(whole, play.run(one, function() return 1 end))
        for seed = 1, rounds do
          assert.same(whole, play.run(one, generator(seed)))
        end
      end)
    end
  end)
end
