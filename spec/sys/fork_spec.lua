-- fork_spec.lua - a child has a loop of its own. Only LuaJIT can fork here without more.
if not rawget(_G, "jit") then
  return
end

local ffi = require "ffi"
local new = require("posthorn.driver.sys").new

ffi.cdef [[
  int fork(void);
  void _exit(int);
  int waitpid(int, int *, int);
]]

describe("the loop after a fork", function()
  it("goes on in the child and takes nothing from the parent", function()
    local driver = new { poll = "epoll" }
    driver.run(function()
      local listener = assert(driver.listen { ip = "127.0.0.1", port = 0 })
      local near, far, tasks = {}, {}, {}
      for i = 1, 2 do
        near[i] = assert(driver.connect { ip = "127.0.0.1", port = listener.port })
        far[i] = assert(listener:accept())
        tasks[i] = driver.spawn(near[i].read, near[i], 10, driver.now() + 5)
      end
      driver.sleep(0.001) -- both wait in epoll now
      local process = ffi.C.fork()
      if process == 0 then
        near[2]:close()
        local is_ok, bytes = pcall(function()
          far[1]:write("child")
          return tasks[1]:wait()
        end)
        ffi.C._exit(is_ok and bytes == "child" and 0 or 1)
      end
      local status = ffi.new("int[1]")
      ffi.C.waitpid(process, status, 0)
      assert.equal(0, status[0])
      far[2]:write("parent")
      assert.equal("parent", tasks[2]:wait())
      far[1]:write("again")
      assert.equal("again", tasks[1]:wait())
    end)
  end)
end)
