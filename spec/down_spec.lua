-- down_spec.lua - lua/posthorn/down.lua.
local downs = require "posthorn.down"

-- A driver with a clock of its own.
local function new_driver()
  local driver = { time = 0 }
  driver.now = function() return driver.time end
  return driver
end

describe("posthorn.down", function()
  it("remembers for a minute", function()
    local driver = new_driver()
    local down = downs.of(driver)
    assert.is_false(down:has "192.0.2.1 25")
    down:mark "192.0.2.1 25"
    assert.is_true(down:has "192.0.2.1 25")
    assert.is_false(down:has "192.0.2.1 587")
    driver.time = 59
    assert.is_true(down:has "192.0.2.1 25")
    driver.time = 60
    assert.is_false(down:has "192.0.2.1 25")
    assert.equal(0, down.count)
  end)

  it("forgets what answers again", function()
    local down = downs.of(new_driver())
    down:mark "a"
    down:mark "a"
    down:clear "a"
    down:clear "b"
    assert.is_false(down:has "a")
    assert.equal(0, down.count)
  end)

  it("is empty again when all of it is over, whoever asked for what", function()
    local driver = new_driver()
    local down = downs.of(driver)
    assert.is_true(down:is_empty())
    down:mark "a"
    driver.time = 30
    down:mark "b"
    driver.time = 60
    assert.is_false(down:is_empty())
    assert.is_true(down:has "b")
    driver.time = 90
    assert.is_true(down:is_empty())
    assert.equal(0, down.count)
    assert.is_nil(next(down.until_when))
  end)

  it("is one for each driver", function()
    local driver = new_driver()
    downs.of(driver):mark "a"
    assert.is_true(downs.of(driver):has "a")
    assert.is_false(downs.of(new_driver()):has "a")
  end)

  it("stays bounded, whatever fails", function()
    local driver = new_driver()
    local down = downs.of(driver)
    for i = 1, 5000 do
      driver.time = i
      down:mark("a" .. i)
    end
    assert.is_true(down.count <= 1024)
    local count = 0
    for _ in pairs(down.until_when) do count = count + 1 end
    assert.equal(down.count, count)
    for i = 1, 5000 do down:mark("b" .. i) end
    assert.is_true(down.count <= 1024)
    assert.is_true(down:has "b5000")
  end)
end)
