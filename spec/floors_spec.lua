-- floors_spec.lua - the rules of CONTRIBUTING.md that a script can check: who
-- may include whom, what no file may do, how long a file may be.
local lfs = require "lfs"

local LONGEST_FILE, LONGEST_FUNCTION = 600, 80

-- What each floor may include, beside its own folder.
local FLOORS = {
  base = {},
  codec = { "base" },
  smtp = { "base", "codec" },
  mime = { "base", "codec" },
  dns = { "base" },
  tls = { "base" },
  idn = { "base" },
  sys = { "base" },
  bind = { "base", "codec", "smtp", "mime", "dns", "tls", "idn", "sys" },
}

-- Foreign headers, and the only paths that may include them.
local FOREIGN = {
  { "^lua", "csrc/bind/" }, { "^lauxlib", "csrc/bind/" }, { "^ares", "csrc/dns/" },
  { "^openssl/", "csrc/tls/", "csrc/bind/lph_tls", "csrc/bind/lph_engine" },
  { "^idn2", "csrc/idn/" }, { "^sys/epoll", "csrc/sys/" }, { "^poll%.h", "csrc/sys/" },
  { "^netdb", "csrc/sys/" }, { "^ctype" }, { "^locale" }, { "^setjmp" },
}

local SOCKETS_AND_CLOCKS = {
  "socket", "connect", "bind", "listen", "accept", "accept4", "send", "sendto", "sendmsg", "recv",
  "recvfrom", "recvmsg", "poll", "select", "epoll_wait", "time", "clock_gettime", "gettimeofday",
  "getaddrinfo", "sleep", "usleep", "nanosleep",
}
local PROCESSES = {
  "popen", "system", "fork", "vfork", "posix_spawn", "execl", "execlp", "execle", "execv", "execvp",
  "execve",
}

