-- raw_spec.lua - posthorn.raw: finished octets.
local files = require "posthorn.file"
local raws = require "posthorn.raw"
local messages = require "posthorn.message"
local raw = raws.new

local envelope = { from = "a@b.example", to = { "c@d.example" } }
local mail = "Subject: x\r\n\r\n.\r\n..\r\nbody\r\n"

local function pull(...)
  local chunks, i = { ... }, 0
  return function()
    i = i + 1
    return chunks[i]
  end
end

local function refused(body, options, kind)
  local letter, text, failure = raw(body, envelope, options)
  if letter then
    letter, text, failure = letter:bytes()
  end
  assert.is_nil(letter)
  assert.is_string(text)
  assert.equal(kind or "invalid", failure.kind)
  assert.equal("body", failure.field)
end

describe("posthorn.raw", function()
  it("sends octets as they are, not dot-stuffed", function()
    local letter = assert(raw(mail, envelope))
    assert.equal(mail, letter:bytes())
    assert.equal(#mail, letter:size())
    assert.same(envelope, letter:envelope())
    assert.is_nil(letter.id)
    assert.equal(mail, raw(pull(mail:sub(1, 11), mail:sub(12)), envelope):bytes())
    assert.same({ smtputf8 = false, eight_bit = false }, letter:needs())
  end)

  it("keeps the null sender, and copies the envelope (E10)", function()
    local given = { from = "", to = { "c@d.example", { address = "e@f.example" } } }
    local letter = assert(raw(mail, given))
    given.to[1] = "x@y.example"
    assert.same({ from = "", to = { "c@d.example", { address = "e@f.example" } } }, letter:envelope())
  end)

  it("adds the last line end alone (E3)", function()
    for _, body in ipairs { "", ".", "a", "\r\n", ".\r\n", "a\r\n.", "a\r\n..\r\n" } do
      local expected = (body == "" or not body:find("\n$")) and body .. "\r\n" or body
      local letter = assert(raw(body, envelope))
      assert.equal(expected, letter:bytes())
      assert.equal(#expected, letter:size())
      assert.equal(expected, raw(pull(body), envelope):bytes())
    end
  end)

  it("refuses bare CR, bare LF, NUL and long lines, in a string and at every cut (E3, E7)", function()
    local bad = { "a\nb", "a\rb", "\n.\n", "\r.\r\n", "a\r", "\0", "a\r\r\n", "\n", ("x"):rep(999) }
    for _, body in ipairs(bad) do
      refused(body)
      for i = 0, math.min(#body, 20) do refused(pull(body:sub(1, i), body:sub(i + 1))) end
    end
    assert.is_truthy(raw(("x"):rep(998), envelope))
  end)

  it("makes CRLF of Unix line ends, when told so", function()
    local unix = "Subject: x\n\n.\nbody\n"
    local letter = assert(raw(unix, envelope, { line_ends = "lf" }))
    assert.equal((unix:gsub("\n", "\r\n")), letter:bytes())
    assert.equal(letter:size(), #letter:bytes())
    assert.equal((unix:gsub("\n", "\r\n")), raw(pull(unix), envelope, { line_ends = "lf" }):bytes())
    for _, body in ipairs { "a\r\nb\n", "a\r", "\0\n", ("x"):rep(999) .. "\n" } do
      refused(body, { line_ends = "lf" })
      for i = 0, math.min(#body, 5) do
        refused(pull(body:sub(1, i), body:sub(i + 1)), { line_ends = "lf" })
      end
    end
  end)

  it("needs 8BITMIME for octets above 7F", function()
    local letter = assert(raw("Subject: x\r\n\r\nü\r\n", envelope))
    assert.is_true(letter:needs().eight_bit)
    local reader, _, failure = letter:open { eight_bit = false, smtputf8 = true }
    assert.is_nil(reader)
    assert.equal("5.6.3", failure.enhanced)
    assert.equal("unsupported", failure.kind)
    reader = letter:open { eight_bit = true }
    assert.equal("8bitmime", reader.body)
    reader.close()
    -- A source that nobody looked at before tells so while it is read.
    letter = assert(raw(pull("Subject: x\r\n\r\n", "ü\r\n"), envelope))
    reader = assert(letter:open { eight_bit = false })
    local ok, problem
    repeat
      reader.machine:consume(#reader.machine:output())
      ok, _, problem = reader.attend()
    until not ok
    assert.equal("unsupported", problem.kind)
    assert.equal("", reader.machine:output())
    reader.close()
  end)

  it("needs SMTPUTF8 for UTF-8 in its header, and for none in its body (E17)", function()
    for text, is_unicode in pairs {
      ["Subject: ü\r\n\r\nx\r\n"] = true, ["X: a\r\nTo: ü@x.example"] = true, ["ü"] = true,
      ["A: b\r\n \195\188: folded\r\n\r\n"] = true, ["Subject: x\r\n\r\nü\r\n"] = false,
      ["\r\nü: x\r\n\r\n"] = false, [""] = false, ["A: b\r\n\r\nc\r\n\r\nü"] = false,
    } do
      for _, line_ends in ipairs { "crlf", "lf" } do
        if line_ends == "lf" then text = text:gsub("\r\n", "\n") end
        local letter = assert(raw(text, envelope, { line_ends = line_ends }))
        assert.equal(is_unicode, letter:needs().smtputf8, text)
        local reader, _, failure = letter:open { eight_bit = true, smtputf8 = false }
        assert.equal(is_unicode, reader == nil)
        if is_unicode then assert.equal("unsupported", failure.kind) else reader.close() end
        reader = assert(letter:open { eight_bit = true, smtputf8 = true })
        assert.equal(is_unicode, reader.smtputf8)
        reader.close()
        local outer = messages.new { from = "a@b.example", text = "x", attachments = { { content = letter } } }
        assert.equal(is_unicode, outer:needs().smtputf8)
      end
    end
  end)

  it("knows the size of a file that ends in a line end", function()
    local path = os.tmpname()
    local handle = io.open(path, "wb")
    handle:write(mail)
    handle:close()
    local letter = assert(raw(files.new(path), envelope))
    assert.equal(#mail, letter:size())
    assert.equal(mail, letter:bytes())
    assert.equal(mail, letter:bytes())
    os.remove(path)
    assert.equal("io", select(3, letter:bytes()).kind)
    assert.equal("io", select(3, raw(files.new(path), envelope)).kind)
  end)

  it("may be attached to a message", function()
    local m = assert(messages.new {
      from = "a@b.example", text = "x", attachments = { { content = assert(raw(mail, envelope)) } },
    })
    assert.is_truthy(m:bytes():find(mail, 1, true))
    assert.matches("Content%-Type: message/rfc822\r\n", m:bytes())
  end)

  it("refuses what is no body, and raises for misuse", function()
    for _, body in ipairs { true, 5, {}, coroutine.create(function() end) } do refused(body) end
    for _, arguments in ipairs {
      { mail }, { mail, "x" }, { mail, envelope, 5 }, { mail, envelope, { colour = 1 } },
      { mail, envelope, { line_ends = "cr" } },
    } do
      assert.has_error(function() raw(arguments[1], arguments[2], arguments[3]) end)
    end
  end)

  it("takes the size alone of what a file was given with", function()
    local path = os.tmpname()
    local handle = assert(io.open(path, "wb"))
    handle:write "Subject: x\r\n\r\n"
    handle:close()
    assert.equal("Subject: x\r\n\r\n", assert(raw(files.new(path, { size = 14 }), envelope)):bytes())
    assert.equal("io", select(3, assert(raw(files.new(path, { size = 3 }), envelope)):bytes()).kind)
    for _, name in ipairs { "filename", "type", "cid", "disposition", "encoding" } do
      local ok, problem = pcall(raw, files.new(path, { [name] = "x" }), envelope)
      assert.is_false(ok)
      assert.matches("unknown field '" .. name .. "' of a file as a finished message", problem)
    end
    os.remove(path)
  end)
end)

describe("posthorn.core.raw", function()
  local core = require "posthorn.core"
  local posthorn = require "posthorn"

  -- What is checked in one go is what posthorn.raw finds octet by octet.
  local function agrees(octets)
    local plain = core.raw(octets, envelope)
    local slow = posthorn.raw(octets, envelope, {})
    assert.equal(slow ~= nil and octets:sub(-2) == "\r\n", plain ~= nil, ("%q"):format(octets))
    if plain then assert.equal(octets, plain:octets()) end
  end

  it("takes octets with CRLF line ends and no others, wherever they stand", function()
    for size = 0, 140 do
      local line = ("x"):rep(size)
      for _, tail in ipairs { "\r\n", "\n", "\r", "\r\r\n", "\0\r\n", "\r\n\r\n", "\r\n\n", "é\r\n", "" } do
        agrees(line .. tail)
        agrees(line .. tail .. "y\r\n")
      end
    end
    for size = 990, 1070 do
      agrees(("x"):rep(size) .. "\r\n")
      agrees("a\r\n" .. ("x"):rep(size) .. "\r\nb\r\n")
    end
  end)

  it("takes plain envelopes, and gives them back", function()
    local octets = "Subject: x\r\n\r\nx\r\n"
    for _, given in ipairs { envelope, { from = "", to = { "a@b.example", "c@b.example" } } } do
      assert.same(given, core.raw(octets, given):envelope())
      assert.same(given, assert(posthorn.raw(octets, given)):envelope())
    end
    for _, given in ipairs {
      { from = "a@b.example" }, { from = "a@b.example", to = {} }, { from = "a", to = { "b@c.example" } },
      { from = "a@b.example", to = { "b@c.example", "B@c.example" } },
      { from = "a@b.example", to = { { address = "b@c.example" } } },
      { from = "a@b.example", to = { "b@bücher.example" } }, { from = "é@b.example", to = { "b@c.example" } },
      { from = "a@b.example", to = { [2] = "b@c.example" } }, { from = "a@b.example", to = "b@c.example" },
      { from = "a@b.example\r\n", to = { "b@c.example" } }, { to = { "b@c.example" } },
      setmetatable({ from = "a@b.example", to = { "b@c.example" } }, {}),
      { from = "a@b.example", to = { "b@c.example" }, cc = 1 },
    } do
      assert.is_nil(core.raw(octets, given))
    end
    assert.is_nil(core.raw(1, envelope))
    assert.is_nil(core.raw(octets, 1))
  end)

  it("is a message whole: bytes, size, attached and sent again", function()
    local octets = "Subject: é\r\n\r\n.x\r\n"
    local letter = assert(posthorn.raw(octets, envelope))
    assert.equal(octets, letter:bytes())
    assert.equal(#octets, letter:size())
    assert.same({ smtputf8 = true, eight_bit = true }, letter:needs())
    local transport = posthorn.transport "capture:"
    assert(transport:send(letter))
    assert.equal(octets, transport.messages[1].bytes)
  end)
end)
