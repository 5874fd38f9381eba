-- domain_spec.lua - which domains are taken, and their normal form (D1).
-- SPDX-License-Identifier: MIT
local domain = require("posthorn.core").domain

describe("ph_domain", function()
  it("gives the normal form and the kind", function()
    local cases = {
      { "Example.ORG.", "example.org", "name" }, { "localhost", "localhost", "name" },
      { "xn--bcher-kva.example", "xn--bcher-kva.example", "name" },
      { "a_b.3com.1example", "a_b.3com.1example", "name" },
      { "Bücher.Example", "bücher.example", "unicode" },
      { "[192.0.2.1]", "[192.0.2.1]", "literal" },
      { "[ipv6:2001:DB8::1]", "[IPv6:2001:db8::1]", "literal" },
      { ("a"):rep(63) .. ".b", ("a"):rep(63) .. ".b", "name" },
    }
    for _, case in ipairs(cases) do
      assert.same({ case[2], case[3] }, { domain.format(case[1]) })
    end
  end)

  it("refuses all else", function()
    for _, text in ipairs { "", ".", "a..b", ".a", "a..", "-a", "a-", "a.-b.c", "a b", "a\0b",
      "a\r\n",
      "192.0.2.1", "1", "a.1", "a.0x7f", "0x",
      ("a"):rep(64), ("a."):rep(127) .. "a", "[1.2.3]",
      "[2001:db8::1]", "[IPv6:1.2.3.4]", "[IPv6:::1", "[tag:x]", "[]", "a/b", "a@b", "a;b", "$(a)",
      "\255.example", "a\194\173b", "a\226\128\141b", "\226\132\170elvin", "a\227\128\130b",
      "\239\189\129.example", "\238\128\128.example", "a\194\160b" } do
      local normal, _, failure = domain.format(text)
      assert.is_nil(normal, text)
      assert.equal("invalid", failure.kind)
    end
  end)
end)