local function tree(folder, ending, into)
  into = into or {}
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then
        tree(path, ending, into)
      elseif path:find(ending) then
        into[#into + 1] = path
      end
    end
  end
  table.sort(into)
  return into
end

local function content(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read("*a")
  handle:close()
  return text
end

local function lines(text)
  return text:gmatch("([^\n]*)\n")
end

-- C without comments, strings and characters: what is left is code.
local function code_of(text)
  text = text:gsub("/%*.-%*/", " "):gsub("\\.", "")
  return (text:gsub('"[^"\n]*"', '""'):gsub("'[^'\n]*'", "''"))
end

-- What a text calls, read once: neither a member (x.time, x->time) nor a longer word.
local called_in = {}

local function calls(text, names)
  local called = called_in[text]
  if not called then
    called = {}
    local code = code_of(text)
    for at, name in code:gmatch("%f[%w_]()([%a_][%w_]*)%s*%(") do
      local before = code:sub(at - 1, at - 1)
      called[name] = called[name] or before ~= "." and before ~= ">"
    end
    called_in[text] = called
  end
  for _, name in ipairs(names) do
    if called[name] then
      return name
    end
  end
end

local function contains(list, value)
  for _, other in ipairs(list) do
    if other == value then
      return true
    end
  end
  return false
end

local function floor_of(path)
  return path:match("^csrc/([^/]+)/")
end

local c_files, lua_files = tree("csrc", "%.[ch]$"), tree("lua", "%.lua$")

-- Runs check on each file; what it returns is a complaint.
local function none_complains(files, check)
  local complaints = {}
  for _, path in ipairs(files) do
    local complaint = check(path, content(path))
    if complaint then
      complaints[#complaints + 1] = path .. ": " .. complaint
    end
  end
  assert.equal("", table.concat(complaints, "\n"))
end

describe("floors of C", function()
  it("are those we know", function()
    none_complains(c_files, function(path)
      if path ~= "csrc/posthorn.h" and not FLOORS[floor_of(path) or ""] then
        return "on no floor"
      end
    end)
  end)

  it("include their own folder and lower floors, never a sibling", function()
    none_complains(c_files, function(path, text)
      local floor = floor_of(path)
      for header in text:gmatch('#%s*include%s+"([^"]+)"') do
        local other = header:match("^(.-)/")
        if header:find("posthorn.h", 1, true) then
          return "includes the face posthorn.h"
        elseif not other and not lfs.attributes("csrc/" .. floor .. "/" .. header) then
          return header .. " is not in its own folder"
        elseif other and not contains(FLOORS[floor] or {}, other) then
          return header .. " is no lower floor"
        elseif other and not lfs.attributes("csrc/" .. header) then
          return header .. " is not there"
        end
      end
    end)
  end)

  it("leave each foreign library to one floor", function()
    local function is_allowed(path, rule)
      for i = 2, #rule do
        if path:sub(1, #rule[i]) == rule[i] then
          return true
        end
      end
    end
    none_complains(c_files, function(path, text)
      for header in text:gmatch("#%s*include%s+<([^>]+)>") do
        for _, rule in ipairs(FOREIGN) do
          if header:find(rule[1]) and not is_allowed(path, rule) then
            return "<" .. header .. "> is not for this floor"
          end
        end
      end
    end)
  end)

  it("touch no socket and no clock outside csrc/sys", function()
    none_complains(c_files, function(path, text)
      return floor_of(path) ~= "sys" and calls(text, SOCKETS_AND_CLOCKS)
    end)
  end)

  it("allocate through base/mem.h alone", function()
    none_complains(c_files, function(path, text)
      return path ~= "csrc/base/mem.c" and
        calls(text, { "malloc", "calloc", "realloc", "free", "strdup", "strndup" })
    end)
  end)

  it("never call Lua from below the binding, and start no process (security row 9)", function()
    none_complains(c_files, function(_, text)
      return calls(text, PROCESSES)
    end)
    none_complains(lua_files, function(_, text)
      return text:gsub("%-%-[^\n]*", ""):match("os%.execute") or text:match("io%.popen")
    end)
  end)
end)

describe("a header", function()
  local headers = tree("csrc", "%.h$")

  it("hides its symbols, and no foreign ones", function()
    none_complains(headers, function(path, text)
      local push = text:find("#pragma GCC visibility push(hidden)", 1, true)
      local pop = text:find("#pragma GCC visibility pop", 1, true)
      local declares = path ~= "csrc/bind/compat.h" and path ~= "csrc/posthorn.h"
      if not push or not pop then
        return declares and "no visibility push and pop"
      elseif text:sub(push, pop):find("#include", 1, true) then
        return "includes between push and pop"
      elseif not text:sub(pop):find("^[^\n]*\n#endif%s*$") then
        return "pop is not the line before #endif"
      end
    end)
  end)

  it("is guarded by its own name", function()
    none_complains(headers, function(path, text)
      local guard = "PH_" .. path:gsub("^csrc/", ""):gsub("[/.]", "_"):upper()
      return not text:find("#ifndef " .. guard .. "\n#define " .. guard .. "\n", 1, true) and
        "wants the guard " .. guard
    end)
  end)
end)

describe("floors of Lua", function()
  local function required(text)
    local names = {}
    for line in lines(text) do
      local name = line:match('^local [%w_, ]+= require%s*%(?%s*"(posthorn[%w_.]*)"')
      names[#names + 1] = name
    end
    return names
  end

  it("require no C module but posthorn.core before it is needed", function()
    none_complains(lua_files, function(_, text)
      for _, name in ipairs(required(text)) do
        local door = name:match("^posthorn%.(%w+)$")
        if door and door ~= "core" and lfs.attributes(("csrc/bind/lph_%s.c"):format(door)) and
          not lfs.attributes(("lua/posthorn/%s.lua"):format(door)) then
          return name .. " at its top"
        end
      end
    end)
  end)

  it("stand one upon the other: no circle of requires", function()
    local wants, seen = {}, {}
    for _, path in ipairs(lua_files) do
      local name = path:match("^lua/(.*)%.lua$"):gsub("/init$", ""):gsub("/", ".")
      wants[name] = required(content(path))
    end
    local function visit(name, trail)
      assert(seen[name] ~= "open", "a circle: " .. trail .. " > " .. name)
      if seen[name] or not wants[name] then
        return
      end
      seen[name] = "open"
      for _, other in ipairs(wants[name]) do
        visit(other, trail .. " > " .. name)
      end
      seen[name] = "done"
    end
    for name in pairs(wants) do
      visit(name, "")
    end
  end)
end)

describe("a file", function()
  it("says in its first line what it is for, and its licence", function()
    none_complains(c_files, function(path, text)
      local comment = text:match("^/%* (.-)%*/") or ""
      local name = path:match("[^/]+$")
      if comment:sub(1, #name + 3) ~= name .. " - " then
        return "wants a first line: /* " .. name .. " - what it is for"
      end
      return not comment:find("SPDX-License-Identifier: MIT", 1, true) and "no SPDX"
    end)
    none_complains(lua_files, function(path, text)
      local comment = {}
      for line in lines((text:gsub("^%-%-%-@meta[^\n]*\n", ""))) do
        if line:sub(1, 2) ~= "--" then
          break
        end
        comment[#comment + 1] = line
      end
      comment = table.concat(comment, "\n")
      local name = path:match("[^/]+$")
      if comment:sub(1, #name + 6) ~= "-- " .. name .. " - " then
        return "wants a first line: -- " .. name .. " - what it is for"
      end
      return not comment:find("SPDX-License-Identifier: MIT", 1, true) and "no SPDX"
    end)
  end)

  it("is not too long, nor is a function", function()
    local function check(_, text)
      local at, start = 0, nil
      for line in lines(text) do
        at = at + 1
        if line == "{" then
          start = at
        elseif line == "}" and start then
          if at - start > LONGEST_FUNCTION then
            return ("a function of %d lines at line %d"):format(at - start, start)
          end
          start = nil
        end
      end
      return at > LONGEST_FILE and at .. " lines"
    end
    none_complains(c_files, check)
    none_complains(lua_files, check)
  end)
end)

describe("a module", function()
  local folder = os.getenv("POSTHORN_BUILD")

  local function said(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("*a")
    pipe:close()
    return text
  end

  -- Sanitizers and profilers add symbols and variables of their own.
  local symbols = said("nm " .. folder .. "/posthorn/core.so")
  if symbols:find("__asan_init", 1, true) or symbols:find("__gcov_", 1, true) then
    return
  end

  it("shows luaopen_* and nothing else", function()
    local modules = tree(folder .. "/posthorn", "%.so$")
    assert.is_true(#modules > 0)
    for _, path in ipairs(modules) do
      for line in lines(said("nm -D --defined-only " .. path)) do
        local name = line:match("%S+$")
        assert(name:find("^luaopen_posthorn_"), path .. " shows " .. name)
      end
    end
  end)

  it("has no variable but the allocator that is set once", function()
    local objects, read, path = tree(folder .. "/obj/csrc", "%.o$"), 0, nil
    for line in lines(said("objdump -t " .. table.concat(objects, " "))) do
      local section, name = line:match(" O (%.%S+)%s+%x+%s+(%S+)$")
      local is_variable = section and not section:find("^%.data%.rel%.ro") and
        (section:find("^%.bss") or section:find("^%.data"))
      if line:find(":%s+file format ") then
        path, read = line, read + 1
      elseif is_variable then
        local allowed = path:find("base/mem.o", 1, true) and name == "function"
        assert(allowed, path .. " has the variable " .. name)
      end
    end
    assert.equal(#objects, read)
  end)
end)
