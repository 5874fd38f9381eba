-- structure_spec.lua - how the parts of a message lie in each other: by what is there, no
-- container empty or with one part alone (RFC 2046, 5.1; RFC 2387; RFC 6047).
local files = require "posthorn.file"
local message = require("posthorn.message").new
local parse = require("posthorn.parse").parse
local reread = require "spec.mime.reread"

local ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

local function build(fields)
  fields.from, fields.seed = "a@b.example", "s"
  return message(fields)
end

-- "mixed(alternative(plain html) png)"
local function tree(part)
  if #part.parts == 0 then return part.type:match("/(.*)$") end
  local inner = {}
  for i, one in ipairs(part.parts) do inner[i] = tree(one) end
  return part.type:match("/(.*)$") .. "(" .. table.concat(inner, " ") .. ")"
end

local function tree_of(fields)
  return tree(parse(assert(assert(build(fields)):bytes())))
end

local function refused(field, fields)
  local m, text, failure = build(fields)
  assert.is_nil(m)
  assert.is_string(text)
  assert.equal("invalid", failure.kind)
  assert.equal(field, failure.field)
end

local png = { content = "P", type = "image/png", cid = "logo" }
local pdf = { content = "P", filename = "a.pdf" }
local amp = { content = "<html amp4email>", type = "text/x-amp-html" }

