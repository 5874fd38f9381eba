-- needs_spec.lua - fault catalogue D45 to D47: what a mail needs and a server lacks is known before
-- it is asked.
local peers = require "spec.peer"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local fault = setting.fault

-- Runs one mail to two servers; fn(outcome, first, second).
local function at_two(ehlos, letter, fn)
  posthorn.run(function()
    local first, second = peers.start { ehlo = ehlos[1] }, peers.start { ehlo = ehlos[2] }
    local transport = posthorn.transport { timeout = 5, servers = {
      "smtp://127.0.0.1:" .. first.port, "smtp://127.0.0.1:" .. second.port,
    } }
    local result, _, failure = transport:send(letter)
    transport:close()
    fn(result or failure, first, second)
    first:stop()
    second:stop()
  end)
end

local function expect(failure, kind, enhanced)
  assert.same({ kind, "permanent", enhanced }, { failure.kind, failure.class, failure.enhanced })
  assert.equal("mail", failure.phase)
  for _, record in ipairs(failure.recipients) do
    assert.same({ kind, "permanent" }, { record.kind, record.class })
  end
end

local function raw(octets, to)
  return assert(posthorn.raw(octets, { from = "ada@example.org", to = { to or "bob@example.net" } }))
end

-- What is lacked, a mail that needs it, the keywords of a server that lacks and of one that has it.
local rows = {
  { "D45: more octets than SIZE takes", "limit", "5.3.4", { "SIZE 500", "8BITMIME" }, { "SIZE 5000" },
    function() return assert(posthorn.message(setting.mail { text = ("x"):rep(600) .. "\n" })) end },
  { "D46: 8-bit octets that are not ours, without 8BITMIME", "unsupported", "5.6.3", { "SIZE" }, { "8BITMIME" },
    function() return raw "Subject: x\r\n\r\nGrüße\r\n" end },
  { "D47: a local part outside ASCII, without SMTPUTF8", "unsupported", "5.6.7", { "8BITMIME" },
    { "8BITMIME", "SMTPUTF8" }, function() return raw("Subject: x\r\n\r\nhi\r\n", "tömås@example.net") end },
  { "D47: the same of a message that is built", "unsupported", "5.6.7", { "8BITMIME" }, { "8BITMIME", "SMTPUTF8" },
    function() return assert(posthorn.message(setting.mail { to = "tömås@example.net" })) end },
}

describe("faults D, needs", function()
  for _, row in ipairs(rows) do
    local title, kind, enhanced, lacking, having, letter = row[1], row[2], row[3], row[4], row[5], row[6]

    it(title .. ": the next server", function()
      at_two({ lacking, having }, letter(), function(result, first, second)
        assert.equal(1, #(result.accepted or {}), result.message)
        assert.equal(0, first:count "MAIL")
        assert.equal(0, #first.bodies)
        assert.equal(1, #second.bodies)
      end)
    end)

    it(title .. ": none can", function()
      at_two({ lacking, lacking }, letter(), function(failure, first, second)
        expect(failure, kind, enhanced)
        assert.equal(0, first:count "MAIL" + second:count "MAIL")
        assert.equal(1, first.connections)
        assert.equal(1, second.connections)
      end)
    end)
  end

  it("D45: SIZE without a number, or with a senseless one, is no limit", function()
    for _, word in ipairs { "SIZE", "SIZE 0", "SIZE x", "SIZE 99999999999999999999" } do
      local result = fault { ehlo = { word } }
      assert.equal(1, #(result.accepted or {}), word)
    end
  end)

  it("D45: the server's own 552 at MAIL is permanent", function()
    local failure = fault { mail = "552 5.3.4 too large" }
    assert.same({ "refused", "permanent", "5.3.4", "mail" },
      { failure.kind, failure.class, failure.enhanced, failure.phase })
  end)

  it("D46: a message of ours is encoded anew", function()
    local result, peer = fault({ ehlo = {} }, { text = "Grüße\n", encoding = "8bit" })
    assert.equal(1, #result.accepted)
    assert.is_nil(peer.bodies[1]:find "[\128-\255]")
    assert.is_truthy(peer.bodies[1]:find("Content-Transfer-Encoding: ", 1, true))
    assert.equal(0, peer:count "MAIL FROM:<ADA@EXAMPLE.ORG> BODY")
    local _, other = fault({ ehlo = { "8BITMIME" } }, { text = "Grüße\n", encoding = "8bit" })
    assert.is_truthy(other.bodies[1]:find("Grüße", 1, true))
    assert.equal(1, other:count "MAIL FROM:<ADA@EXAMPLE.ORG> BODY=8BITMIME")
  end)

  it("D47: an address of A-labels needs no SMTPUTF8", function()
    local result, peer = fault({ ehlo = { "8BITMIME" } }, { to = "bob@bücher.example" })
    assert.same({ "bob@bücher.example" }, result.accepted)
    assert.equal(1, peer:count "RCPT TO:<BOB@XN--BCHER-KVA.EXAMPLE>")
  end)
end)
