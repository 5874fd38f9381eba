-- esmtp_spec.lua - lua/posthorn/esmtp.lua: what a send asks of a server that has the extension, at
-- our own server, which has all of them.
-- SPDX-License-Identifier: MIT
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"
local sinks = require "posthorn.sink"

local all = { SMTPUTF8 = true, DSN = true, DELIVERBY = true, FUTURERELEASE = true,
  ["MT-PRIORITY"] = true, REQUIRETLS = true, LIMITS = true }

-- Runs fn(sink, send) in the loop: send(options) gives what a transport's send does.
local function at_sink(given, options, fn)
  return posthorn.run(function()
    local sink = sinks.new(given)
    assert(sink:start())
    local transport = posthorn.transport(options(sink))
    local ok, problem = posthorn.driver().pcall(fn, sink, function(send)
      return transport:send(setting.mail(), send)
    end)
    transport:close()
    sink:stop()
    if not ok then error(problem, 0) end
  end)
end

local function in_clear(sink)
  return { host = "127.0.0.1", port = sink.port, tls = "none", timeout = 10 }
end

local function over_tls(sink)
  local path = os.tmpname()
  local handle = assert(io.open(path, "w"))
  handle:write(sink.certificate)
  handle:close()
  return { host = "127.0.0.1", port = sink.port, tls = "starttls", ca_file = path, timeout = 10 }
end

