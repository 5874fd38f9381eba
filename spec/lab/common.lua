-- common.lua - what every real server must take from us, for the spec of each.
-- SPDX-License-Identifier: MIT
local assert = require "luassert"
local busted = require "busted"
local core = require "posthorn.core"
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
---tom, perm = an address refused at RCPT, takes_smtputf8, takes_chunks = true where it offers them }.
function M.specs(lab, server)
  local function each(message, options)
    local transport = posthorn.transport(server.to(options))
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

  local function takes_large(options)
    local message = assert(posthorn.message(M.mail {
      attachments = { { content = lab.octets(65536):rep(96), filename = "large.bin" } },
    }))
    assert.is_true(message:size() > 8 * 1024 * 1024)
    each(message, options)
    expect(lab, server, message)
  end

  it("takes 8 MiB, each octet", function() takes_large() end)

  -- Each once, over `most` connections at most.
  local function takes_many(options, most)
    local items, told, connections = many(60), {}, {}
    options.trace = function(event) connections[event.connection] = true end
    local transport = posthorn.transport(server.to(options))
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
    assert.is_true(#connections <= most, "connections: " .. #connections)
  end

  it("takes each of many mails once, over few connections", function() takes_many({ concurrency = 3 }, 3) end)

  if server.takes_chunks then
    it("takes chunks: 8 MiB, hostile bodies, many mails", function()
      local function chunks(options)
        options = options or {}
        options.extensions = { chunking = "require" }
        return options
      end
      takes_large(chunks())
      for _, body in ipairs(hostile) do
        local message = assert(posthorn.message(M.mail { text = body }))
        each(message, chunks())
        expect(lab, server, message)
      end
      takes_many(chunks { concurrency = 3 }, 3)
      takes_many(chunks { concurrency = 3, bulk = true }, 3)
    end)

    it("D44: refuses recipients with chunks in flight, and serves the next mail", function()
      local transport = posthorn.transport(server.to { extensions = { chunking = "require" } })
      local result, _, failure = transport:send(M.mail { to = server.perm })
      assert.is_nil(result)
      assert.equal("permanent", failure.class)
      assert.equal("rcpt", failure.phase)
      local problem
      result, problem = transport:send(M.mail { to = { server.perm, "tom@posthorn.test" } })
      assert(result, problem)
      transport:close()
      assert.equal(1, #lab:arrived(result.message_id, 1, server.box))
    end)
  end

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

-- The notification among the copies that arrived, read; and what its second part says, by field.
local function notification(copies)
  for _, copy in ipairs(copies) do
    local root = assert(posthorn.parse(copy.octets))
    if root.type == "multipart/report" then
      local fields = {}
      for name, value in (root.parts[2]:content():gsub("\r", "")):gmatch "([%w-]+): ([^\n]*)\n" do
        fields[name:lower()] = value
      end
      return root, fields
    end
  end
end

---Declares that it offers DSN and tells the sender, in the same mailbox, of what was delivered, with
---the names that it was given (RFC 3461, 5.2 and 6.3; RFC 3464, 2.2 and 2.3).
function M.tells_of_deliveries(lab, server)
  it("DSN: tells of a delivery, with ENVID, ORCPT and the header alone", function()
    local envid = "order 4711 = a+b " .. os.time()
    local result, problem = M.send(server.to { extensions = { dsn = "require" } }, { text = "not to come back\n" }, {
      dsn = { ret = "headers", envid = envid },
      envelope = { from = "ada@posthorn.test", to = {
        { address = "tom@posthorn.test", notify = { "success", "failure" }, orcpt = "tom+first@posthorn.test" },
        { address = "ann@posthorn.test", notify = "never" },
      } },
    })
    assert(result, problem)
    assert.same({}, result.warnings)
    assert.equal(2, #result.accepted)
    local root, fields
    lab.until_true(function()
      root, fields = notification(lab:arrived(result.message_id, 3, server.box))
      return root
    end)
    assert(root, "no notification came")
    if fields["original-envelope-id"] ~= envid then -- Exim 4.96 tells them as they travelled
      envid = core.xtext.encode(envid)
    end
    assert.equal(envid, fields["original-envelope-id"])
    assert.truthy(fields["original-recipient"]:find "^rfc822; ?tom%+[2B]*first@posthorn%.test$")
    assert.truthy(fields["final-recipient"]:find("tom@posthorn.test", 1, true))
    assert.truthy(("delivered relayed"):find(fields.action:lower(), 1, true), fields.action)
    assert.truthy(fields.status:find "^2%.")
    assert.is_nil(root.parts[3]:content():find("not to come back", 1, true))
    assert.is_nil(root.parts[2]:content():find("ann@posthorn.test", 1, true))
  end)

  it("DSN: takes an ORCPT outside ASCII", function()
    local result, problem = M.send(server.to { extensions = { dsn = "require" } }, nil, { envelope = {
      from = "ada@posthorn.test",
      to = { { address = "tom@posthorn.test", notify = "never", orcpt = "j\195\188rg@posthorn.test" } } } })
    assert(result, problem)
  end)
end

---Declares what it answers to commands said by hand: the codes allowed for each line.
function M.answers(lab, name, options, codes)
  it("answers VRFY, EXPN, NOOP, HELP and ETRN of a session", function()
    local session = assert(posthorn.session(lab:to(name, options)))
    for line, allowed in pairs(codes) do
      local reply = assert(session:command(line))
      assert.truthy((" " .. allowed .. " "):find(" " .. reply.code .. " ", 1, true), line .. ": " .. reply.code)
      assert.is_string(reply.text)
    end
    assert(session:send(M.mail()))
    session:quit()
  end)
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
