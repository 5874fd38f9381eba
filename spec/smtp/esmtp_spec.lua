-- esmtp_spec.lua - parameters of MAIL and RCPT: what is refused before anything is said, and what
-- the longest of them come to.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local property = require "spec.property"

local good = "b@example.net"

local function take_output(session)
  local output = session:output()
  session:consume(#output)
  return output
end

local function ready(...)
  local session = assert(core.session())
  session:feed("220 mx.example\r\n")
  take_output(session)
  session:feed("250-mx.example\r\n250-PIPELINING\r\n250-DSN\r\n")
  for _, line in ipairs { ... } do session:feed("250-" .. line .. "\r\n") end
  session:feed("250 HELP\r\n")
  assert.equal("ready", (session:next()))
  return session
end

local function refused(session, field, envelope, options)
  local ok, message, failure = session:send(envelope, options)
  assert.is_nil(ok, field)
  assert.is_string(message)
  assert.same({ "invalid", "permanent", field }, { failure.kind, failure.class, failure.field })
  assert.equal("", session:output())
end

describe("ph_esmtp", function()
  it("E1 refuses an ENVID that cannot be sent", function()
    local session = ready()
    for _, envid in ipairs { "", "\0", "a\r\nRCPT TO:<c@d>", "\n", "\r", "\t", "\127", "ü",
      ("x"):rep(101), ("+"):rep(34), 5, true, {} } do
      refused(session, "dsn.envid", { from = "", to = { good } }, { dsn = { envid = envid } })
    end
    assert.is_true(session:send({ from = "", to = { good } }, { dsn = { envid = ("+"):rep(33) } }))
    assert.truthy(take_output(session):find("ENVID=" .. ("+2B"):rep(33) .. "\r\n", 1, true))
  end)

  it("says no ORCPT with a bare '=', whatever its type looks like", function()
    local session = ready()
    assert.is_true(session:send { from = "", to = { { address = good, orcpt = "a=b;x@c.example" } } })
    assert.truthy(take_output(session):find(" ORCPT=rfc822;a+3Db;x@c.example\r\n", 1, true))
  end)

  it("E1 refuses an ORCPT that cannot be sent, and names the recipient", function()
    local session = ready "SMTPUTF8"
    for _, orcpt in ipairs { "", "rfc822;", "utf-8;", "rfc822;a\r\nb", "a@b\0", "a\tb", "rfc822;\127",
      "rfc822;ü@example.org", "x400;ü", "utf-8;\255", "\255", "utf-8;a\nb", ("x"):rep(494),
      "utf-8;" .. ("ü"):rep(83), 5, true, {} } do
      refused(session, "envelope.to[2].orcpt",
        { from = "", to = { good, { address = "c@example.net", orcpt = orcpt } } })
    end
  end)

  it("refuses words that NOTIFY and RET do not have", function()
    local session = ready()
    for _, notify in ipairs { "", "NEVER", "always", {}, { "never", "delay" }, { "delay", "delay" },
      { "delay", 5 }, { { "delay" } }, { "a", "b", "c", "d", "e" }, true, 5,
      { "success", "failure", "delay", "never", "never" } } do
      refused(session, "dsn.notify", { from = "", to = { good } }, { dsn = { notify = notify } })
      refused(session, "envelope.to[1].notify",
        { from = "", to = { { address = good, notify = notify } } })
    end
    for _, ret in ipairs { "", "FULL", "hdrs", true, 5, {} } do
      refused(session, "dsn.ret", { from = "", to = { good } }, { dsn = { ret = ret } })
    end
  end)

  it("refuses numbers that the others do not have", function()
    local session = ready()
    for _, seconds in ipairs { 0, -1, 1.5, 1e9, 0 / 0, math.huge, "5", true, {} } do
      refused(session, "deliver_by.seconds", { from = "", to = { good } },
        { deliver_by = { seconds = seconds } })
    end
    refused(session, "deliver_by.seconds", { from = "", to = { good } }, { deliver_by = {} })
    refused(session, "deliver_by.seconds", { from = "", to = { good } },
      { deliver_by = { seconds = -1e9, mode = "notify" } })
    for _, mode in ipairs { "", "R", "later", 5, true } do
      refused(session, "deliver_by.mode", { from = "", to = { good } },
        { deliver_by = { seconds = 5, mode = mode } })
    end
    for _, priority in ipairs { 10, -10, 0.5, "1", true, {}, 0 / 0 } do
      refused(session, "mt_priority", { from = "", to = { good } }, { mt_priority = priority })
    end
    for _, moment in ipairs { -1, 253402300800, 0 / 0, math.huge, "1", true, {} } do
      refused(session, "hold_until", { from = "", to = { good } }, { hold_until = moment })
    end
  end)

  it("raises for options that are none", function()
    local session = ready()
    for _, options in ipairs { { dsn = "never" }, { dsn = { notifies = {} } }, { dsn = { 1 } },
      { deliver_by = 5 }, { deliver_by = { hours = 1 } }, { require_tls = "yes" }, { require_tls = 1 },
      { hold_for = "x" }, { priority = 1 } } do
      assert.is_false(pcall(session.send, session, { from = "", to = { good } }, options))
    end
    assert.is_false(pcall(session.send, session,
      { from = "", to = { { address = good, ret = "full" } } }))
    assert.equal("", session:output())
  end)

  it("says the longest lines that there are", function()
    local session = ready("SIZE", "SMTPUTF8", "DELIVERBY", "FUTURERELEASE", "MT-PRIORITY")
    local long = ("l"):rep(64) .. "@" .. ("d"):rep(61) .. "." .. ("d"):rep(61) .. "." .. ("d"):rep(61) .. ".dd"
    local to = {}
    for i = 1, 100 do
      to[i] = { address = ("%03d"):format(i) .. long:sub(4), notify = { "success", "failure", "delay" },
        orcpt = "utf-8;" .. ("ü"):rep(82) .. "ab" }
    end
    assert.is_true(session:send({ from = long, to = to }, {
      size = 8999999999999999, body = "8bitmime", smtputf8 = false,
      dsn = { ret = "headers", envid = ("="):rep(33) }, mt_priority = -9, hold_until = 253402300799,
      deliver_by = { seconds = -999999999, mode = "notify" },
    }))
    local lines, output = {}, take_output(session)
    while output ~= "" do
      for line in output:gmatch("(.-)\r\n") do lines[#lines + 1] = line end
      session:feed("250 ok\r\n")
      output = take_output(session)
    end
    assert.same({ 102, "DATA" }, { #lines, lines[102] })
    assert.equal("MAIL FROM:<" .. long .. "> SIZE=8999999999999999 BODY=8BITMIME RET=HDRS ENVID="
      .. ("+3D"):rep(33) .. " BY=-999999999;N HOLDUNTIL=9999-12-31T23:59:59Z MT-PRIORITY=-9", lines[1])
    for i = 2, 101 do
      assert.equal(("RCPT TO:<%s> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=utf-8;%sab"):format(
        to[i - 1].address, ("\\x{FC}"):rep(82)), lines[i])
    end
  end)

  it("is read by a receiver as it was meant", function()
    local words = { "success", "failure", "delay" }
    local pieces = { "a", "+", "=", "\\", " ", "@", ".", ";", "ü", "漢", '"' }
    property.each(3461, 200, function(draw)
      local session = ready("SMTPUTF8")
      local receiver = assert(core.receiver { extensions = { DSN = true, SMTPUTF8 = true } })
      receiver:consume(#receiver:output())
      receiver:feed("EHLO x\r\n")
      receiver:consume(#receiver:output())
      local notify, address = {}, draw.text(pieces, 8) .. "x"
      for i = 1, 3 do
        if draw.number(0, 1) == 1 then notify[#notify + 1] = words[i] end
      end
      local needs_unicode = draw.number(0, 1) == 1
      assert(session:send({ from = "", to = { { address = good, orcpt = "utf-8;" .. address,
        notify = #notify > 0 and notify or nil } } }, { smtputf8 = needs_unicode }))
      receiver:feed(take_output(session) .. ".\r\n")
      local event, mail = receiver:next()
      assert(event == "message", receiver:output())
      local own = mail.recipient_parameters[1]
      assert.equal(#notify > 0 and table.concat(notify, ","):upper() or nil, own.NOTIFY)
      assert.equal(address, core.xtext.decode_address(own.ORCPT:match("^utf%-8;(.*)$")))
    end)
  end)

  it("is checked for Lua before a session is there", function()
    assert.is_true(core.check_parameters {})
    assert.is_true(core.check_parameters { dsn = { notify = "never" }, require_tls = true })
    local ok, _, failure = core.check_parameters { dsn = { envid = "\r\n" } }
    assert.is_nil(ok)
    assert.equal("dsn.envid", failure.field)
    assert.is_false(core.check_recipient { address = good })
    assert.is_true(core.check_recipient { orcpt = "a" })
    assert.same({ nil, "orcpt" }, { core.check_recipient { orcpt = "\n" } })
    assert.same({ nil, "notify" }, { core.check_recipient { notify = "x" } })
  end)
end)
