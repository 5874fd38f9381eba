-- run.lua - runs busted under the interpreter that runs this file:
-- lua5.4 spec/run.lua [busted's options] [files]
-- The last line says "N passed, N failed"; see output.lua.

-- busted chooses an interpreter itself only when it is started as a command.
table.insert(arg, 1, "--ignore-lua")
require "busted.runner" { standalone = false }
