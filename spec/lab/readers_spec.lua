-- readers_spec.lua - what we write is read alike by Python's `email`, by GMime
-- and by posthorn.parse; so is the mail of spec/vectors, or it says why not.
local posthorn = require "posthorn"
local corpus = require "spec.mime.corpus"
local mail = require "spec.mime.mail"
local reader = require "spec.lab.reader"
local told = require "spec.mime.told"

-- Python 3.11 puts a blank between two encoded-words of a display name, against RFC 2047, 6.2.
local function without_blanks(list)
  local copy = { date = list.date }
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

names[#names + 1] = "a message with UTF-8 in its header" -- message/global
messages[#messages + 1] = build { name = "global", text = "outer", attachments = {
  { content = assert(posthorn.message { from = "sø@b.example", to = "c@d.example", subject = "inner", text = "ü" }) } } }

describe("three readers of our messages", function()
  local by = {}

  setup(function()
    for name, command in pairs(reader.commands) do by[name] = reader.read(command, messages) end
  end)

  for i, name in ipairs(names) do
    it("read alike: " .. name, function()
      local ours = told(messages[i])
      assert.equal(1700000000, ours.date)
      assert.same(ours, by.gmime[i])
      assert.same(without_blanks(ours), without_blanks(by.email[i]))
    end)
  end

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

describe("other readers of the world's mail", function()
  local found = {}

  setup(function()
    local octets = {}
    for i, one in ipairs(mail.all()) do octets[i] = one.octets end
    for name, command in pairs(reader.commands) do found[name] = reader.read(command, octets) end
  end)

  for i, one in ipairs(mail.all()) do
    it("agree, or differ as is told: " .. one.name, function()
      for name in pairs(reader.commands) do
        assert.same(mail.expected(one, name), mail.rows(found[name][i]), name)
      end
    end)
  end
end)
