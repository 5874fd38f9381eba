-- file_spec.lua - posthorn.file.
local files = require "posthorn.file"
local messages = require "posthorn.message"
local parse = require("posthorn.parse").parse
local message = messages.new

local function fields(more)
  local all = { from = "a@b.example", to = "c@d.example", seed = "s" }
  for name, value in pairs(more) do all[name] = value end
  return all
end

describe("posthorn.file", function()
  local directory, path

  before_each(function()
    directory = os.tmpname()
    os.remove(directory)
    path = directory .. ".Bericht.PDF"
    local handle = assert(io.open(path, "wb"))
    handle:write(("\0\1\2\3"):rep(50000))
    handle:close()
  end)
  after_each(function() os.remove(path) end)

  it("is an attachment by itself, named and typed as its path tells", function()
    local m = assert(message(fields { text = "x", attachments = { files.new(path) } }))
    local size = m:size()
    local bytes = m:bytes()
    assert.equal(size, #bytes)
    local part = parse(bytes).parts[2]
    assert.equal("application/pdf", part.type)
    assert.equal(path:match("[^/]*$"), part.filename)
    assert.equal(("\0\1\2\3"):rep(50000), part:content())
  end)

  it("carries options, which the attachment's own overrule", function()
    local file = files.new(path, { cid = "x", filename = "a.bin", type = "image/x-a" })
    local m = assert(message(fields { html = "x", attachments = { file, { content = file, filename = "b.bin" } } }))
    local root = parse(m:bytes())
    assert.equal("multipart/related", root.type)
    assert.equal("a.bin", root.parts[2].filename)
    assert.equal("b.bin", root.parts[3].filename)
    assert.equal("image/x-a", root.parts[3].type)
    assert.equal("x", root.parts[3].cid)
    m = assert(message(fields { text = files.new(path, { encoding = "base64" }) }))
    assert.is_string(m:header("Content-Transfer-Encoding"))
  end)

  it("as a body carries encoding and size alone, as an alternative its type too", function()
    local handle = assert(io.open(path, "wb"))
    handle:write("abc\n")
    handle:close()
    local function build(more)
      more.from = "a@b.example"
      return message(more)
    end
    for _, field in ipairs { "text", "html" } do
      local file = files.new(path, { encoding = "base64", size = 4 })
      assert.matches("\r\nContent%-Transfer%-Encoding: base64\r\n", build({ [field] = file }):bytes())
      assert.matches("Encoding: base64", build({ [field] = { content = file } }):bytes())
      assert.matches("Encoding: quoted%-printable",
        build({ [field] = { content = file, encoding = "quoted-printable" } }):bytes())
      local _, _, failure = build { [field] = { content = files.new(path, { size = 9 }) } }:bytes()
      assert.equal("io", failure.kind)
      for _, name in ipairs { "filename", "type", "cid", "disposition" } do
        for _, body in ipairs { files.new(path, { [name] = "inline" }),
          { content = files.new(path, { [name] = "inline" }) } } do
          local ok, problem = pcall(build, { [field] = body })
          assert.is_false(ok)
          assert.matches(("unknown field '%s' of a file as the body '%s'"):format(name, field), problem)
        end
      end
    end
    local amp = build { text = "x", alternatives = { { content = files.new(path, { type = "text/x-amp-html" }) } } }
    assert.matches("Content%-Type: text/x%-amp%-html", amp:bytes())
    assert.has_error(function()
      build { alternatives = { { content = files.new(path, { cid = "x" }), type = "text/x-a" } } }
    end)
  end)

  it("may be read many times, also at once", function()
    local m = assert(message(fields { attachments = { files.new(path) } }))
    local whole = m:bytes()
    local one, two, a, b = m:chunks(1000), m:chunks(3333), {}, {}
    repeat
      local x, y = one(), two()
      a[#a + 1], b[#b + 1] = x, y
    until not x and not y
    assert.equal(whole, table.concat(a))
    assert.equal(whole, table.concat(b))
  end)

  it("that is missing, or no file, is io when the message is built", function()
    for _, bad in ipairs { path .. ".none", "/", path .. "\0.pdf" } do
      local m, text, failure = message(fields { attachments = { files.new(bad, { filename = "x" }) } })
      assert.is_nil(m)
      assert.equal("io", failure.kind)
      assert.equal("build", failure.phase)
      assert.equal("attachments[1].content", failure.field)
      assert.is_string(text)
    end
    assert.equal("text", select(3, message(fields { text = files.new(path .. ".none") })).field)
  end)

  it("that was removed or grew since then is io before the last octet", function()
    local m = assert(message(fields { attachments = { files.new(path) } }))
    local handle = io.open(path, "ab")
    handle:write("more")
    handle:close()
    assert.equal("io", select(3, m:bytes()).kind)
    os.remove(path)
    local reader, _, failure = m:open { eight_bit = true }
    assert.is_nil(reader)
    assert.equal("io", failure.kind)
  end)

  it("cannot be forged by what was decoded", function()
    local file = files.new(path)
    local copy = {}
    for key, value in pairs(file) do copy[key] = value end
    assert.same({}, copy)
    assert.is_false(getmetatable(file))
    for _, value in ipairs { { path = path }, { path = path, options = {} }, { __name = "posthorn.file" } } do
      assert.is_nil(files.of(value))
      assert.is_false(pcall(message, fields { attachments = { value } }))
    end
    -- A string is never a path.
    assert.equal(path .. "\r\n", parse(message(fields { text = path }):bytes()):content())
    assert.equal("attachments[1]", select(3, message(fields { attachments = { path } })).field)
  end)

  it("streams a device without believing that it ends", function()
    local m = assert(message(fields { attachments = { files.new("/dev/null") } }))
    assert.is_string(m:bytes())
    m = assert(message(fields { attachments = { files.new("/dev/zero", { size = 100000 }) } }))
    assert.equal("io", select(3, m:bytes()).kind)
  end)

  it("is no list without elements", function()
    for _, field in ipairs { "to", "cc", "references", "headers", "attachments", "alternatives" } do
      local m, _, failure = message(fields { [field] = files.new(path) })
      assert.is_nil(m, field)
      assert.equal(field, failure.field)
    end
  end)

  it("raises for misuse", function()
    for _, arguments in ipairs { {}, { 5 }, { {} }, { "x", 5 }, { "x", { colour = 1 } } } do
      assert.has_error(function() files.new(arguments[1], arguments[2]) end)
    end
    assert.matches("posthorn.file: ", tostring(files.new("x")))
  end)
end)
