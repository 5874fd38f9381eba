-- What every Lua we run on has, no more: 5.1, LuaJIT, 5.2 to 5.4.
std = "min"
max_line_length = 100
cache = false
read_globals = { "jit", "unpack", table = { fields = { "unpack" } } }
exclude_files = { "build" }
include_files = { "**/*.lua", "rockspec/*.rockspec", ".luacheckrc", ".busted" }
-- Stubs for the language server declare what they do not use.
files["lua/posthorn/meta"] = { ignore = { "211", "212", "221", "241" } }
-- A case of a spec reads best in one line.
files["spec"] = { std = "+busted", max_line_length = 140 }
