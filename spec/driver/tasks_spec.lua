-- tasks_spec.lua - the scheduler of the built-in loop, on the mock's clock.
local mock = require "posthorn.driver.mock"

local is_puc51 = _VERSION == "Lua 5.1" and not rawget(_G, "jit")

describe("tasks", function()
  local driver

  before_each(function()
    driver = mock.new()
  end)

  describe("run", function()
    it("gives the results, nil among them", function()
      assert.equal(4, select("#", driver.run(function(...)
        return ...
      end, 1, nil, 3, nil)))
    end)

    it("ends when its tasks have ended, and theirs", function()
      local ended = 0
      driver.run(function()
        driver.spawn(function()
          driver.sleep(5)
          driver.spawn(function()
            driver.sleep(5)
            ended = ended + 1
          end)
        end)
      end)
      assert.equal(1, ended)
      assert.equal(10, driver.now())
    end)

    it("raises its error again, of whatever type", function()
      local problem = {}
      local is_ok, err = pcall(driver.run, function()
        driver.sleep(1)
        error(problem)
      end)
      assert.is_false(is_ok)
      assert.equal(problem, err)
    end)

    it("raises the error of a task that nobody waited for", function()
      assert.has_error(function()
        driver.run(function()
          driver.spawn(error, "lost", 0)
          return "fine"
        end)
      end, "lost")
    end)

    it("does not raise the error of a task that somebody waited for", function()
      assert.equal("caught: known", driver.run(function()
        local task = driver.spawn(error, "known", 0)
        local _, err = driver.pcall(task.wait, task)
        return "caught: " .. err
      end))
    end)

    it("is refused inside a task", function()
      local is_ok, err = pcall(driver.run, function()
        driver.run(print)
      end)
      assert.is_false(is_ok)
      assert.truthy(err:find("run was called inside a task", 1, true))
    end)

    it("raises when all wait for each other", function()
      local is_ok, err = pcall(driver.run, function()
        local first, second
        first = driver.spawn(function()
          second:wait()
        end)
        second = driver.spawn(function()
          first:wait()
        end)
      end)
      assert.is_false(is_ok)
      assert.truthy(err:find("wait for each other", 1, true))
    end)

    it("refuses what is no function", function()
      assert.has_error(function()
        driver.spawn(nil)
      end)
    end)
  end)

  describe("wait", function()
    it("gives results to several, and after the end", function()
      local task = driver.spawn(function()
        driver.sleep(3)
        return "one", nil, "three"
      end)
      driver.run(function()
        local others = {}
        for i = 1, 3 do
          others[i] = driver.spawn(task.wait, task)
        end
        for i = 1, 3 do
          assert.same({ "one", nil, "three" }, { others[i]:wait() })
        end
      end)
      assert.same({ "one", nil, "three" }, { task:wait() })
    end)

    it("raises the task's error each time", function()
      local task = driver.spawn(error, "broken", 0)
      for _ = 1, 2 do
        assert.has_error(function()
          task:wait()
        end, "broken")
      end
    end)

    it("raises when a task waits for itself", function()
      local task
      task = driver.spawn(function()
        return task:wait()
      end)
      local is_ok, err = pcall(task.wait, task)
      assert.is_false(is_ok)
      assert.truthy(err:find("cannot wait for itself", 1, true))
    end)
  end)

  describe("cancel", function()
    it("ends the call that waits, once", function()
      driver.run(function()
        local seen = {}
        local task = driver.spawn(function()
          seen[1] = { driver.sleep(100) }
          seen[2] = driver.is_cancelled()
          seen[3] = driver.sleep(1)
        end)
        driver.sleep(1)
        assert.is_true(task:cancel())
        assert.is_true(task:cancel())
        task:wait()
        assert.same({ { nil, "woken" }, true }, { seen[1], seen[2] })
      end)
      assert.is_true(driver.now() < 3)
    end)

    it("ends the first wait of a task that has not begun", function()
      local task = driver.spawn(driver.sleep, 100)
      assert.is_true(task:cancel())
      assert.same({ nil, "woken" }, { task:wait() })
      assert.equal(0, driver.now())
    end)

    it("ends the next wait of a task that cancels itself", function()
      local task
      task = driver.spawn(function()
        task:cancel()
        return driver.sleep(100)
      end)
      assert.same({ nil, "woken" }, { task:wait() })
    end)

    it("does nothing to one that has ended", function()
      local task = driver.spawn(function()
        return 7
      end)
      task:wait()
      assert.is_false(task:cancel())
      assert.equal(7, task:wait())
    end)

    it("ends a wait for another task with a failure", function()
      driver.run(function()
        local long = driver.spawn(driver.sleep, 10)
        local task = driver.spawn(long.wait, long)
        driver.sleep(1)
        task:cancel()
        local result, message, failure = task:wait()
        assert.is_nil(result)
        assert.equal("string", type(message))
        assert.equal("cancelled", failure.kind)
        assert.is_true(long:wait())
      end)
    end)
  end)

  it("sleeps until it is woken through a table", function()
    driver.run(function()
      local bell = {}
      local task = driver.spawn(driver.sleep, math.huge, bell)
      driver.sleep(1)
      assert.is_true(bell.wake())
      assert.same({ nil, "woken" }, { task:wait() })
      assert.is_nil(bell.wake)
    end)
  end)

  describe("a wait outside of tasks", function()
    it("turns the loop: tasks go on", function()
      local ticks = 0
      driver.spawn(function()
        for _ = 1, 5 do
          driver.sleep(1)
          ticks = ticks + 1
        end
      end)
      driver.sleep(3.5)
      assert.equal(3, ticks)
      driver.sleep(3)
      assert.equal(5, ticks)
    end)

    it("in a coroutine that is no task never yields to it", function()
      local co = coroutine.wrap(function()
        driver.sleep(2)
        coroutine.yield "mine"
        driver.sleep(2)
        return "end"
      end)
      assert.equal("mine", co())
      assert.equal(2, driver.now())
      assert.equal("end", co())
    end)

    it("in a generator inside a task lets others go on", function()
      local ticks = 0
      driver.run(function()
        driver.spawn(function()
          for _ = 1, 4 do
            driver.sleep(1)
            ticks = ticks + 1
          end
        end)
        local got = {}
        for value in coroutine.wrap(function()
          for i = 1, 2 do
            driver.sleep(1.5)
            coroutine.yield(i)
          end
        end) do
          got[#got + 1] = value
        end
        assert.same({ 1, 2 }, got)
        assert.equal(3, driver.now())
        assert.is_true(ticks >= 2)
      end)
      assert.equal(4, ticks)
    end)

    it("loses no wake-up of the waits around it", function()
      local order = {}
      -- Each waits in place, the later one inside the earlier.
      local function generator(name, seconds)
        return coroutine.wrap(function()
          driver.sleep(seconds)
          order[#order + 1] = name
          return name
        end)
      end
      driver.run(function()
        driver.spawn(function()
          generator("short", 1)()
        end)
        driver.spawn(function()
          generator("long", 5)()
        end)
        driver.spawn(function()
          driver.sleep(2)
          order[#order + 1] = "middle"
        end)
      end)
      assert.same({ "middle", "long", "short" }, order)
      assert.equal(5, driver.now())
    end)

    it("goes on when waits in place stand deep on each other", function()
      local ended = 0
      driver.run(function()
        for i = 1, 150 do
          driver.spawn(function()
            coroutine.wrap(function()
              driver.sleep(1 + i % 7)
              ended = ended + 1
            end)()
          end)
        end
      end)
      assert.equal(150, ended)
    end)

    it("goes on with its own tasks, however deep it stands", function()
      local ended = 0
      driver.run(function()
        for i = 1, 150 do
          driver.spawn(function()
            coroutine.wrap(function()
              local one = driver.spawn(driver.sleep, 1 + i % 7)
              local other = driver.spawn(function()
                driver.sleep(1)
                return driver.spawn(driver.sleep, i % 3):wait()
              end)
              if one:wait() and other:wait() then ended = ended + 1 end
            end)()
          end)
        end
      end)
      assert.equal(150, ended)
    end)

    it("raises when it could never end, and can wait again", function()
      local bell = {}
      assert.is_false((pcall(driver.sleep, math.huge, bell)))
      assert.is_true(driver.sleep(1))
    end)
  end)

  describe("where no yield may happen", function()
    it("below pcall it waits all the same", function()
      local ticks = 0
      driver.run(function()
        driver.spawn(function()
          driver.sleep(1)
          ticks = ticks + 1
        end)
        local is_ok, is_slept = pcall(driver.sleep, 2)
        assert.is_true(is_ok and is_slept)
        assert.equal(1, ticks)
      end)
    end)

    it("below string.gsub and table.sort it waits all the same", function()
      driver.run(function()
        local out = ("a b"):gsub("%a", function(letter)
          driver.sleep(1)
          return letter .. "!"
        end)
        assert.equal("a! b!", out)
        table.sort({ 2, 1 }, function(a, b)
          driver.sleep(1)
          return a < b
        end)
      end)
      assert.is_true(driver.now() >= 3)
    end)

    it("in the iterator of a for loop it waits all the same", function()
      local function following(_, i)
        driver.sleep(1)
        return i < 3 and i + 1 or nil
      end
      local count = 0
      driver.run(function()
        for _ in following, nil, 0 do
          count = count + 1
        end
      end)
      assert.equal(3, count)
      assert.equal(4, driver.now())
    end)
  end)

  describe("pcall", function()
    it("may be waited in without holding others up", function()
      local order = {}
      driver.run(function()
        for i = 3, 1, -1 do
          driver.spawn(function()
            local is_ok, err = driver.pcall(function()
              driver.sleep(i)
              order[#order + 1] = i
              error("end " .. i, 0)
            end)
            assert.is_false(is_ok)
            assert.equal("end " .. i, err)
          end)
        end
      end)
      assert.same({ 1, 2, 3 }, order)
    end)

    it("gives results, inside itself too", function()
      local function both()
        return driver.pcall(driver.pcall, function(...)
          driver.sleep(1)
          return ...
        end, 1, nil, 3)
      end
      assert.same({ true, true, 1, nil, 3 }, { both() })
      assert.same({ true, true, 1, nil, 3 }, { driver.run(both) })
    end)
  end)

  it("ends a task that yields by itself with an error", function()
    local task = driver.spawn(coroutine.yield, "mine")
    local is_ok, err = pcall(task.wait, task)
    assert.is_false(is_ok)
    assert.truthy(tostring(err):find("only yield by waiting", 1, true))
  end)

  if is_puc51 then
    it("on PUC Lua 5.1 tasks below pcall do not hold each other for ever", function()
      local ended = {}
      driver.run(function()
        for i = 1, 20 do
          driver.spawn(function()
            pcall(driver.sleep, 21 - i)
            ended[#ended + 1] = i
          end)
        end
      end)
      assert.equal(20, #ended)
      assert.equal(20, driver.now())
    end)
  end
end)
