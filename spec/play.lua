-- play.lua - SMTP conversations in plain text, played against the client machine.
--
-- A file holds plays; each begins with "== title". Its lines, in their order:
--   options: { ... }     of core.session, before all else
--   S: text              the server says a line (CRLF is added); \r \n \0 \xHH \\ are octets
--   S| text              the same without CRLF
--   S*9: text            the same line nine times
--   C: text              the client must say this line; lines together are all that it says
--   C| text              the same without CRLF
--   E: event key=value   this event must come, its value with these fields ("nil": none)
--   R: address key=value the next of the recipients of the event above
--   P: phase             the session is in this phase
--   do: code             Lua, with `session` and `body(text)`
--   eof, expire          what they say
-- Empty lines and lines that begin with "#" are for the reader.
local core = require "posthorn.core"

local M = {}

local escapes = { r = "\r", n = "\n", t = "\t", ["0"] = "\0", ["\\"] = "\\" }

local function unescape(text)
  local out, at = {}, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c ~= "\\" then
      out[#out + 1] = c
      at = at + 1
    elseif text:sub(at + 1, at + 1) == "x" then
      out[#out + 1] = string.char(tonumber(text:sub(at + 2, at + 3), 16))
      at = at + 4
    else
      out[#out + 1] = assert(escapes[text:sub(at + 1, at + 1)], "unknown escape")
      at = at + 2
    end
  end
  return table.concat(out)
end

-- The steps of a play; S and C lines that stand together are one step.
local function add_line(play, line, number)
  local steps = play.steps
  local last = steps[#steps]
  local function octets(kind, text)
    if last and last.kind == kind then
      last.text = last.text .. text
    else
      steps[#steps + 1] = { kind = kind, text = text, number = number }
    end
  end
  local kind, text = line:match("^(%u)[:|] ?(.*)$")
  local times, repeated = line:match("^S%*(%d+): ?(.*)$")
  if times then
    octets("S", (unescape(repeated) .. "\r\n"):rep(tonumber(times)))
  elseif kind == "S" or kind == "C" then
    octets(kind, unescape(text) .. (line:sub(2, 2) == ":" and "\r\n" or ""))
  elseif kind == "E" or kind == "R" or kind == "P" then
    steps[#steps + 1] = { kind = kind, text = text, number = number }
  elseif line:find("^do: ") then
    steps[#steps + 1] = { kind = "do", text = line:sub(5), number = number }
  elseif line == "eof" or line == "expire" then
    steps[#steps + 1] = { kind = line, number = number }
  else
    error(("%s:%d: what is '%s'?"):format(play.file, number, line))
  end
end

---Reads the plays of a file.
---@param path string
---@return table[] plays
function M.read(path)
  local plays, number, play = {}, 0, nil
  for line in io.lines(path) do
    number = number + 1
    local title = line:match("^== (.*)$")
    if title then
      play = { title = title, file = path, options = "{}", steps = {} }
      plays[#plays + 1] = play
    elseif line:find("^options: ") then
      play.options = line:sub(10)
    elseif line ~= "" and not line:find("^#") then
      add_line(play, line, number)
    end
  end
  return plays
end

local function evaluate(code, environment)
  local chunk
  if setfenv then -- luacheck: ignore
    chunk = assert(loadstring(code)) -- luacheck: ignore
    setfenv(chunk, environment) -- luacheck: ignore
  else
    chunk = assert(load(code, code, "t", environment))
  end
  return chunk()
end

-- An event's value as one line: the same for equal values.
local function show(value)
  if type(value) ~= "table" then return tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(keys) do parts[i] = tostring(key) .. "=" .. show(value[key]) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

-- Steps: each is given the run and the step.
local actions = {}

function actions.S(run, step)
  local text = step.text
  local at = 1
  while at <= #text do
    local n = run.cut(#text - at + 1)
    run.session:feed(text:sub(at, at + n - 1))
    run.session:pending()
    run.session:deadline()
    at = at + n
  end
end

function actions.C(run, step)
  local said = {}
  local output = run.session:output()
  while #output > 0 do
    local n = run.cut(#output)
    said[#said + 1] = output:sub(1, n)
    run.session:consume(n)
    output = run.session:output()
  end
  run.check(table.concat(said) == step.text,
    ("the client said %q, not %q"):format(table.concat(said), step.text))
end

local function check_fields(run, value, fields)
  for key, wanted in fields:gmatch("([%w_]+)=(%S*)") do
    local given
    if type(value) == "table" then given = value[key] end
    given = tostring(given)
    run.check(given:gsub(" ", "_") == wanted,
      ("%s is %s, not %s, in %s"):format(key, given, wanted, show(value)))
  end
end

function actions.E(run, step)
  local event, value = run.session:next()
  local name, fields = step.text:match("^(%S+) ?(.*)$")
  run.check(tostring(event) == name,
    ("event %s %s, not %s"):format(tostring(event), show(value), name))
  run.events[#run.events + 1] = name .. " " .. (name == "want_body" and "" or show(value))
  run.value, run.recipient = value, 0
  check_fields(run, value, fields)
end

function actions.R(run, step)
  local address, fields = step.text:match("^(%S+) ?(.*)$")
  run.recipient = run.recipient + 1
  local record = run.value and run.value.recipients and run.value.recipients[run.recipient]
  run.check(record and record.address == address,
    ("recipient %d is %s"):format(run.recipient, show(record)))
  check_fields(run, record, fields)
end

function actions.P(run, step)
  run.check(run.session:phase() == step.text, "the phase is " .. run.session:phase())
end

actions["do"] = function(run, step)
  evaluate(step.text, setmetatable({ session = run.session, core = core }, { __index = _G }))
end

function actions.eof(run)
  run.session:feed_eof()
end

function actions.expire(run)
  run.session:expire()
end

---Plays once. cut(n) tells how many of n octets go at a time.
---@param play table
---@param cut fun(n: integer): integer
---@return string[] events each with its value, as text
function M.run(play, cut)
  local session = assert(core.session(evaluate("return " .. play.options, {})))
  local run = { session = session, cut = cut, events = {} }
  local step
  function run.check(condition, text)
    if not condition then
      error(("%s:%d: %s"):format(play.file, step.number, text), 0)
    end
  end
  for _, one in ipairs(play.steps) do
    step = one
    actions[one.kind](run, one)
  end
  local event, value = session:next()
  run.check(event == nil, ("at the end comes %s %s"):format(tostring(event), show(value)))
  run.check(session:output() == "", "at the end the client says more")
  session:close()
  return run.events
end

return M
