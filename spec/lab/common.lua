-- common.lua - what every real server must take from us, for the spec of each.
-- SPDX-License-Identifier: MIT
local assert = require "luassert"
local busted = require "busted"
local posthorn = require "posthorn"

local it = busted.it

local M = {}

function M.mail(fields)
  local mail = { from = "ada@example.org", to = "tom@posthorn.test", subject = "hello", text = "one line\n" }
  for name, value in pairs(fields or {}) do mail[name] = value end
  return mail
end

---One mail over a transport of its own.
function M.send(options, fields, send_options)
  local transport = posthorn.transport(options)
  local result, message, failure = transport:send(M.mail(fields), send_options)
  transport:close()
  return result, message, failure
end

local hostile = { ".", "..", "\n.\n", ".\n..\n...", "\r.\r\n", "a\n.\nb", "no end", "ends in CR\r", "",
  "x\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<evil@posthorn.test>\r\nDATA\r\n" }

-- What arrived is what message:bytes() gives; a last CRLF is added to it where there is none.
local function expect(lab, server, message)
  local arrived = lab:arrived(message.id, 1, server.box)
  assert.equal(1, #arrived)
  local bytes = assert(message:bytes())
  if bytes:sub(-2) ~= "\r\n" then bytes = bytes .. "\r\n" end
  local stored = lab.as_sent(arrived[1].octets)
  assert.equal(#bytes, #stored)
  assert.is_true(bytes == stored, "other octets arrived")
end

-- Different mails, each to tom.
local function many(count)
  local items = {}
  for i = 1, count do
    items[i] = assert(posthorn.message(M.mail { subject = "mail " .. i, text = ("line %d\n"):format(i):rep(i) }))
  end
  return items
end

---Declares the specs. `server` = { to = function(options): a transport's options, box = mailbox of
---tom, perm = an address refused at RCPT, takes_8bit = true, takes_smtputf8 = true|nil }.
function M.specs(lab, server)
  local function each(message)
    local transport = posthorn.transport(server.to())
    local result, problem = transport:send(message)
    transport:close()
    assert(result, problem)
    return result
  end

  it("delivers text, pictures and 8-bit octets as message:bytes() has them", function()
    local picture, file = lab.octets(3000), lab.octets(200000)
    local message = assert(posthorn.message(M.mail {
      from = "Ada Łovelace <ada@example.org>", to = { { name = "Søren", address = "tom@posthorn.test" } },
      subject = "Grüße – 世界", text = "ein Gruß\n.\n..zwei Punkte\n",
      html = "<p>Gruß <img src='cid:logo'></p>",
      attachments = {
        { content = picture, filename = "logo.png", cid = "logo" },
        { content = file, filename = "Übersicht.bin" },
        { content = ("Größe\n"):rep(50), filename = "text.txt", type = "text/plain; charset=utf-8" },
      },
    }))
    each(message)
    expect(lab, server, message)
    local seen = lab:read_by_python(lab:arrived(message.id, 1, server.box)[1].path)
    assert.equal("Grüße – 世界", seen.subject)
    assert.equal("Søren=tom@posthorn.test", seen.to)
    local by_name = {}
    for _, part in ipairs(seen.parts) do by_name[part.filename] = part end
    assert.equal(lab:sha256(picture), by_name["logo.png"].sha256)
    assert.equal("<logo>", by_name["logo.png"].cid)
    assert.equal(lab:sha256(file), by_name["Übersicht.bin"].sha256)
  end)

  it("E3: takes hostile bodies as one message each, normalised", function()
    for _, body in ipairs(hostile) do
      local message = assert(posthorn.message(M.mail { text = body }))
      each(message)
      expect(lab, server, message)
    end
  end)

  it("D2: takes a mail for those whom it does not refuse", function()
    local result, problem = M.send(server.to(), { to = { server.perm, "tom@posthorn.test" } })
    assert(result, problem)
    assert.same({ "tom@posthorn.test" }, result.accepted)
    assert.equal(server.perm, result.refused[1].address)
    assert.equal(550, result.refused[1].code)
    assert.equal("5.1.1", result.refused[1].enhanced)
    assert.equal("permanent", result.refused[1].class)
    assert.equal(1, #lab:arrived(result.message_id, 1, server.box))
  end)

  it("takes 8 MiB, each octet", function()
    local message = assert(posthorn.message(M.mail {
      attachments = { { content = lab.octets(65536):rep(96), filename = "large.bin" } },
    }))
    assert.is_true(message:size() > 8 * 1024 * 1024)
    each(message)
    expect(lab, server, message)
  end)

  it("takes each of many mails once, over few connections", function()
    local items, told, connections = many(60), {}, {}
    local transport = posthorn.transport(server.to {
      concurrency = 3,
      trace = function(event) connections[event.connection] = true end,
    })
    for item, result, problem in transport:send_many(items) do
      assert(result, problem)
      assert.is_nil(told[item])
      told[item] = true
    end
    transport:close()
    for _, item in ipairs(items) do
      assert.is_true(told[item])
      assert.equal(1, #lab:arrived(item.id, 1, server.box))
    end
    assert.is_true(#connections <= 3, "connections: " .. #connections)
  end)

  if server.takes_smtputf8 then
    it("takes addresses and fields outside ASCII by SMTPUTF8", function()
      local message = assert(posthorn.message(M.mail { from = "łukasz@example.org", to = "tömås@posthorn.test" }))
      local result = each(message)
      assert.same({ "tömås@posthorn.test" }, result.accepted)
      expect(lab, server, message)
    end)
  else
    it("D47: does not offer SMTPUTF8: such an address is unsupported", function()
      local result, _, failure = M.send(server.to(), { to = "tömås@posthorn.test" })
      assert.is_nil(result)
      assert.equal("unsupported", failure.kind)
    end)
  end
end

---A wrong password is told from all else, and shown nowhere.
function M.refuses_login(options)
  local shown = {}
  options.user, options.password = "user", "wr0ng-s3cret"
  options.trace = function(event) shown[#shown + 1] = event.text end
  local result, message, failure = M.send(options)
  assert.is_nil(result)
  assert.equal("auth", failure.kind)
  assert.equal("permanent", failure.class)
  assert.equal(535, failure.code)
  local all = table.concat(shown, "\n") .. message .. tostring(failure.text)
  assert.is_nil(all:find("wr0ng-s3cret", 1, true))
  assert.is_nil(all:find("AHVzZXIAd3IwbmctczNjcmV0", 1, true))
  assert.is_truthy(all:find("***", 1, true))
end

---That a new connection goes on with the TLS session of the last one. Servers make up their mind as
---they like about one session: of several one at least is resumed, and every mail is taken.
function M.resumes(options)
  options.pool = false
  local transport = posthorn.transport(options)
  local resumed = 0
  for _ = 1, 4 do
    local result, problem = transport:send(M.mail())
    assert(result, problem)
    assert.equal("pkix", result.tls.verified)
    assert.equal(44, #result.tls.pin)
    if result.tls.resumed then resumed = resumed + 1 end
  end
  transport:close()
  assert.is_true(resumed > 0)
end

return M
