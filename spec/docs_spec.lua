-- docs_spec.lua - what is public is annotated and in the manual, and the manual
-- names nothing that is not there.
local lfs = require "lfs"
local posthorn = require "posthorn"
local options_of = require "posthorn.options"
local sinks = require "posthorn.sink"

local function slurp(path)
  local handle = assert(io.open(path, "rb"))
  local text = handle:read("*a")
  handle:close()
  return text
end

local function folder(path)
  local texts = {}
  for name in lfs.dir(path) do
    if name:sub(1, 1) ~= "." then texts[#texts + 1] = slurp(path .. "/" .. name) end
  end
  return table.concat(texts, "\n")
end

local manual, stubs = folder("lua/posthorn/manual"), folder("lua/posthorn/meta")

-- A complaint about a function's annotation, or nil. One of C has a stub.
local function complaint_of(name, fn)
  local info = debug.getinfo(fn, "S")
  if info.what == "C" then
    local last = name:match("([%w_]+)$")
    return not stubs:find("function [%w_.:]*%f[%w_]" .. last .. "%s*%(") and name .. ": no stub" or nil
  end
  local lines, number = {}, 0
  for line in io.lines((info.source:gsub("^@", ""))) do
    number = number + 1
    if number == info.linedefined then
      if #lines == 0 then return name .. ": no annotation" end
      local comment = table.concat(lines, "\n") .. "\n"
      for parameter in (line:match("%b()") or ""):gmatch("[%a_][%w_]*") do
        if not comment:find("@param " .. parameter .. "%f[^%w_]") then
          return name .. ": parameter " .. parameter .. " is not annotated"
        end
      end
      return nil
    end
    lines = line:find("^%s*%-%-%-") and lines or {}
    if line:find("^%s*%-%-%-") then lines[#lines + 1] = line end
  end
  return name .. ": its line is not there"
end

local function none_complains(name, methods)
  local complaints, count = {}, 0
  for key, value in pairs(methods) do
    if type(value) == "function" and not key:find("^_") then
      count = count + 1
      complaints[#complaints + 1] = complaint_of(name .. "." .. key, value)
    end
  end
  table.sort(complaints)
  assert.equal("", table.concat(complaints, "\n"))
  assert.is_true(count > 0)
end

local function methods_of(object)
  return getmetatable(object).__index
end

-- What is loaded when it is first wanted.
for name in pairs(getmetatable(posthorn).doors) do assert(posthorn[name], name) end

describe("an annotation", function()
  for _, name in ipairs { "posthorn", "address", "tls", "core" } do
    it("is on every function of " .. name, function()
      none_complains(name, name == "posthorn" and posthorn or posthorn[name])
    end)
  end

  it("is on every method of transport, canceller, task and part", function()
    none_complains("transport", methods_of(posthorn.transport("capture:")))
    none_complains("canceller", methods_of(posthorn.canceller()))
    none_complains("part", methods_of(assert(posthorn.parse("\r\n"))))
    posthorn.run(function()
      local task = posthorn.spawn(function() end)
      none_complains("task", methods_of(task))
    end)
  end)

  it("is on every method of a message and a raw", function()
    local raw = assert(posthorn.raw("\r\n", { from = "a@example.org", to = { "b@example.net" } }))
    none_complains("raw", getmetatable(raw))
    none_complains("message", getmetatable(assert(posthorn.message {
      from = "a@example.org", to = "b@example.net", text = "",
    })))
  end)

  it("is on every method of a session", function()
    posthorn.run(function()
      local sink = assert(sinks.new():start())
      local session = assert(posthorn.session { host = "127.0.0.1", port = sink.port })
      none_complains("session", methods_of(session))
      session:close()
      sink:stop()
    end)
  end)

  it("names the options of transports and sends, all and no others", function()
    local fields
    function fields(class)
      local names = {}
      local parent, block = stubs:match("@class " .. class:gsub("%.", "%%.") .. "(:? ?[%w.]*)\n(.-)\n\n")
      assert(block, class)
      if parent ~= "" then names = fields(parent:match "[%w.]+$") end
      for name in block:gmatch("@field ([%w_]+)") do names[name] = true end
      return names
    end
    local transport, send = fields("posthorn.transport.options"), fields("posthorn.send.options")
    for name in pairs(options_of.transport_names) do assert.is_true(transport[name], name) end
    for name in pairs(transport) do
      assert.truthy(options_of.transport_names[name] or name == "url" or name == "respond", name)
    end
    for name in pairs(options_of.send_names) do assert.is_true(send[name], name) end
    for name in pairs(send) do assert.truthy(options_of.send_names[name], name) end
  end)
end)

describe("the manual", function()
  it("names nothing of posthorn that is not there", function()
    for name in manual:gmatch("%f[%w_]posthorn%.([%a_][%w_]*)") do
      assert.truthy(posthorn[name] or pcall(require, "posthorn." .. name), "posthorn." .. name)
    end
  end)

  it("has every function of posthorn", function()
    for name, value in pairs(posthorn) do
      if type(value) == "function" then
        assert.truthy(manual:find("posthorn%." .. name .. "%f[^%w_]"), "posthorn." .. name)
      end
    end
  end)
end)
