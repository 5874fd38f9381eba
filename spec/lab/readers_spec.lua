-- readers_spec.lua - what we write is read alike by Python's `email`, by GMime
-- and by posthorn.parse; so are examples of the RFCs.
local posthorn = require "posthorn"
local corpus = require "spec.mime.corpus"

local readers = {
  email = "/usr/bin/python3 spec/lab/email_reader.py",
  gmime = os.getenv("POSTHORN_BUILD") .. "/gmime_reader",
}

local function unhex(text)
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- Array of messages, each an array of { name, value } but for the date apart.
local function read_by(command, messages)
  local paths, found = {}, {}
  for i, bytes in ipairs(messages) do
    paths[i] = os.tmpname()
    local handle = assert(io.open(paths[i], "wb"))
    handle:write(bytes)
    handle:close()
  end
  local pipe = assert(io.popen(command .. " " .. table.concat(paths, " ") .. " 2>&1"))
  for line in pipe:lines() do
    local name, hex = line:match("^(%S+)\t(%x*)$")
    if not name then error(command .. ": " .. line .. "\n" .. pipe:read("*a")) end
    if name == "message" then
      found[#found + 1] = {}
    elseif name == "date" then
      found[#found].date = tonumber(unhex(hex))
    else
      table.insert(found[#found], { name, unhex(hex) })
    end
  end
  pipe:close()
  for _, path in ipairs(paths) do os.remove(path) end
  assert.equal(#messages, #found, command)
  return found
end

local function tell_part(list, part, depth)
  local function tell(name, value) list[#list + 1] = { name, value or "" } end
  tell("type", depth .. " " .. part.type)
  tell("charset", part.parameters.charset)
  tell("disposition", part.disposition)
  tell("cid", part.cid)
  local inner = part:message()
  if inner then
    tell_part(list, inner, depth + 1)
  elseif #part.parts > 0 then
    for _, one in ipairs(part.parts) do tell_part(list, one, depth + 1) end
  else
    tell("filename", part.filename)
    tell("content", part:content())
  end
end

local function read_by_us(bytes)
  local root, list = assert(posthorn.parse(bytes)), {}
  list[1] = { "subject", root:header("subject") or "" }
  list[2] = { "message_id", (root:header("message-id") or ""):gsub("[<>]", "") }
  list[2][3] = nil
  for _, name in ipairs { "from", "to", "cc" } do
    for _, one in ipairs(assert(root:addresses(name))) do
      list[#list + 1] = { name, ("%s <%s>"):format(one.name or "", one.address) }
    end
  end
  tell_part(list, root, 0)
  return list
end

-- Python 3.11 puts a blank between two encoded-words of a display name, against RFC 2047, 6.2.
local function without_blanks(list)
  local copy = {}
  for i, one in ipairs(list) do
    local is_mailbox = one[1] == "from" or one[1] == "to" or one[1] == "cc"
    copy[i] = is_mailbox and { one[1], (one[2]:gsub(" ", "")) } or one
  end
  return copy
end

local function build(entry)
  local message = { from = "ada@example.org", to = "bob@example.net", seed = entry.name, date = 1700000000 }
  for name, value in pairs(entry) do
    if name ~= "name" then message[name] = value end
  end
  return assert(assert(posthorn.message(message)):bytes())
end

local names, messages = {}, {}
for i, entry in ipairs(corpus) do
  names[i], messages[i] = entry.name, build(entry)
end

-- One message inside another, and both in a third.
names[#names + 1] = "messages within messages"
messages[#messages + 1] = build { name = "outer", text = "outer", attachments = {
  { content = assert(posthorn.message { from = "a@b.example", to = "c@d.example", subject = "inner", seed = "i", text = "ü",
    attachments = { { content = assert(posthorn.message { from = "a@b.example", to = "c@d.example", seed = "j",
      text = "innermost" }) } } }) } } }

describe("three readers of our messages", function()
  local by = {}

  setup(function()
    for name, command in pairs(readers) do by[name] = read_by(command, messages) end
  end)

  for i, name in ipairs(names) do
    it("read alike: " .. name, function()
      local ours = read_by_us(messages[i])
      assert.equal(1700000000, by.gmime[i].date)
      assert.equal(1700000000, by.email[i].date)
      by.gmime[i].date = nil
      assert.same(ours, by.gmime[i])
      assert.same(without_blanks(ours), without_blanks(by.email[i]))
    end)
  end

  it("read alike the examples of RFC 2046, 5.1.1 and RFC 2049, appendix A", function()
    for _, name in ipairs { "rfc2046_5_1_1", "rfc2049_a" } do
      local handle = assert(io.open("spec/vectors/mail/" .. name .. ".eml", "rb"))
      local octets = handle:read("*a")
      handle:close()
      local ours = read_by_us(octets)
      for reader, command in pairs(readers) do
        local theirs = read_by(command, { octets })[1]
        theirs.date = nil
        assert.same(ours, theirs, reader .. " " .. name)
      end
    end
  end)

  it("find the text and the files that were given", function()
    for i, entry in ipairs(corpus) do
      local root = posthorn.parse(messages[i])
      local function lines(text) return text and (text:gsub("\n", "\r\n")) end
      local function ended(text) return text and text:gsub("\r\n$", "") end
      assert.equal(ended(lines(entry.text)), ended(root:text()), entry.name)
      assert.equal(ended(lines(entry.html)), ended(root:html()), entry.name)
      assert.equal(entry.subject or "", root:header("subject") or "", entry.name)
      for j, file in ipairs(root:attachments()) do
        assert.equal(entry.attachments[j].filename, file.filename, entry.name)
        assert.equal(entry.attachments[j].cid, file.cid, entry.name)
        if file.type:sub(1, 5) ~= "text/" then
          assert.is_true(entry.attachments[j].content == file:content(), entry.name)
        end
      end
    end
  end)
end)
