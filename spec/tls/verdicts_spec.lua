-- verdicts_spec.lua - csrc/tls/verdicts.c: a chain that was verified just before.
local tls = require "posthorn.tls"
local pair = require "spec.tls.pair"

local two_names = pair.certificate { names = { pair.name, "other.example.test" } }

-- A client's context, a server's certificate, and a time behind that of the handshakes.
local function setting(options, certificate)
  local all = { ca = pair.authority.certificate }
  for name, value in pairs(options or {}) do all[name] = value end
  return { context = assert(tls.context(all)), certificate = certificate or two_names, now = os.time() }
end

local function shake(it, fields)
  local all = { ca = pair.absent, context = it.context, now = it.now }
  for name, value in pairs(fields or {}) do all[name] = value end
  local mine = pair.shake(pair.client(all), pair.server(all.certificate or it.certificate))
  return mine[2], mine[1]
end

local function is_recalled(it, fields)
  local facts, event = shake(it, fields)
  assert.equal("secured", event)
  return facts.recalled
end

describe("ph_verdicts", function()
  it("recall what was found good for the same name, in full handshakes", function()
    local it = setting()
    assert.is_false(is_recalled(it))
    for _ = 1, 3 do
      local facts = shake(it)
      assert.is_true(facts.recalled)
      assert.is_false(facts.resumed)
      assert.equal("pkix", facts.verified)
    end
  end)

  it("are of one name, one chain and one context", function()
    local it = setting()
    is_recalled(it)
    assert.is_false(is_recalled(it, { server_name = "other.example.test" }))
    it.certificate = pair.certificate()
    assert.is_false(is_recalled(it))
    it.certificate = { certificate = two_names.certificate .. pair.authority.certificate, key = two_names.key }
    assert.is_false(is_recalled(it))
    it.certificate = two_names
    assert.is_true(is_recalled(it))
    assert.is_false(is_recalled(setting()))
    assert.is_false(is_recalled(setting { verify = false }))
  end)

  it("never make a wrong name right", function()
    local it = setting()
    is_recalled(it)
    for _ = 1, 2 do
      local failure, event = shake(it, { server_name = "third.example.test" })
      assert.equal("failed", event)
      assert.equal("hostname mismatch", failure.text)
    end
  end)

  it("are of what was good alone", function()
    local it = setting { ca = two_names.certificate }
    it.certificate = pair.own
    for _ = 1, 3 do
      local _, event = shake(it)
      assert.equal("failed", event)
    end
  end)

  it("hold for five minutes, and not before they were made", function()
    local it = setting()
    is_recalled(it)
    assert.is_true(is_recalled(it, { now = it.now + 299 }))
    assert.is_false(is_recalled(it, { now = it.now + 300 }))
    it = setting()
    is_recalled(it)
    assert.is_false(is_recalled(it, { now = it.now - 1 }))
  end)

  it("hold until the first certificate expires", function()
    local it = setting(nil, pair.certificate { now = os.time() - 10 * 86400 + 120, days = 10 })
    is_recalled(it)
    assert.is_true(is_recalled(it, { now = it.now + 100 }))
    assert.is_false(is_recalled(it, { now = it.now + 125 }))
  end)

  it("are none without a time", function()
    local it = setting()
    for _ = 1, 2 do assert.is_false(is_recalled(it, { now = pair.absent })) end
  end)

  it("leave the pins to be checked", function()
    local digest = require("posthorn.core").base64.decode(shake(setting()).pin)
    local it = setting { pins = digest }
    assert.is_false(is_recalled(it))
    local facts = shake(it)
    assert.is_true(facts.recalled)
    assert.equal("pin", facts.verified)
    it = setting { pins = ("x"):rep(32) }
    for _ = 1, 2 do
      local failure, event = shake(it)
      assert.equal("failed", event)
      assert.match("none of those pinned", failure.message)
    end
  end)

  it("are a bounded number, and of chains of a bounded length", function()
    local names = {}
    for i = 1, 40 do names[i] = ("n%d.example.test"):format(i) end
    local it = setting(nil, pair.certificate { names = names })
    for i = 1, 40 do assert.is_false(is_recalled(it, { server_name = names[i] })) end
    assert.is_true(is_recalled(it, { server_name = names[40] }))
    assert.is_false(is_recalled(it, { server_name = names[1] }))
    local long = { certificate = two_names.certificate .. pair.authority.certificate:rep(20), key = two_names.key }
    it = setting(nil, long)
    for _ = 1, 2 do assert.is_false(is_recalled(it)) end
  end)
end)
