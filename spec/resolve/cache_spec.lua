-- cache_spec.lua - lua/posthorn/resolve/cache.lua
local caches = require "posthorn.resolve.cache"

describe("resolve.cache", function()
  local clock, cache

  before_each(function()
    clock = 0
    cache = caches.new(function() return clock end)
  end)

  it("keeps an outcome for its time", function()
    local outcome = { addresses = { "192.0.2.1" } }
    cache:put("a", outcome, 10)
    clock = 9.9
    assert.equal(outcome, cache:get("a"))
    clock = 10
    assert.is_nil(cache:get("a"))
    clock = 0
    assert.is_nil(cache:get("a"))
  end)

  it("holds a bounded number, and rather what is asked for", function()
    cache:put("kept", {}, 100)
    for i = 1, 20000 do
      cache:put("k" .. i, {}, 100)
      if i % 500 == 0 then assert.is_table(cache:get("kept")) end
    end
    assert.is_nil(cache:get("k1"))
    assert.is_table(cache:get("k20000"))
    local count = 0
    for _, generation in ipairs { cache.young, cache.old } do
      for _ in pairs(generation) do count = count + 1 end
    end
    assert.is_true(count <= 4096)
  end)

  it("counts the addresses too", function()
    local many = {}
    for i = 1, 64 do many[i] = "192.0.2." .. i end
    for i = 1, 2000 do cache:put("k" .. i, { addresses = many }, 100) end
    local count = 0
    for _, generation in ipairs { cache.young, cache.old } do
      for _ in pairs(generation) do count = count + 1 end
    end
    assert.is_true(count <= 512)
  end)
end)
