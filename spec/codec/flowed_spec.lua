-- flowed_spec.lua - ph_flowed: text as format=flowed, through posthorn.message.
local message = require("posthorn.message").new
local new_draw = require "spec.codec.draw"
local parse = require("posthorn.parse").parse
local property = require "spec.property"
local vectors = require "spec.codec.vectors"

local function body_of(content, encoding)
  local m = assert(message {
    from = "a@b.example", seed = "s",
    text = { content = content, flowed = true, encoding = encoding },
  })
  local head, body = assert(m:bytes()):match("^(.-\r\n)\r\n(.*)$")
  assert.matches("\r\nContent%-Type: text/plain; charset=utf%-8; format=flowed; delsp=no\r\n", head)
  return body, head
end

-- Its lines as a reader of RFC 3676, 4.1 to 4.6 joins them.
local function unflow(body)
  local lines, open = {}, nil
  for line in body:gmatch("(.-)\r\n") do
    local quotes, text = line:match("^(>*)(.*)$")
    if text:sub(1, 1) == " " then text = text:sub(2) end
    if open and open.quotes == quotes then
      open.text = open.text .. text
    else
      open = { quotes = quotes, text = text }
      lines[#lines + 1] = open
    end
    if text == "-- " or not text:find(" $") then open = nil end
  end
  for i, line in ipairs(lines) do
    lines[i] = line.quotes .. (line.quotes ~= "" and line.text ~= "" and " " or "") .. line.text
  end
  return table.concat(lines, "\n")
end

-- The text as it should come back: blanks at the ends of lines are gone.
local function expected(text)
  text = text:gsub("\r\n", "\n"):gsub("\r", "\n"):gsub("\n +$", "\n"):gsub("\n$", "")
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local quotes, rest = line:match("^(>*)(.*)$")
    if quotes ~= "" then rest = rest:gsub("^ ", "", 1) end
    if rest ~= "-- " then rest = rest:gsub(" +$", "") end
    lines[#lines + 1] = quotes .. (quotes ~= "" and rest ~= "" and " " or "") .. rest
  end
  return table.concat(lines, "\n")
end

local function pull(chunks)
  local i = 0
  return function()
    i = i + 1
    return chunks[i]
  end
end

local pieces = {
  "word", " ", " ", "  ", "\n", "\r\n", ">", "> ", "From", "--", "-- ", "-- \n", "ü", "longer", "\t",
  ("x"):rep(77), ("y"):rep(200), (" "):rep(100), "lorem ipsum dolor sit amet ", ("€"):rep(30), "=",
}

-- What is read of a part with these parameters.
local function read(parameters, body)
  return parse("Content-Type: text/plain; " .. parameters .. "\n\n" .. body):text()
end

describe("ph_flowed_undo", function()
  it("joins lines, and takes stuffing away (RFC 3676, 4.2 to 4.4)", function()
    for body, text in pairs {
      ["a \nb\nc\n"] = "a b\nc\n", [" From x\n  y\n"] = "From x\n y\n", ["a \n\nb\n"] = "a \nb\n",
      [">a \n> b \n>c\n"] = "> a b c\n", [">> a \n> b\nc"] = ">> a \n> b\nc", [">\n> \n>>\n"] = ">\n>\n>>\n",
      ["a \n-- \nb \nc\n"] = "a \n-- \nb c\n", ["> -- \n> a\n"] = "> -- \n> a\n", ["a "] = "a ", [""] = "",
      ["a \r\nb\r\n"] = "a b\r\n", ["> \n> x\n"] = ">\n> x\n", [" > x\n"] = "> x\n",
    } do
      assert.equal(text, read("format=flowed", body), body)
    end
  end)

  it("drops the blank at which a line was broken, with DelSp=yes", function()
    assert.equal("日本語\n> a b\n-- \nx \n", read("Format=Flowed; DelSp=Yes; charset=utf-8",
      "日本 \n語\n> a  \n> b\n-- \nx  \n"))
    assert.equal("日本 語\n", read("format=flowed; delsp=no; charset=utf-8", "日本 \n語\n"))
  end)

  it("is for plain text that says so, and leaves the octets of content alone", function()
    for _, parameters in ipairs { "charset=utf-8", "format=fixed", "x-format=flowed", "delsp=yes" } do
      assert.equal("a \n b\n", read(parameters, "a \n b\n"))
    end
    local root = parse "Content-Type: text/html; format=flowed\n\na \nb"
    assert.equal("a \nb", root:html())
    root = parse "Content-Type: text/plain; format=flowed\n\na \nb"
    assert.equal("a \nb", root:content())
    root = parse "Content-Type: text/plain; format=flowed; charset=iso-8859-1\n\n\252 \n\228"
    assert.equal("ü ä", root:text())
  end)

  it("costs linear time", function()
    for _, piece in ipairs { " ", ">", "a \n", "\r", "\n", "x", "-- \n", ">\n", "> \n", ">> \n> \n" } do
      local before = os.clock()
      assert.is_string(read("format=flowed", piece:rep(math.floor(1000000 / #piece))))
      assert.is_true(os.clock() - before < 1.5, piece)
    end
  end)
end)

describe("ph_flowed", function()
  it("writes the examples of RFC 3676", function()
    for _, vector in ipairs(vectors "flowed") do
      local body = body_of(vector[2], "8bit")
      if not vector[3]:find("\n$") then vector[3] = vector[3] .. "\r\n" end
      assert.equal(vector[3], body, vector[1])
    end
  end)

  it("gives the text back once its lines are joined, each short if it can be", function()
    property.each(3676, 400, function(draw)
      local text = draw.text(pieces, 60)
      for word in text:gmatch("[^ \r\n]+") do
        if #word > 900 then return end -- no line can hold it
      end
      local body, head = body_of(text, "8bit")
      assert.equal(expected(text), unflow(body))
      local ours = parse(head .. "\r\n" .. body):text()
      assert.equal(expected(text), (ours:gsub("\r\n", "\n"):gsub("\n$", "")))
      for line in body:gmatch("(.-)\r\n") do
        local width = #line:gsub("[\128-\191]", "")
        assert(width <= 78 or not line:gsub("^>*%s*", ""):gsub(" $", ""):gsub("^%-%- ", ""):find(" "), line)
      end
    end)
  end)

  it("does the same to what is streamed, however it is cut", function()
    local draw = new_draw(7)
    for _ = 1, 100 do
      local text = draw.text(pieces, 60)
      local whole = body_of(text, "quoted-printable")
      assert.equal(whole, body_of(pull(draw.chunks(text, 7)), "quoted-printable"))
      assert.equal(whole, (body_of(pull { text })))
    end
    local long = ("> " .. ("a b "):rep(5000) .. "\n"):rep(20)
    assert.equal(body_of(long, "quoted-printable"), body_of(pull(draw.chunks(long, 70000)), "quoted-printable"))
  end)

  it("leaves no line over 998 octets, and takes only a boolean, for text alone", function()
    for line in body_of(("x"):rep(5000) .. (">"):rep(2000)):gmatch("(.-)\r\n") do assert.is_true(#line <= 78) end
    for field, fields in pairs {
      ["text.flowed"] = { text = { content = "x", flowed = "yes" } },
      ["html.flowed"] = { html = { content = "x", flowed = true } },
    } do
      fields.from = "a@b.example"
      assert.equal(field, select(3, message(fields)).field)
    end
    assert.is_truthy(message { from = "a@b.example", html = { content = "x", flowed = false } })
  end)

  it("costs linear time", function()
    for _, piece in ipairs { " ", ">", "a ", "\r", "\n", "x", "-- ", "From " } do
      local before = os.clock()
      body_of(piece:rep(math.floor(1000000 / #piece)))
      assert.is_true(os.clock() - before < 1.5, piece)
    end
  end)
end)
