-- output.lua - busted's plain output, with a last line that a script can read
-- and an exit status that goes with it. Where the environment has CI, a
-- skipped spec counts as failed.
local plain = require "busted.outputHandlers.plainTerminal"

return function(options)
  local busted = require "busted"
  local handler = plain(options)

  busted.subscribe({ "exit" }, function()
    local skipped = handler.pendingsCount
    local failed = handler.failuresCount + handler.errorsCount
    if os.getenv("CI") then
      failed = failed + skipped
    end
    if skipped > 0 then
      io.write(("\n%d skipped\n"):format(skipped))
    end
    io.write(("\n%d passed, %d failed\n"):format(handler.successesCount, failed))
    io.flush()
    -- The second argument, from 5.2 on: close the state, so that every
    -- finaliser runs under the eyes of the sanitizers.
    os.exit(failed == 0 and 0 or 1, true)
  end)

  return handler
end