describe("the structure of a message", function()
  it("sees a control or an octet above 7F wherever it stands in a line", function()
    local function encoding(text)
      local m = assert(build { text = text })
      return m:header("Content-Transfer-Encoding")
    end
    for size = 7, 40 do
      assert.equal("7bit", encoding(("~"):rep(size) .. "\t" .. (" "):rep(size) .. "\n"))
      for at = 1, size do
        local before, behind = ("~"):rep(at - 1), (" "):rep(size - at) .. "\n"
        assert.equal("quoted-printable", encoding(before .. "\127" .. behind))
        assert.equal("quoted-printable", encoding(before .. "\31" .. behind))
        assert.equal("8bit", encoding(before .. "\195\164" .. behind))
      end
    end
  end)

  it("follows from what is there", function()
    for expected, fields in pairs {
      plain = { text = "x" },
      html = { html = "x" },
      png = { attachments = { png } },
      ["x-amp-html"] = { alternatives = { amp } },
      ["alternative(plain html)"] = { text = "x", html = "x" },
      ["alternative(plain x-amp-html html)"] = { text = "x", html = "x", alternatives = { amp } },
      ["alternative(plain x-amp-html)"] = { text = "x", alternatives = { amp } },
      ["related(html png)"] = { html = "x", attachments = { png } },
      ["alternative(plain related(html png png))"] = { text = "x", html = "x", attachments = { png, png } },
      ["mixed(plain png)"] = { text = "x", attachments = { png } },
      ["mixed(pdf pdf)"] = { attachments = { pdf, pdf } },
      ["mixed(plain pdf)"] = { text = "x", attachments = { pdf } },
      ["mixed(related(html png) pdf)"] = { html = "x", attachments = { pdf, png } },
      ["mixed(alternative(plain related(html png)) pdf pdf)"] =
        { text = "x", html = "x", attachments = { pdf, png, pdf } },
      ["mixed(alternative(plain calendar) ics)"] = { text = "x", calendar = { content = ics } },
      ["mixed(calendar ics)"] = { calendar = { content = ics } },
      ["mixed(alternative(plain x-amp-html related(html png) calendar) pdf ics)"] = {
        text = "x", html = "x", alternatives = { amp }, attachments = { pdf, png },
        calendar = { content = ics, method = "request" },
      },
    } do
      assert.equal(expected, tree_of(fields))
    end
    assert.equal("plain", tree_of({}))
  end)

  it("tells the calendar's method in the type, and carries it as a file too", function()
    local m = assert(build { text = "x", html = "y", calendar = { content = ics, method = "REQUEST" } })
    local bytes = m:bytes()
    assert.matches("\r\nContent%-Type: text/calendar; charset=utf%-8; method=REQUEST\r\n", bytes)
    assert.matches("\r\nContent%-Type: application/ics; name=invite.ics\r\n"
      .. "Content%-Disposition: attachment; filename=invite.ics\r\n", bytes)
    local found = reread(bytes)
    assert.same({}, found.defects)
    assert.equal(ics, found[5].content)
    assert.equal(ics, found[6].content)
    assert.equal("invite.ics", found[6].filename)
  end)

  it("writes a calendar's lines with CRLF, in the file too (RFC 5545, 3.1)", function()
    for _, text in ipairs { ics:gsub("\r", ""), ics:gsub("\r\n", "\r"), ics:sub(1, -3), (ics:gsub("\r", "")):sub(1, -2) } do
      local root = assert(parse(build({ text = "x", calendar = { content = text } }):bytes()))
      local found = {}
      for _, part in ipairs(root:attachments()) do found[part.type] = part:content() end
      assert.same({ ["application/ics"] = ics }, found)
      assert.equal(ics, root.parts[1].parts[2]:content())
    end
  end)

  it("reads a calendar's source when the message is built, up to 1 MiB", function()
    local path = os.tmpname()
    local handle = assert(io.open(path, "wb"))
    handle:write(ics)
    handle:close()
    local read = assert(io.open(path, "rb"))
    local at = 0
    local function pull()
      at = at + 1
      return at <= #ics and ics:sub(at, at) or nil
    end
    for _, content in ipairs { pull, read, files.new(path), files.new(path, { size = #ics }) } do
      local m = assert(build { calendar = { content = content, method = "REQUEST" } })
      assert.equal(ics, parse(m:bytes()).parts[1]:content())
      assert.equal(m:bytes(), m:bytes())
    end
    read:close()
    local function told(content)
      local m, _, failure = build { calendar = { content = content } }
      assert.is_nil(m)
      assert.equal("calendar.content", failure.field)
      return failure.kind
    end
    assert.equal("io", told(read))
    assert.equal("io", told(function() error "gone" end))
    assert.equal("io", told(function() return nil, "gone" end))
    assert.equal("io", told(files.new(path, { size = 3 })))
    assert.equal("limit", told(function() return ("x"):rep(65536) end))
    refused("calendar.method", { calendar = { content = files.new(path), method = "CANCEL" } })
    os.remove(path)
    assert.equal("io", told(files.new(path)))
    assert.has_error(function() told(files.new(path, { filename = "x" })) end)
  end)

  it("takes a calendar's method from the calendar alone", function()
    local function calendar(text, method) return { calendar = { content = text, method = method } } end
    refused("calendar.method", calendar(ics, "CANCEL"))
    refused("calendar.method", calendar("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "REQUEST"))
    refused("calendar.method", calendar("BEGIN:VCALENDAR\nBEGIN:X\nMETHOD:Y\nEND:X\nEND:VCALENDAR\n"))
    refused("calendar.method", calendar("BEGIN:VCALENDAR\nMETHOD:a b;c\nEND:VCALENDAR\n"))
    refused("calendar.method", calendar("BEGIN:VCALENDAR\nMETHOD:REQUEST;name=x\nEND:VCALENDAR\n"))
    refused("calendar.method", calendar("BEGIN:VCALENDAR\nMETHOD:" .. ("x"):rep(300) .. "\n"))
    refused("calendar.content", calendar("METHOD:REQUEST\n"))
    refused("calendar.content", calendar(ics .. "\255"))
    refused("calendar.content", calendar(true))
    refused("calendar.content", { calendar = {} })
    refused("calendar", { calendar = ics })
    assert.matches("method=PUBLISH", build(calendar("\nbegin:vcalendar\nmethod:PUBLISH \n")):bytes())
    assert.has_error(function() build { calendar = { content = ics, colour = 1 } } end)
  end)

  it("takes alternatives as UTF-8 text of a type that is given", function()
    for _, bad in ipairs { "", "x", "multipart/mixed", "message/rfc822", "text/x; charset=latin1", "a/b;" } do
      refused("alternatives[1].type", { alternatives = { { content = "x", type = bad } } })
    end
    refused("alternatives[1].type", { alternatives = { { content = "x" } } })
    refused("alternatives[1].content", { alternatives = { { content = "\255", type = "text/x" } } })
    refused("alternatives[1].content", { alternatives = { { type = "text/x" } } })
    refused("alternatives[2]", { alternatives = { amp, "x" } })
    refused("alternatives", { alternatives = "x" })
    local bytes = build({ alternatives = { { content = "ü\nx", type = "text/x; charset=UTF-8; a=b" } } }):bytes()
    assert.matches("\r\nContent%-Type: text/x; charset=UTF%-8; a=b\r\n", bytes)
    assert.equal("ü\r\nx\r\n", bytes:match("\r\n\r\n(.*)$"))
    assert.equal("{}", parse(build({ alternatives = { { content = "{}", type = "application/json" } } })
      :bytes()):content())
  end)

  it("puts no transfer encoding but 7bit or 8bit on what holds parts (RFC 2045, 6.4)", function()
    local inner = assert(build { text = "ü", attachments = { { content = "\255", filename = "x" } } })
    local outer = assert(build { text = "x", attachments = { { content = inner } } })
    for _, eight_bit in ipairs { true, false } do
      local reader = assert(outer:open { eight_bit = eight_bit, smtputf8 = false })
      local bytes, holders = reader.machine:output(), 0
      reader.close()
      for head in bytes:gmatch("Content%-Type: (m[ue][ls][ts].-)\r\n\r\n") do
        holders = holders + 1
        local encoding = head:match("Transfer%-Encoding: (%S+)")
        assert.equal(eight_bit and "8bit" or nil, encoding)
      end
      assert.equal(3, holders)
      assert.equal(eight_bit, bytes:find("\195\188", 1, true) ~= nil)
    end
  end)
end)
