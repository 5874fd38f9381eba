-- helper.lua - loaded before the specs. A port that was refused in one spec may be given to a server
-- of the next: what is remembered as down does not outlast a spec.
local busted = require "busted"

busted.subscribe({ "test", "start" }, function()
  local down = package.loaded["posthorn.down"]
  if down then down.of(require("posthorn.driver").get "sys"):forget() end
  return nil, true
end)

return {}
