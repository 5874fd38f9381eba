-- flowed_spec.lua - ph_flowed: text as format=flowed, through posthorn.message.
local message = require("posthorn.message").new
local new_draw = require "spec.codec.draw"
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
      local body = body_of(text, "8bit")
      assert.equal(expected(text), unflow(body))
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
