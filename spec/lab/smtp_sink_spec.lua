-- smtp_sink_spec.lua - posthorn against Postfix's smtp-sink, which misbehaves as it is told
-- (smtp_sink.sh); numbers of the fault catalogue.
local common = require "spec.lab.common"
local lab_of = require "spec.lab.lab"
local posthorn = require "posthorn"

lab_of.describe("posthorn and smtp-sink", "smtp_sink", function(lab)
  local function to(name, options) return lab:to("sink_" .. name, options) end

  -- Connection is over before the body's end; megabytes that do not fit into the sockets' buffers.
  local large = { text = ("x"):rep(70) .. "\n" }
  large.text = large.text:rep(150000)

  local function failure_of(name, fields, options)
    local result, _, failure = common.send(to(name, options), fields)
    assert.is_nil(result)
    return failure
  end

  it("takes each of many mails once, over few connections", function()
    local items, connections, told = {}, {}, 0
    for i = 1, 100 do items[i] = assert(posthorn.message(common.mail { subject = "mail " .. i })) end
    local transport = posthorn.transport(to("keep", {
      concurrency = 3, trace = function(event) connections[event.connection] = true end,
    }))
    for _, result, problem in transport:send_many(items) do
      assert(result, problem)
      told = told + 1
    end
    transport:close()
    assert.equal(100, told)
    for _, item in ipairs(items) do assert.equal(1, #lab:arrived(item.id, 1, "smtp_sink")) end
    assert.is_true(#connections <= 3, "connections: " .. #connections)
  end)

  for _, name in ipairs { "no_pipelining", "no_esmtp", "no_dsn", "slow_dot" } do
    it("takes a mail: " .. name, function()
      local result, problem = common.send(to(name))
      assert(result, problem)
    end)
  end

  it("D48: leaves DSN out where it is not offered, with a warning", function()
    for name, warnings in pairs { no_dsn = 1, keep = 0 } do
      local result = assert(common.send(to(name), nil, { dsn = { ret = "full", envid = "a b" } }))
      assert.equal(warnings, #result.warnings, name)
    end
  end)

  it("D41: takes mails by LMTP, a verdict for each recipient", function()
    local transport = posthorn.transport { url = "lmtp://localhost:" .. lab.ports.sink_lmtp, timeout = 20, tls = "none" }
    for _ = 1, 3 do
      local result, problem = transport:send(common.mail { to = { "tom@posthorn.test", "ann@posthorn.test" } })
      assert(result, problem)
      assert.same({ "tom@posthorn.test", "ann@posthorn.test" }, result.accepted)
      assert.equal(1, #lab:arrived(result.message_id, 1, "smtp_sink/lmtp"))
    end
    transport:close()
  end)

  it("D48: leaves DSN out where it is not offered, with a warning", function()
    local result, problem = common.send(to "no_dsn", nil, { dsn = { notify = "never", ret = "full" } })
    assert(result, problem)
    assert.equal(1, #result.warnings)
    assert.is_truthy(result.warnings[1]:find("DSN", 1, true))
    result, problem = common.send(to("keep"), nil, { dsn = { notify = "never", ret = "full" } })
    assert(result, problem)
    assert.same({}, result.warnings)
  end)

  it("goes on to a server that works, past those that do not", function()
    local servers = {}
    for i, name in ipairs { "busy_greeting", "busy_rcpt", "busy_at_data", "keep" } do
      servers[i] = { host = "127.0.0.1", port = lab.ports["sink_" .. name], tls = "none" }
    end
    local transport = posthorn.transport { servers = servers, timeout = 20 }
    local result, problem = transport:send(common.mail())
    transport:close()
    assert(result, problem)
    assert.equal(lab.ports.sink_keep, result.port)
    assert.equal(1, #lab:arrived(result.message_id, 1, "smtp_sink"))
  end)

  it("B7: 421 instead of a greeting", function()
    local failure = failure_of "busy_greeting"
    assert.equal("refused", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal("greeting", failure.phase)
    assert.equal(421, failure.code)
  end)

  it("B12: a greeting as an old firewall masks it", function()
    assert(common.send(to "pix"))
  end)

  it("B13: EHLO refused, HELO taken", function()
    assert(common.send(to "refused_ehlo"))
  end)

  it("D14: lost before DATA's reply", function()
    local failure = failure_of "lost_at_data"
    assert.equal("closed", failure.kind)
    assert.equal("temporary", failure.class)
  end)

  it("421 and the end instead of DATA's reply", function()
    local failure = failure_of "busy_at_data"
    assert.equal("refused", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal(421, failure.code)
  end)

  it("RCPT refused for now", function()
    local failure = failure_of "busy_rcpt"
    assert.equal("temporary", failure.class)
    assert.equal("rcpt", failure.phase)
    assert.equal(450, failure.code)
  end)

  it("D16: 550 in the middle of the body, then the end", function()
    local failure = failure_of("early_refusal", large)
    assert.equal("refused", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal(550, failure.code)
  end)

  it("D18: a reader that stops in the body ends at the limit of a write", function()
    local transport = posthorn.transport(to("slow_reader", { timeouts = { content = 0.5 } }))
    local began = transport.driver.now()
    local result, _, failure = transport:send(common.mail(large))
    local seconds = transport.driver.now() - began
    transport:close()
    assert.is_nil(result)
    assert.equal("timeout", failure.kind)
    assert.equal("temporary", failure.class)
    assert.equal("content", failure.phase)
    assert.is_true(seconds >= 0.5 and seconds < 5, tostring(seconds))
  end)

  it("D20: lost after the dot: unknown", function()
    local failure = failure_of "lost_at_dot"
    assert.equal("closed", failure.kind)
    assert.equal("unknown", failure.class)
    assert.equal("dot", failure.phase)
  end)
end)
