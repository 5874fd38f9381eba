-- bytecode.lua - writes Lua files as the bytecode of the Lua that runs this, with the names and
-- numbers of their lines: make bytecode. Arguments: a folder, then files below lua/.
local folder = table.remove(arg, 1)

for _, path in ipairs(arg) do
  local handle = assert(io.open(folder .. "/" .. path:gsub("^lua/", ""), "wb"))
  assert(handle:write(string.dump(assert(loadfile(path)))))
  assert(handle:close())
end
