-- auth_spec.lua - fault catalogue C11 to C15, C17: what becomes of a login, at the public API.
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"
local setting = require "spec.faults.setting"
local tls = require "posthorn.tls"

local authority = files.new(pair.authority.certificate)
local good = pair.certificate { names = { "localhost", "127.0.0.1" } }
local server = assert(tls.context { side = "server", certificate = good.certificate, key = good.key })

local secret, encoded = "s3cret", "AHVzZXIAczNjcmV0" -- "\0user\0s3cret"

-- Mails to a peer over verified TLS: outcomes, the peer, and all that a trace showed.
local function send(secured, options, mails)
  local what = { ehlo = { "STARTTLS", "AUTH PLAIN LOGIN" }, tls = server, secured = secured }
  local all = { host = "127.0.0.1", tls = "starttls", ca_file = authority, user = "user", password = secret }
  local shown, outcomes = {}, {}
  all.trace = function(event) shown[#shown + 1] = event.text end
  for name, value in pairs(options or {}) do all[name] = value end
  setting.with(what, all, function(peer, transport)
    for i = 1, mails or 1 do
      local result, message, failure = transport:send(setting.mail())
      outcomes[i] = { result = result, message = message, failure = failure }
    end
    outcomes.peer = peer
  end)
  outcomes.shown = table.concat(shown, "\n")
  return outcomes
end

local function failed(outcomes, kind, class)
  local failure = outcomes[1].failure
  assert.is_nil(outcomes[1].result)
  assert.equal(kind, failure.kind)
  assert.equal(class, failure.class)
  assert.equal(0, outcomes.peer:count "MAIL")
  for _, text in ipairs { outcomes[1].message, tostring(failure), failure.text or "", outcomes.shown } do
    assert.is_nil(text:find(secret, 1, true))
    assert.is_nil(text:find(encoded, 1, true))
  end
  return failure
end

describe("faults C: logins", function()
  teardown(function()
    os.remove(authority)
  end)

  it("C11: behind STARTTLS no AUTH is offered, which was before: permanent, and nothing is shown", function()
    for _, secured in ipairs { { ehlo = { "PIPELINING" } }, { ehlo = { "PIPELINING", "AUTH GSSAPI" } } } do
      local outcomes = send(secured)
      failed(outcomes, "auth", "permanent")
      assert.equal(0, outcomes.peer:count "AUTH")
    end
  end)

  it("C12: a credential, and no AUTH: permanent, never without", function()
    setting.with({ ehlo = { "PIPELINING" } }, { user = "user", password = secret, allow_plaintext_auth = true },
      function(peer, transport)
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("auth", failure.kind)
        assert.equal("permanent", failure.class)
        assert.equal(0, peer:count "MAIL")
      end)
  end)

  it("C13: 535: permanent for this credential, one attempt for each mail", function()
    local outcomes = send({ ehlo = { "AUTH PLAIN LOGIN" }, auth = "535 5.7.8 s3cret is wrong, AHVzZXIAczNjcmV0" }, nil, 3)
    local failure = failed(outcomes, "auth", "permanent")
    assert.equal(535, failure.code)
    assert.equal("5.7.8", failure.enhanced)
    assert.equal("auth", failure.phase)
    assert.equal(3, outcomes.peer:count "AUTH")
    assert.equal(3, outcomes.peer.connections)
  end)

  for _, reply in ipairs { "454 4.7.0 later", "432 4.7.12 a transition is needed", "421 4.3.2 closing" } do
    it("C14: " .. reply:sub(1, 3) .. ": temporary", function()
      local outcomes = send { ehlo = { "AUTH PLAIN" }, auth = reply }
      failed(outcomes, "auth", "temporary")
    end)
  end

  describe("C15: a challenge", function()
    local function challenged(auth, more)
      local secured = { ehlo = { "AUTH LOGIN" }, auth = auth, [""] = "501 5.7.0 given up" } -- what "*" is told
      for moment, answer in pairs(more or {}) do secured[moment] = answer end
      local outcomes = send(secured)
      local failure = outcomes[1].failure
      assert.is_nil(outcomes[1].result)
      assert.equal("temporary", failure.class)
      assert.equal(0, outcomes.peer:count "MAIL")
      assert.is_nil(outcomes.shown:find(secret, 1, true))
      return failure, outcomes.peer
    end

    it("of two lines", function()
      assert.equal("auth", challenged({ raw = "334-VXNlcm5hbWU6\r\n334 VXNlcm5hbWU6\r\n" }).phase)
    end)

    it("that is no base64", function()
      assert.equal("auth", challenged("334 ???").phase)
    end)

    it("of 1 MB", function()
      assert.equal("auth", challenged({ raw = "334 " .. ("QUFB"):rep(262144) .. "\r\n" }).phase)
    end)

    it("behind the last step: given up by a star (RFC 4954, 4)", function()
      -- The answers are told apart by their letters: of the user, and of the password.
      local failure, peer = challenged("334 VXNlcm5hbWU6", {
        dxnlcg = "334 UGFzc3dvcmQ6", cznjcmv = "334 VXNlcm5hbWU6" })
      assert.equal("auth", failure.phase)
      assert.equal("*", peer.lines[#peer.lines])
    end)
  end)

  it("C17: asked for AUTH in clear text: the password is never sent", function()
    setting.with({ ehlo = { "AUTH PLAIN" }, mail = "530 5.7.0 authentication required" },
      { tls = "opportunistic", user = "user", password = secret }, function(peer, transport)
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("permanent", failure.class)
        assert.equal(0, peer:count "AUTH")
        assert.is_nil(table.concat(peer.octets):find(encoded, 1, true))
      end)
    setting.with({ ehlo = { "AUTH PLAIN" }, mail = "530 5.7.0 authentication required" },
      { tls = "opportunistic" }, function(peer, transport)
        local result, _, failure = transport:send(setting.mail())
        assert.is_nil(result)
        assert.equal("permanent", failure.class)
        assert.equal(530, failure.code)
        assert.equal(0, peer:count "AUTH")
      end)
  end)
end)
