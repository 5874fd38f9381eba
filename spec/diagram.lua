-- diagram.lua - the session's phases as a graph for Graphviz: make diagram.
-- Nodes are the rows of the table in csrc/smtp/session.c; edges are what a
-- session does when the plays of spec/plays are run octet by octet.
local core = require "posthorn.core"
local lfs = require "lfs"
local play = require "spec.play"
local test = require "posthorn.test"

local M = {}

---The phases in the order of the table: { name, seconds, acts, hears }. Rows that
---share a name (EHLO and HELO) are one.
---@return table[]
function M.phases()
  local phases, known = {}, {}
  for _, row in ipairs(test.session_rows()) do
    if not known[row.name] then phases[#phases + 1] = row end
    known[row.name] = true
  end
  return phases
end

-- A session that tells each change of its phase.
local function watched(session, tell)
  local phase = session:phase()
  local function look(...)
    local now = session:phase()
    if now ~= phase then tell(phase, now) end
    phase = now
    return ...
  end
  return setmetatable({}, { __index = function(_, name)
    return function(_, ...)
      if name == "close" then return session:close() end
      return look(session[name](session, ...))
    end
  end })
end

---The changes of phase that the plays show: edges[from][to] = true.
---@return table<string, table<string, boolean>>
function M.edges()
  local edges, new_session = {}, core.session
  local function tell(from, to)
    edges[from] = edges[from] or {}
    edges[from][to] = true
  end
  core.session = function(options)
    local session, message, failure = new_session(options)
    if not session then return nil, message, failure end
    return watched(session, tell)
  end
  local ok, err = pcall(function()
    for name in lfs.dir("spec/plays") do
      for _, one in ipairs(name:find("%.play$") and play.read("spec/plays/" .. name) or {}) do
        play.run(one, function() return 1 end)
      end
    end
  end)
  core.session = new_session
  if not ok then error(err, 0) end
  return edges
end

---The graph as dot text.
---@return string
function M.dot()
  local phases, edges, lines = M.phases(), M.edges(), { "digraph session {", "  node [shape=box];" }
  for _, row in ipairs(phases) do
    local label = row.name .. (row.seconds > 0 and ("\\n%g s"):format(row.seconds) or "")
    local shape = row.acts or row.hears
    lines[#lines + 1] = ('  "%s" [label="%s"%s];'):format(row.name, label,
      shape and "" or ", style=rounded")
  end
  for _, from in ipairs(phases) do
    for _, to in ipairs(phases) do
      if edges[from.name] and edges[from.name][to.name] then
        lines[#lines + 1] = ('  "%s" -> "%s"%s;'):format(from.name, to.name,
          to.name == "failed" and " [style=dotted]" or "")
      end
    end
  end
  lines[#lines + 1] = "}\n"
  return table.concat(lines, "\n")
end

return M
