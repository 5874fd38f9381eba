-- rockspec.lua - writes the rockspec, whose lists of sources LuaRocks wants
-- one by one: make rockspec. Arguments: the name of each C module, or "lua", each
-- with its sources behind it.
local FOREIGN = {
  tls = { variable = "OPENSSL", libraries = { "ssl", "crypto" } },
  dns = { variable = "CARES", libraries = { "cares" } },
}

local HEAD = [[
-- posthorn for LuaRocks. The lists below are written by `make rockspec`.
rockspec_format = "3.0"
package = "posthorn"
version = "scm-1"
source = {
  url = ".", -- built from a checkout: luarocks make
}
description = {
  summary = "Sends mail: messages, SMTP, TLS",
  detailed = "Builds messages and submits them by SMTP, with an outcome for each recipient.",
  license = "MIT",
}
dependencies = {
  "lua >= 5.1, < 5.5",
}
external_dependencies = {
  OPENSSL = { header = "openssl/ssl.h" },
  CARES = { header = "ares.h" },
}
build = {
  type = "builtin",
  modules = {
]]

local function quoted(words, indent)
  table.sort(words)
  local out = {}
  for i, word in ipairs(words) do
    out[i] = ('%s"%s",\n'):format(indent, word)
  end
  return table.concat(out)
end

local function c_module(name, sources)
  local foreign = FOREIGN[name]
  local out = { ('    ["posthorn.%s"] = {\n      sources = {\n'):format(name) }
  out[#out + 1] = quoted(sources, "        ")
  out[#out + 1] = '      },\n      defines = { "NDEBUG" },\n'
  if foreign then
    out[#out + 1] = ('      incdirs = { "csrc", "$(%s_INCDIR)" },\n'):format(foreign.variable)
    out[#out + 1] = ('      libdirs = { "$(%s_LIBDIR)" },\n'):format(foreign.variable)
    local libraries = table.concat(foreign.libraries, '", "')
    out[#out + 1] = ('      libraries = { "%s" },\n'):format(libraries)
  else
    out[#out + 1] = '      incdirs = { "csrc" },\n'
  end
  return table.concat(out) .. "    },\n"
end

local function lua_modules(paths)
  local out = {}
  table.sort(paths)
  for i, path in ipairs(paths) do
    local name = path:match("^lua/(.*)%.lua$"):gsub("/init$", ""):gsub("/", ".")
    out[i] = ('    ["%s"] = "%s",\n'):format(name, path)
  end
  return table.concat(out)
end

local sections = {}
for _, word in ipairs(arg) do
  if word:find("%.c$") or word:find("%.lua$") then
    table.insert(sections[#sections], word)
  else
    sections[#sections + 1] = { name = word }
  end
end

io.write(HEAD)
for _, section in ipairs(sections) do
  io.write(section.name == "lua" and lua_modules(section) or c_module(section.name, section))
end
-- The manual goes beside the modules, the examples into the rock's own folder.
io.write('  },\n  copy_directories = { "examples", "lua/posthorn/manual" },\n}\n')
