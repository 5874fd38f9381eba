-- envelope_spec.lua - lua/posthorn/envelope.lua.
local envelopes = require "posthorn.envelope"

describe("posthorn.envelope", function()
  it("keeps each recipient once, domains compared without case", function()
    local e = assert(envelopes.check {
      from = "a@b.example", to = { "c@d.example", { address = "c@D.example" }, "C@d.example" },
    })
    assert.same({ "c@d.example", "C@d.example" }, e.given)
    assert.is_false(e.smtputf8)
  end)

  it("takes the null sender and the quoted local part", function()
    local e = assert(envelopes.check { from = "", to = { '"a b"@d.example', '"plain"@d.example' } })
    assert.equal("", e.from)
    assert.same({ '"a b"@d.example', "plain@d.example" }, e.to)
    assert.equal('"plain"@d.example', e.given[2])
  end)

  for what, case in pairs {
    ["a display name"] = { "Bob <b@c.example>", "envelope.to[1]" },
    ["a list"] = { "b@c.example, d@e.example", "envelope.to[1]" },
    ["a route"] = { "@relay.example:b@c.example", "envelope.to[1]" },
    ["a comment"] = { "b@c.example (Bob)", "envelope.to[1]" },
    ["CRLF"] = { "b@c.example\r\nDATA", "envelope.to[1]" },
    ["a boolean"] = { true, "envelope.to[1]" },
    ["a table without address"] = { {}, "envelope.to[1]" },
  } do
    it("refuses " .. what, function()
      local e, message, failure = envelopes.check { from = "a@b.example", to = { case[1] } }
      assert.is_nil(e)
      assert.is_string(message)
      assert.equal("invalid", failure.kind)
      assert.equal(case[2], failure.field)
    end)
  end

  it("names the sender and the lack of recipients", function()
    assert.equal("envelope.from", select(3, envelopes.check { from = 7, to = { "a@b.example" } }).field)
    assert.equal("envelope.to", select(3, envelopes.check { from = "", to = {} }).field)
    assert.equal("envelope.to", select(3, envelopes.check { from = "", to = "a@b.example" }).field)
  end)

  it("takes a hole for a recipient that is none", function()
    for _, to in ipairs { { nil, "a@b.example" }, { "a@b.example", nil, "c@d.example" } } do
      local e, _, failure = envelopes.check { from = "", to = to }
      assert.is_nil(e)
      assert.equal("invalid", failure.kind)
      assert.matches("^envelope%.to%[[12]%]$", failure.field)
    end
    local letter = require("posthorn.raw").new("S: x\r\n\r\nx\r\n",
      { from = "", to = { "a@b.example", nil, "c@d.example" } })
    assert.equal("envelope.to[2]", select(3, letter:checked_envelope()).field)
  end)

  it("leaves no field out without a word", function()
    local with_ret = { from = "", to = { "a@b.example", { address = "c@d.example", ret = "full" } } }
    for _, take in ipairs {
      envelopes.check_names,
      function(e) require("posthorn.options").send { envelope = e } end,
      function(e) require("posthorn.raw").new("x\r\n", e) end,
    } do
      assert.has_error(function() take { from = "", to = {}, bcc = {} } end, "unknown option 'envelope.bcc'")
      assert.has_error(function() take(with_ret) end, "unknown option 'envelope.to[2].ret'")
    end
    envelopes.check_names { from = "", to = { { "nested" }, true } } -- a wrong form, told by check
  end)

  it("takes a recipient's own parameters, and copies them", function()
    local words = { "failure", "delay" }
    local checked = assert(envelopes.check { from = "", to = { "a@b.example",
      { address = "c@d.example" }, { address = "e@f.example", notify = words, orcpt = "g@h.example" } } })
    words[1] = "nonsense"
    assert.same({ "a@b.example", "c@d.example",
      { address = "e@f.example", notify = { "failure", "delay" }, orcpt = "g@h.example" } }, checked.to)
    assert.same({ "a@b.example", "c@d.example", "e@f.example" }, checked.given)
  end)

  it("E1 refuses parameters that cannot be sent, of whatever type", function()
    for field, values in pairs { orcpt = { "", "a\r\nb", "rfc822;\0", true, 5, {} },
      notify = { "", "nonsense", {}, { "never", "delay" }, true, 5, { true } } } do
      for _, value in ipairs(values) do
        local _, message, failure = envelopes.check { from = "",
          to = { "a@b.example", { address = "c@d.example", [field] = value } } }
        assert.is_string(message)
        assert.same({ "invalid", "envelope.to[2]." .. field }, { failure.kind, failure.field })
      end
    end
  end)
end)
