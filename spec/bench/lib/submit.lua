-- submit.lua - BENCH_N copies of one message: a new message value for each, a
-- whole result read for each.
local setting = require "setting"
local posthorn = require "posthorn"

local octets = setting.slurp(setting.text "BENCH_MSG")
local envelope = { from = setting.text "BENCH_FROM", to = { setting.text "BENCH_TO" } }
local count = setting.number "BENCH_N"
local options = setting.server()
options.concurrency = setting.number "BENCH_CONNS"
options.pool = setting.number "BENCH_REUSE" == 1
  and { size = options.concurrency, messages = 0 } or false
options.bulk = arg[1] == "bulk" or nil

-- As anybody sends one message, and nothing else.
local function send_one()
  local transport = posthorn.transport(options)
  local result = assert(transport:send(assert(posthorn.raw(octets, envelope))))
  transport:close()
  assert(#result.accepted == 1)
end

local function send_all()
  local transport = posthorn.transport(options)
  local given, taken = 0, 0
  local function items()
    if given == count then return nil end
    given = given + 1
    return assert(posthorn.raw(octets, envelope))
  end
  for _, result, message in transport:send_many(items) do
    assert(result, message)
    taken = taken + #result.accepted
  end
  transport:close()
  assert(taken == count)
end

if count == 1 then send_one() else posthorn.run(send_all) end
