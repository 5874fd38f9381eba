-- docs.lua - the annotated functions of the Lua files named, as a page of
-- Markdown: make docs.

-- The signature in a line of code, or nil.
local function signature_of(line)
  local name, parameters = line:match("^%s*function ([%w_.:]+)%s*(%b())")
  return name and name .. parameters
end

local function section(path)
  local title, entries, comment = nil, {}, {}
  for line in io.lines(path) do
    title = title or line:match("^%-%- (%S+ %- .*)")
    if line:find("^%s*%-%-%-") then
      comment[#comment + 1] = line:match("^%s*%-%-%-%s?(.*)")
    else
      -- A class of fields alone has no function below it.
      local signature = signature_of(line) or table.concat(comment, "\n"):match("@class ([%w_.]+)")
      if signature and #comment > 0 then
        entries[#entries + 1] = { signature = signature, comment = comment }
      end
      comment = {}
    end
  end
  return title or path, entries
end

io.write("# Functions of posthorn\n")
for _, path in ipairs(arg) do
  local title, entries = section(path)
  if #entries > 0 then
    io.write("\n## ", path:match("^lua/(.*)%.lua$"), "\n\n", title, "\n")
  end
  for _, entry in ipairs(entries) do
    io.write("\n### `", entry.signature, "`\n\n")
    for _, line in ipairs(entry.comment) do
      -- A tag is a row of a list, anything else is prose.
      io.write((line:gsub("^@(%w+) (.*)", "- *%1* %2")), "\n")
    end
  end
end
