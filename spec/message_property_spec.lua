-- message_property_spec.lua - messages drawn at random: what was given is what posthorn.parse reads
-- in their octets, and those keep the rules of RFC 5322 and RFC 2045 to 2047.
local message = require("posthorn.message").new
local parse = require("posthorn.parse").parse
local property = require "spec.property"
local reread = require "spec.mime.reread"

local words = {
  "a", "word", " ", " ", "  ", "ü", "€uro", "日本", "\240\159\152\128", "=?utf-8?q?x?=", "=?", "?=", '"', "\\", "'",
  ",", ";", ":", "<", ">", "@", "(", ")", "%", "*", "=", "_", "?", ".", "Grüße", "[", "]", "/",
  "longer-words", ("x"):rep(70), ("y"):rep(300), ("ü"):rep(60),
}

local lines = {
  "text", " ", "\n", "\r\n", "\r", ".", "--", "--=_", "From ", "ü", "=", "\t", "  \n", "\n\n", "\0", "\27",
  ("x"):rep(600), ("ü"):rep(500), "lorem ipsum dolor sit amet, ", "\n.\n", "\n--=_0123456789abcdef\n",
}

-- Text of a header: one without blanks at its ends, since no reader keeps those of a phrase.
local function words_of(draw, most)
  return (draw.text(words, most):gsub("^ +", ""):gsub(" +$", ""))
end

local function mailbox(draw)
  local name = words_of(draw, 8)
  return {
    name = name ~= "" and name or nil,
    address = ("%s@x%d.example"):format(draw.number(0, 1) == 0 and "ada" or '"a b"', draw.number(0, 9)),
  }
end

local function mailboxes(draw)
  local list = {}
  for i = 1, draw.number(1, 4) do list[i] = mailbox(draw) end
  return list
end

local function attachment(draw)
  local filename = words_of(draw, 10)
  return {
    content = draw.number(0, 1) == 0 and draw.octets(300) or draw.text(lines, 10),
    filename = filename ~= "" and filename or nil,
    type = ({ nil, "text/csv", "application/x-any; a=b", "image/png" })[draw.number(1, 4)],
  }
end

local function draw_fields(draw)
  local fields = {
    from = mailbox(draw), to = mailboxes(draw), cc = draw.number(0, 2) == 0 and mailboxes(draw) or nil,
    subject = draw.text(words, 20), headers = { { "X-Any", draw.text(words, 20) } }, seed = "s",
    text = draw.number(0, 3) > 0 and draw.text(lines, 20) or nil,
    html = draw.number(0, 1) > 0 and draw.text(lines, 20) or nil, attachments = {},
    encoding = draw.number(0, 4) == 0 and ({ "quoted-printable", "base64", "binary" })[draw.number(1, 3)] or nil,
  }
  for i = 1, draw.number(0, 3) do fields.attachments[i] = attachment(draw) end
  return fields
end

local function normal(text)
  return (text:gsub("\r\n", "\n"):gsub("\r", "\n"):gsub("\n", "\r\n"))
end

-- Text that travels as it is has a line end more where it ends the message.
local function check_text(expected, found)
  expected = normal(expected)
  if expected ~= found then assert.equal(expected .. "\r\n", found) end
end

local function check_header_line(line)
  -- A longer one is a single token, which nothing may break.
  if not line:find('"', 1, true) then
    assert(#line <= 78 or not line:gsub("^ +", ""):find("[^:] +[^ ]"), line)
  end
  if line:find("=?utf-8?", 1, true) then
    assert(#line <= 76, line)
    for word in line:gmatch("=%?utf%-8%?[QB]%?[^? ]*%?=") do assert(#word <= 75, word) end
  end
end

local function check_octets(bytes)
  assert.equal("\r\n", bytes:sub(-2))
  local is_header = true
  for line in bytes:gmatch("(.-)\r\n") do
    assert(#line <= 998 and not line:find("[\r\n]"), line)
    if line == "" then is_header = false end
    if is_header then check_header_line(line) end
  end
end

-- No part holds the delimiter that ends it: each stands there once for a part, and at the end.
local function check_boundaries(bytes, part)
  if #part.parts == 0 then return end
  local boundary, count = "--" .. part.parameters.boundary, 0
  for line in ("\r\n" .. bytes):gmatch("\r\n(%-%-[^\r]*)") do
    if line:sub(1, #boundary) == boundary then count = count + 1 end
  end
  assert.equal(#part.parts + 1, count)
  for _, inner in ipairs(part.parts) do check_boundaries(bytes, inner) end
end

local function check_attachment(given, part)
  assert.equal(given.filename, part.filename)
  local content = part:content()
  if content ~= given.content then assert.equal(given.content .. "\r\n", content) end
  if given.type then assert.equal(given.type:match("^[^;]+"), part.type) end
end

local function check_message(fields)
  local m = assert(message(fields))
  local bytes = assert(m:bytes())
  check_octets(bytes)
  assert.equal(#bytes, m:size())
  local root = parse(bytes)
  check_boundaries(bytes, root)
  assert.equal(fields.subject, root:header("Subject"))
  assert.equal(fields.headers[1][2], root:header("X-Any"))
  assert.same({ fields.from }, root:addresses("From"))
  assert.same(fields.to, root:addresses("To"))
  if fields.cc then assert.same(fields.cc, root:addresses("Cc")) end
  if fields.text then check_text(fields.text, root:text()) end
  if fields.html then check_text(fields.html, root:html()) end
  local first = fields.text or fields.html
  if first then
    local found = root:attachments()
    assert.equal(#fields.attachments, #found)
    for i, given in ipairs(fields.attachments) do check_attachment(given, found[i]) end
  end
  return m, bytes
end

describe("any message", function()
  it("is read back as it was given, and keeps the rules", function()
    property.each(5322, 300, function(draw) check_message(draw_fields(draw)) end)
  end)

  it("holds no octet above 7F for a server without 8BITMIME, and says the same", function()
    property.each(6152, 100, function(draw)
      local fields = draw_fields(draw)
      local m = assert(message(fields))
      local reader = assert(m:open { eight_bit = false, smtputf8 = false })
      local bytes = reader.machine:output()
      if #bytes < 60000 then
        assert.is_nil(bytes:find("[\128-\255]"))
        assert.equal(reader.size, #bytes)
        local root = parse(bytes)
        if fields.text then check_text(fields.text, root:text()) end
        if fields.html then check_text(fields.html, root:html()) end
      end
      reader.close()
    end)
  end)

  it("is read by Python's email as it was meant", function()
    local draw = property.random(2047)
    for _ = 1, math.max(3, math.min(50, math.floor(property.count(300) / 100))) do
      local fields = draw_fields(draw)
      fields.text = fields.text or "x"
      local found = reread(message(fields):bytes())
      assert.same({}, found.defects)
      -- Where a long word does not fit behind the name, Python keeps the blank before it.
      local subject = found.headers.subject
      assert.is_true(subject == fields.subject or subject == " " .. fields.subject)
      local attachments = {}
      for _, part in ipairs(found) do
        if part.disposition == "attachment" then attachments[#attachments + 1] = part end
      end
      assert.equal(#fields.attachments, #attachments)
      for i, given in ipairs(fields.attachments) do
        assert.equal(given.filename or "None", attachments[i].filename)
      end
    end
  end)
end)
