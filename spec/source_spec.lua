-- source_spec.lua - bodies that are streamed: handles, pull functions, their faults.
local core = require "posthorn.core"
local files = require "posthorn.file"
local messages = require "posthorn.message"
local parse = require("posthorn.parse").parse
local sources = require "posthorn.source"
local message = messages.new

local function fields(more)
  local all = { from = "a@b.example", to = "c@d.example", seed = "s" }
  for name, value in pairs(more) do all[name] = value end
  return all
end

-- A pull function that gives these chunks.
local function pull(chunks, ...)
  local i, ending = 0, { ... }
  return function()
    i = i + 1
    if chunks[i] ~= nil then return chunks[i] end
    return nil, ending[1], ending[2]
  end
end

local function temporary(text)
  local path = os.tmpname()
  local handle = assert(io.open(path, "wb"))
  handle:write(text)
  handle:close()
  return path
end

local function content_of(bytes, i)
  local root = parse(bytes)
  return (i and root.parts[i] or root):content()
end

describe("a source", function()
  it("gives the same octets wherever its chunks are cut (E4)", function()
    local text = "a\r\n.b\rc\n\n.\r\n..\r\ndü €\r\r\n. \nFrom x\nend "
    local normal = text:gsub("\r\n", "\n"):gsub("\r", "\n"):gsub("\n", "\r\n")
    for _, encoding in ipairs { "quoted-printable", "base64", "8bit" } do
      local whole = assert(message(fields { text = { content = text, encoding = encoding } })):bytes()
      for i = 0, #text do
        for k = i, #text, 7 do
          local chunks = { text:sub(1, i), text:sub(i + 1, k), text:sub(k + 1) }
          local m = assert(message(fields { text = { content = pull(chunks), encoding = encoding } }))
          assert.equal(whole, m:bytes())
        end
      end
      assert.equal(normal, (content_of(whole):gsub("end \r\n$", "end ")))
    end
    local data = ("\0\r\n\255"):rep(40)
    local whole = message(fields { attachments = { { content = data } } }):bytes()
    for i = 0, #data do
      local m = message(fields { attachments = { { content = pull { data:sub(1, i), data:sub(i + 1) } } } })
      assert.equal(whole, m:bytes())
    end
  end)

  it("of any length is streamed in pieces", function()
    local chunk, n = ("0123456789abcdef"):rep(8192), 0
    local m = assert(message(fields {
      text = "See below.\n",
      attachments = { { filename = "big", size = 64 * #chunk, content = function()
        n = n + 1
        return n <= 64 and chunk or nil
      end } },
    }))
    local total, longest = m:size(), 0
    local read = assert(m:chunks())
    local size = 0
    for piece in read do
      size = size + #piece
      longest = math.max(longest, #piece)
    end
    assert.equal(total, size)
    assert.is_true(longest <= 65536)
    assert.is_nil(read())
  end)

  it("has no size until it is told", function()
    assert.is_nil(message(fields { attachments = { { content = pull { "a" } } } }):size())
    assert.is_nil(message(fields { text = pull { "a" } }):size())
    local m = message(fields { attachments = { { content = pull { "a" }, size = 1 } } })
    assert.equal(m:size(), #m:bytes())
  end)

  it("that misses its size ends in io (E5)", function()
    for _, size in ipairs { 0, 4, 6, 100000 } do
      local m = assert(message(fields { attachments = { { content = pull { "ab", "cde" }, size = size } } }))
      local bytes, text, failure = m:bytes()
      assert.is_nil(bytes)
      assert.matches("size", text)
      assert.equal("io", failure.kind)
      assert.equal("temporary", failure.class)
      assert.equal("content", failure.phase)
    end
    for _, size in ipairs { -1, 1.5, "5", true } do
      local _, _, failure = message(fields { attachments = { { content = pull {}, size = size } } })
      assert.equal("invalid", failure.kind)
      assert.equal("attachments[1].size", failure.field)
    end
    assert.equal("text.size", select(3, message(fields { text = { content = "abc", size = 4 } })).field)
  end)

  it("that fails ends in io, of the class that it says (E5)", function()
    local cases = {
      { "temporary", "the disk is gone" },
      { "permanent", { class = "permanent", message = "the disk is gone" } },
      { "permanent", "the disk is gone", { class = "permanent" } },
      { "temporary", { 5 } },
      { "temporary", false },
    }
    for _, case in ipairs(cases) do
      local m = assert(message(fields {
        text = "x", attachments = { { content = pull({ "abc" }, case[2], case[3]) } },
      }))
      local pieces = {}
      local read = m:chunks(10)
      local text, failure
      repeat
        local piece
        piece, text, failure = read()
        pieces[#pieces + 1] = piece
      until not piece
      assert.equal("io", failure.kind)
      assert.equal(case[1], failure.class)
      assert.equal("attachments[1].content", failure.field)
      assert.is_nil(table.concat(pieces):find("%-%-\r\n$"))
      assert.matches("^the source failed", text)
    end
  end)

  it("that raises ends in io wherever it is read, whatever it raises (E12)", function()
    local nameless = setmetatable({}, { __tostring = function() error "worse" end })
    local cases = {
      [nameless] = "an error without words", [7] = "7", [false] = "false",
      ["x.lua:1: the disk\nis gone"] = "x.lua:1: the disk is gone",
    }
    local function drain(read, text, failure)
      while read do
        local chunk
        chunk, text, failure = read()
        if not chunk then break end
      end
      return nil, text, failure
    end
    local calls = {
      bytes = function(m) return m:bytes() end,
      chunks = function(m) return drain(m:chunks(10)) end,
      write = function(m) return m:write(assert(io.open("/dev/null", "w"))) end,
    }
    for problem, words in pairs(cases) do
      for _, call in pairs(calls) do
        local given = false
        local m = assert(message(fields { text = "x", attachments = { { content = function()
          if given then error(problem, 0) end
          given = true
          return "abc"
        end } } }))
        assert.is_nil(m:size())
        local value, text, failure = call(m)
        assert.is_nil(value)
        assert.equal("the source raised an error: " .. words, text)
        assert.same({ "io", "temporary", "attachments[1].content" }, { failure.kind, failure.class, failure.field })
      end
    end
  end)

  it("that gives no string is an io failure", function()
    for _, chunk in ipairs { 5, true, {} } do
      local _, _, failure = message(fields { text = pull { chunk } }):bytes()
      assert.equal("io", failure.kind)
    end
    local _, _, failure = message(fields { text = function() return "" end }):bytes()
    assert.equal("io", failure.kind)
    assert.equal("a", (content_of(message(fields { text = pull { "", "a", "", "" } }):bytes()):gsub("\r\n", "")))
  end)

  it("is read once, unless it is a file or a handle that knows its place", function()
    local m = assert(message(fields { text = pull { "once" } }))
    assert.is_string(m:bytes())
    for _ = 1, 2 do
      local bytes, _, failure = m:bytes()
      assert.is_nil(bytes)
      assert.equal("io", failure.kind)
      assert.is_nil(m:open { eight_bit = true })
    end
    local path = temporary("file\n")
    local pipe = io.popen("cat " .. path)
    m = assert(message(fields { text = pipe, html = files.new(path) }))
    assert.is_string(m:bytes())
    assert.equal("io", select(3, m:bytes()).kind)
    pipe:close()
    local handle = io.open(path, "rb")
    handle:read(2)
    m = assert(message(fields { text = handle }))
    assert.equal("le\r\n", content_of(m:bytes()))
    local one, other = m:chunks(1), m:chunks(1) -- at once
    local seen = {}
    for octet in one do
      seen[#seen + 1] = octet
      assert.equal(octet, other())
    end
    assert.equal(m:bytes(), table.concat(seen))
    handle:close()
    m = assert(message(fields { html = files.new(path) }))
    assert.equal(m:bytes(), m:bytes())
    os.remove(path)
  end)

  it("leaves a handle where it was found, for the next message", function()
    local handle = io.tmpfile()
    handle:write("headers\n", ("body "):rep(50000))
    handle:seek("set", 8)
    for _ = 1, 2 do
      local m = assert(message {
        from = "a@b.example", to = "c@d.example", attachments = { { content = handle } },
      })
      assert.equal(("body "):rep(50000), parse(assert(m:bytes())):content())
      assert.equal(8, handle:seek("cur"))
    end
    handle:close()
  end)

  it("streams a handle from where it stands, and knows how much is left", function()
    local path = temporary("skipped" .. ("x"):rep(200000))
    local handle = io.open(path, "rb")
    handle:read(7)
    local m = assert(message(fields { attachments = { { content = handle } } }))
    assert.equal(m:size(), #m:bytes())
    handle:close()
    handle = io.open(path, "rb")
    m = assert(message(fields { attachments = { { content = handle } } }))
    handle:close()
    assert.equal("io", select(3, m:bytes()).kind)
    assert.equal("io", select(3, message(fields { text = handle })).kind)
    os.remove(path)
    local pipe = io.popen("printf 'from a pipe'")
    m = assert(message(fields { text = pipe }))
    assert.is_nil(m:size())
    assert.equal("from a pipe\r\n", content_of(m:bytes()))
    pipe:close()
  end)

  it("of text must be UTF-8, wherever it is cut", function()
    local function read(chunks, encoding)
      return message(fields { html = { content = pull(chunks), encoding = encoding } }):bytes()
    end
    for _, chunks in ipairs { { "\226", "\130", "\172" }, { "a\195", "\188b" }, { "\240\159", "\152\128" } } do
      assert.is_string(read(chunks))
    end
    for _, chunks in ipairs {
      { "\226", "\130" }, { "a\195", "b" }, { "\255" }, { "\226\130", "", "abcdef" },
      { "a\192\175bcdef" },
    } do
      local bytes, _, failure = read(chunks)
      assert.is_nil(bytes)
      assert.equal("invalid", failure.kind)
      assert.equal("html", failure.field)
    end
    assert.equal("invalid", select(3, read({ "ü" }, "7bit")).kind)
    assert.equal("invalid", select(3, read({ ("x"):rep(600), ("x"):rep(600) }, "7bit")).kind)
    assert.is_string(read({ ("x"):rep(600), "\n", ("x"):rep(600) }, "7bit"))
  end)

  it("may yield", function()
    local m = assert(message(fields { text = function() return coroutine.yield("wait") end }))
    local thread = coroutine.create(function() return m:bytes() end)
    assert.same({ true, "wait" }, { coroutine.resume(thread) })
    assert.same({ true, "wait" }, { coroutine.resume(thread, "abc") })
    local _, bytes = coroutine.resume(thread, nil)
    assert.matches("\r\n\r\nabc\r\n$", bytes)
  end)

  it("of a message inside another is read in its place", function()
    local inner = assert(message(fields { text = pull { "inner" } }))
    local outer = assert(message(fields {
      text = pull { "outer" }, attachments = { { content = inner }, { content = pull { "last" } } },
    }))
    local root = parse(outer:bytes())
    assert.equal("outer", root.parts[1]:content())
    assert.matches("\r\n\r\ninner", root.parts[2]:content())
    assert.equal("last", root.parts[3]:content())
    assert.equal("io", select(3, inner:bytes()).kind)
  end)

  it("tells what it is", function()
    assert.equal("function", sources.kind(print))
    assert.equal("handle", sources.kind(io.stdout))
    assert.equal("file", sources.kind(files.new("x")))
    for _, value in ipairs { 5, true, {}, "x", coroutine.create(function() end) } do
      assert.is_nil(sources.kind(value))
    end
  end)
end)

describe("message:write", function()
  it("writes all octets to a handle, and tells when that fails", function()
    local m = assert(message(fields { text = ("line\n"):rep(50000) }))
    local path = os.tmpname()
    local handle = io.open(path, "wb")
    assert.is_true(m:write(handle))
    handle:close()
    handle = io.open(path, "rb")
    assert.equal(m:bytes(), handle:read("*a"))
    local ok, _, failure = m:write(handle) -- open for reading alone
    assert.is_nil(ok)
    assert.equal("io", failure.kind)
    assert.matches("^the message cannot be written: Bad file", failure.message)
    handle:close()
    os.remove(path)
    ok, _, failure = m:write { write = function() error "the pipe is gone" end }
    assert.is_nil(ok)
    assert.equal("io", failure.kind)
    assert.matches("the pipe is gone", failure.message)
  end)

  it("writes what is streamed from files and pipes, to a file and to what writes like one", function()
    local octets = {}
    for i = 1, 90000 do octets[i] = ("%05d"):format(i) end
    octets = table.concat(octets)
    local path = temporary(octets)
    local pipe = io.popen("cat " .. path)
    local m = assert(message(fields {
      attachments = { files.new(path), { content = octets }, { content = pipe } },
    }))
    local out = io.tmpfile()
    assert.is_true(m:write(out))
    pipe:close()
    out:seek("set", 0)
    local root = parse(out:read("*a"))
    out:close()
    for i = 1, 3 do assert.equal(octets, root.parts[i]:content()) end
    m = assert(message(fields { attachments = { files.new(path) } }))
    local pieces = {}
    local like_one = { write = function(_, piece)
      pieces[#pieces + 1] = piece
      return true
    end }
    assert.is_true(m:write(like_one))
    assert.equal(m:bytes(), table.concat(pieces))
    os.remove(path)
  end)

  it("ends with the failure of a source", function()
    local m = assert(message(fields { attachments = { { content = pull({ "abc" }, "gone") } } }))
    local out = io.tmpfile()
    local ok, text, failure = m:write(out)
    assert.is_nil(ok)
    assert.equal("the source failed: gone", text)
    assert.equal("attachments[1].content", failure.field)
    out:close()
  end)
end)

describe("posthorn.core.chunk", function()
  it("holds what was read last, and tells the end and what is wrong", function()
    local chunk, handle = core.chunk(), io.tmpfile()
    assert.matches("^posthorn.core.chunk: ", tostring(chunk))
    assert.equal("", chunk:octets())
    handle:write(("x"):rep(131072), "last")
    handle:seek("set", 0)
    assert.equal(131072, chunk:read(handle))
    assert.equal(("x"):rep(131072), chunk:octets())
    assert.equal(4, chunk:read(handle))
    assert.equal("last", chunk:octets())
    assert.is_nil(chunk:read(handle))
    assert.equal(0, select("#", chunk:read(handle)))
    handle:close()
    assert.has_error(function() chunk:read(handle) end)
    assert.has_error(function() chunk:read("x") end)
    handle = io.open(".", "rb") -- a directory opens, and cannot be read
    local octets, problem = chunk:read(handle)
    assert.is_nil(octets)
    assert.matches("directory", problem)
    assert.equal("", chunk:octets())
    handle:close()
  end)

  it("is what a raw check takes too", function()
    local chunk, handle = core.chunk(), io.tmpfile()
    handle:write("Subject: x\r\n\r\nbare\nLF\r\n")
    handle:seek("set", 0)
    chunk:read(handle)
    handle:close()
    assert.equal("invalid", select(3, core.raw_check(false):feed(chunk)).kind)
    assert.has_error(function() core.raw_check(false):feed(handle) end)
  end)
end)
