-- Octets kept so that they can be had again.
local spools = require "posthorn.spool"

local function all_of(read)
  local chunks = {}
  for chunk in read do chunks[#chunks + 1] = chunk end
  return table.concat(chunks)
end

describe("a spool", function()
  it("gives back what was put, from the start, as often as wanted and at once", function()
    for _, sizes in ipairs { {}, { 0 }, { 1, 2, 3 }, { 1048576 }, { 1048575, 1, 1 }, { 700000, 700000, 5 } } do
      local spool, expected = spools.new(), {}
      for i, size in ipairs(sizes) do
        expected[i] = string.char(64 + i):rep(size)
        assert(spool:put(expected[i]))
      end
      assert(spool:finish())
      expected = table.concat(expected)
      assert.equal(#expected, spool.size)
      assert.equal(expected, all_of(spool:reader()))
      local one, other = spool:reader(), spool:reader()
      assert.equal(one(), other())
      assert.equal(all_of(one), all_of(other))
    end
  end)

  it("keeps many small pieces in little memory", function()
    local spool = spools.new()
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, 200000 do assert(spool:put "x") end -- as an array 1600 KiB and more
    collectgarbage()
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 1024)
    assert.equal(("x"):rep(200000), all_of(spool:reader()))
  end)

  it("keeps what is large in a file without a name", function()
    local spool = spools.new()
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, 80 do assert(spool:put(("x"):rep(65536))) end
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 2048)
    assert.equal(80 * 65536, #all_of(spool:reader()))
  end)

  it("tells the system's words when there is no file to be had", function()
    local tmpfile = io.tmpfile
    rawset(io, "tmpfile", function() return nil, "no space left" end)
    local spool = spools.new()
    local ok, problem
    for _ = 1, 3 do ok, problem = spool:put(("x"):rep(600000)) end
    rawset(io, "tmpfile", tmpfile)
    assert.is_nil(ok)
    assert.equal("no space left", problem)
  end)
end)