describe("posthorn.esmtp", function()
  it("asks for delivery status notifications", function()
    at_sink({ extensions = all }, in_clear, function(sink, send)
      local result = assert(send {
        envelope = { from = "ada@example.org", to = { "a@example.net",
          { address = "b@example.net", notify = "never" },
          { address = "c@example.net", notify = { "success" }, orcpt = "sales@example.net" } } },
        dsn = { notify = { "failure", "delay" }, ret = "headers", envid = "order 4711" },
      })
      assert.same({}, result.warnings)
      assert.same({ "a@example.net", "b@example.net", "c@example.net" }, result.accepted)
      local mail = sink.messages[1]
      assert.equal("HDRS", mail.parameters.RET)
      assert.equal("order+204711", mail.parameters.ENVID)
      assert.same({ { NOTIFY = "FAILURE,DELAY" }, { NOTIFY = "NEVER" },
        { NOTIFY = "SUCCESS", ORCPT = "rfc822;sales@example.net" } }, mail.recipient_parameters)
    end)
  end)

  it("asks for delivery by a time, priority and release", function()
    at_sink({ extensions = all }, in_clear, function(sink, send)
      local moment = os.time() + 3600
      assert(send { deliver_by = { seconds = 600, mode = "notify" }, mt_priority = 4, hold_until = moment })
      local parameters = sink.messages[1].parameters
      assert.equal("600;N", parameters.BY)
      assert.equal("4", parameters["MT-PRIORITY"])
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", moment), parameters.HOLDUNTIL)
      -- The server tells how long it holds, and the clock is asked.
      local result, message, failure = send { hold_until = os.time() + 2592000 + 60 }
      assert.is_nil(result)
      assert.equal("the server holds no message for so long", message)
      assert.same({ "limit", "permanent", "mail" }, { failure.kind, failure.class, failure.phase })
      assert.equal("127.0.0.1", failure.host)
      assert.equal(1, sink.count)
    end)
  end)

  it("requires TLS all the way, over TLS that was verified", function()
    at_sink({ extensions = all, tls = true }, over_tls, function(sink, send)
      local result = assert(send { require_tls = true })
      assert.equal("pkix", result.tls.verified)
      assert.is_true(sink.messages[1].parameters.REQUIRETLS)
    end)
    at_sink({ extensions = all, tls = true }, function(sink)
      return { host = "127.0.0.1", port = sink.port, tls = "starttls", verify = false, timeout = 10 }
    end, function(sink, send)
      local result, _, failure = send { require_tls = true }
      assert.is_nil(result)
      assert.same({ "unsupported", "permanent", "5.7.10" },
        { failure.kind, failure.class, failure.enhanced })
      assert.equal(0, sink.count)
    end)
    at_sink({ extensions = all }, in_clear, function(sink, send)
      local result, _, failure = send { require_tls = true }
      assert.is_nil(result)
      assert.equal("unsupported", failure.kind)
      assert.equal(0, sink.count)
    end)
  end)

  it("warns of each that was left out", function()
    at_sink({}, in_clear, function(sink, send)
      local result = assert(send { dsn = { notify = "never" }, deliver_by = { seconds = 60 }, mt_priority = 1 })
      assert.same({
        "what needs DSN was left out: it is not offered, or off",
        "what needs MT-PRIORITY was left out: it is not offered, or off",
        "what needs DELIVERBY was left out: it is not offered, or off",
      }, result.warnings)
      assert.is_nil(result.left_out)
      assert.is_nil(sink.messages[1].parameters.BY)
      result = assert(send())
      assert.same({}, result.warnings)
    end)
  end)

  it("E1 refuses bad values before a connection is made", function()
    local transport = posthorn.transport { host = "127.0.0.1", port = setting.dead_port(), tls = "none" }
    for field, send in pairs {
      ["dsn.envid"] = { dsn = { envid = "a\r\nRCPT TO:<x@y.example>" } },
      ["dsn.notify"] = { dsn = { notify = { "never", "success" } } },
      ["dsn.ret"] = { dsn = { ret = "body" } },
      ["deliver_by.seconds"] = { deliver_by = { seconds = 0 } },
      ["deliver_by.mode"] = { deliver_by = { seconds = 1, mode = "drop" } },
      mt_priority = { mt_priority = 10 },
      hold_until = { hold_until = -1 },
      ["envelope.to[1].orcpt"] = { envelope = { from = "", to = { { address = "a@b.example", orcpt = "\0" } } } },
      ["envelope.to[2].notify"] = { envelope = { from = "",
        to = { "a@b.example", { address = "c@d.example", notify = "later" } } } },
    } do
      local result, message, failure = transport:send(setting.mail(), send)
      assert.is_nil(result)
      assert.is_string(message)
      assert.same({ "invalid", "permanent", field }, { failure.kind, failure.class, failure.field })
    end
    transport:close()
  end)

  it("raises for options of the wrong type, and for unknown fields", function()
    local transport = posthorn.transport "capture:"
    for name, send in pairs {
      dsn = { dsn = "never" }, ["dsn.notify"] = { dsn = { notify = true } },
      ["dsn.envid"] = { dsn = { envid = 5 } }, ["dsn.always"] = { dsn = { always = true } },
      deliver_by = { deliver_by = 60 }, ["deliver_by.seconds"] = { deliver_by = { seconds = "60" } },
      ["deliver_by.hours"] = { deliver_by = { hours = 1 } }, mt_priority = { mt_priority = "high" },
      hold_until = { hold_until = "tomorrow" }, require_tls = { require_tls = "yes" },
    } do
      local ok, problem = pcall(transport.send, transport, setting.mail(), send)
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("'" .. name .. "'", 1, true), problem)
    end
  end)

  it("shows what was asked for in a capture", function()
    local transport = posthorn.transport "capture:"
    assert(transport:send(setting.mail(), {
      dsn = { envid = "x" },
      envelope = { from = "", to = { { address = "a@b.example", orcpt = "c@d.example" } } },
    }))
    local kept = transport.messages[1]
    assert.equal("x", kept.options.dsn.envid)
    assert.same({ address = "a@b.example", orcpt = "c@d.example" }, kept.envelope.to[1])
    local _, _, failure = transport:send(setting.mail(), { dsn = { envid = "\n" } })
    assert.equal("dsn.envid", failure.field)
  end)

  it("takes the options beside a message's fields, and of a session", function()
    at_sink({ extensions = all }, in_clear, function(sink)
      local mail = setting.mail { server = in_clear(sink), dsn = { ret = "full" }, mt_priority = -1 }
      assert(posthorn.send(mail))
      assert.equal("FULL", sink.messages[1].parameters.RET)
      assert.equal("-1", sink.messages[1].parameters["MT-PRIORITY"])
      local session = assert(posthorn.session(in_clear(sink)))
      assert(session:send(setting.mail(), { dsn = { envid = "by hand" } }))
      assert.equal("by+20hand", sink.messages[2].parameters.ENVID)
      session:quit()
    end)
  end)

  it("keeps apart what many mails ask for, over a kept connection", function()
    for _, offered in ipairs { true, false } do
      posthorn.run(function()
        local sink = sinks.new { extensions = { DSN = offered } }
        assert(sink:start())
        local given = in_clear(sink)
        given.concurrency = 2
        local transport = posthorn.transport(given)
        local i = 0
        local function next_item()
          i = i + 1
          if i > 40 then return nil end
          -- Every other one asks for something.
          return setting.mail { subject = "s" .. i }, i % 2 == 0 and { dsn = { envid = "e" .. i } } or nil
        end
        local told = 0
        for item, result, problem in transport:send_many(next_item) do
          assert(result, problem)
          local number = tonumber(item.subject:sub(2))
          assert.equal((number % 2 == 0 and not offered) and 1 or 0, #result.warnings)
          told = told + 1
        end
        assert.equal(40, told)
        for _, mail in ipairs(sink.messages) do
          local number = tonumber(posthorn.parse(mail.bytes):header("Subject"):sub(2))
          assert.equal((number % 2 == 0 and offered) and "e" .. number or nil, mail.parameters.ENVID)
        end
        transport:close()
        sink:stop()
      end)
    end
  end)

  it("carries 1,000 recipients, each with its own", function()
    at_sink({ extensions = all, recipients = 300 }, in_clear, function(sink, send)
      local to = {}
      for i = 1, 1000 do
        to[i] = { address = ("u%d@example.net"):format(i), orcpt = ("o%d@example.org"):format(i) }
      end
      local result = assert(send { envelope = { from = "", to = to } })
      assert.equal(1000, #result.accepted)
      assert.equal(10, sink.count)
      local n = 0
      for _, mail in ipairs(sink.messages) do
        for i, address in ipairs(mail.envelope.to) do
          n = n + 1
          assert.equal("u" .. n .. "@example.net", address)
          assert.equal("rfc822;o" .. n .. "@example.org", mail.recipient_parameters[i].ORCPT)
        end
      end
      assert.equal(1000, n)
    end)
  end)
end)
