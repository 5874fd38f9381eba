-- patience.lua - for specs that bound a time of ours: a busy machine may be late once, what keeps
-- no deadline is late each time. Only being late is forgiven.
local TRIES = 5

---The body of a spec, which says in_time(seconds, limit): it is run again when that was too late.
---@param body fun(in_time: fun(seconds: number, limit: number))
---@return fun()
return function(body)
  return function()
    local late, times = {}, {}
    local function in_time(seconds, limit)
      if seconds < limit then return end
      times[#times + 1] = ("%.3f"):format(seconds)
      error(late, 0)
    end
    for _ = 1, TRIES do
      local ok, problem = pcall(body, in_time)
      if ok then return end
      if problem ~= late then error(problem, 0) end
    end
    error("late each time: " .. table.concat(times, ", "), 0)
  end
end
