-- fold_spec.lua - header fields as lines.
-- SPDX-License-Identifier: MIT
local fold = require("posthorn.core").fold
local property = require "spec.property"

describe("ph_fold", function()
  it("writes short fields in one line", function()
    assert.equal("Subject: hello\r\n", fold.encode("Subject", "hello"))
  end)

  it("folds between tokens, not inside quotes (row 7)", function()
    local quoted = '"' .. ("a b, "):rep(14) .. '"'
    assert.equal("To: first\r\n " .. quoted .. "\r\n <a@b.example>\r\n",
      fold.encode("To", "first " .. quoted .. " <a@b.example>"))
  end)

  it("folds inside quotes only where a line would be too long", function()
    local field = fold.encode("X", '"' .. ("a "):rep(600) .. '"')
    for line in field:gmatch("(.-)\r\n") do
      assert.is_true(#line <= 998)
    end
  end)

  it("changes nothing but line ends", function()
    local pieces = { "a", "word", " ", "  ", '"', "\\", ("x"):rep(77), ("y"):rep(300), "," }
    property.each(223, 2000, function(draw)
      local value = "v" .. draw.text(pieces, 30) .. "v"
      local field = fold.encode("Name", value)
      if field then
        assert.equal(value, fold.decode(field:sub(7, -3)):gsub("^ ", "", field:sub(6, 7) == "\r\n"
          and 1 or 0), nil)
        for line in field:gmatch("(.-)\r\n") do
          assert(#line <= 998 and line:find("[^ ]"), line)
        end
      end
    end)
  end)

  it("refuses names and values that would break the header (row 5)", function()
    for _, name in ipairs { "", "a b", "a:", "a\r\n", "\0", "ü", ("n"):rep(998) } do
      assert.is_nil((fold.encode(name, "value")))
    end
    for _, value in ipairs { "a\r\nBcc: x", "\r", "\n", "\0", "\27", ("a"):rep(998) } do
      local field, _, failure = fold.encode("Name", value)
      assert.is_nil(field)
      assert.equal("invalid", failure.kind)
    end
    assert.equal("Name:\r\n " .. ("a"):rep(997) .. "\r\n", fold.encode("Name", ("a"):rep(997)))
  end)
end)
