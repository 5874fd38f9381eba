-- manual_spec.lua - what the manual and the README show as running, runs.
local lfs = require "lfs"

local folder = "lua/posthorn/manual/"

-- The blocks of Lua in a page that begin with the comment "-- runs", each with its line.
local function blocks_of(path)
  local blocks, lines, number, start = {}, nil, 0, nil
  for line in io.lines(path) do
    number = number + 1
    if line == "```lua" then
      lines, start = {}, number
    elseif line == "```" and lines then
      if lines[1] == "-- runs" then
        blocks[#blocks + 1] = { line = start + 1, code = table.concat(lines, "\n") }
      end
      lines = nil
    elseif lines then
      lines[#lines + 1] = line
    end
  end
  assert.is_nil(lines, path .. ": a block of Lua has no end")
  return blocks
end

local function run(path, block)
  local name = ("=%s:%d"):format(path, block.line)
  local fn, problem = (loadstring or load)(block.code, name) -- luacheck: ignore
  assert.is_function(fn, problem)
  fn()
end

local pages = { "README.md" }
for name in lfs.dir(folder) do
  if name:match "%.md$" then pages[#pages + 1] = folder .. name end
end
table.sort(pages)

-- Pages of composing and reading, each with an example that runs.
local with_examples = { "address", "extension", "file", "message", "parse", "raw" }

describe("the manual", function()
  for _, path in ipairs(pages) do
    for _, block in ipairs(blocks_of(path)) do
      it(("runs %s, line %d"):format(path, block.line), function() run(path, block) end)
    end
  end

  it("has an example that runs on each page of composing and in the README", function()
    assert.is_true(#blocks_of "README.md" > 0)
    for _, name in ipairs(with_examples) do
      assert.is_true(#blocks_of(folder .. name .. ".md") > 0, name)
    end
  end)

  it("and the annotations have each field of a message, and no other", function()
    local function contents(path)
      local handle = assert(io.open(path, "rb"))
      local text = handle:read "*a"
      handle:close()
      return text
    end
    local source = contents "lua/posthorn/message.lua":match "local field_names = (%b{})"
    local stub = contents "lua/posthorn/meta/compose.lua":match "@class posthorn.message.fields\n(.-)\n\n"
    local page = contents(folder .. "message.md"):match "| field | type | meaning |\n(.-)\n\n"
    local names, count = {}, 0
    for name in source:gmatch "([%w_]+) = true" do
      names[name], count = true, count + 1
      assert.is_truthy(stub:find("@field " .. name .. "%f[^%w_]"), name)
      assert.is_truthy(page:find("`" .. name .. "`", 1, true), name)
    end
    assert.is_true(count > 15)
    for name in stub:gmatch "@field ([%w_]+)" do assert.is_true(names[name], name) end
  end)

  it("links no page and no example that is not there", function()
    for _, path in ipairs(pages) do
      local handle = assert(io.open(path, "rb"))
      local text = handle:read "*a"
      handle:close()
      for target in text:gmatch "%]%(([^):#]+)%)" do
        local file = io.open((path:match "^.*/" or "") .. target, "rb")
        assert.is_truthy(file, path .. " links " .. target)
        file:close()
      end
      for name in text:gmatch "examples/([%w_]+%.lua)" do
        assert.is_truthy(lfs.attributes("examples/" .. name), path .. " names " .. name)
      end
    end
  end)
end)
