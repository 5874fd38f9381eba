-- encoded_word_spec.lua - encoded-words and folds: a reader sees what was
-- typed.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local words, fold = core.encoded_word, core.fold
local property = require "spec.property"
local vectors = require "spec.codec.vectors"

local pieces = { "a", "word ", " ", "  ", "é", "ü ", "漢字", "😀", "=?", "?=", "=?utf-8?q?x?= ",
  '"', "\\", "_", "(", ",", ("x"):rep(80), "ö" .. ("ß"):rep(60), (" "):rep(70), "=", "?", "." }

-- A field as it travels: ASCII, lines that are short enough.
local function check_field(field)
  assert(not field:find("[^\r\n -~]"), field)
  for line in field:gmatch("(.-)\r\n") do
    assert(#line <= 998)
    assert(line:find("[^ ]"), field)
    if line:find("=?", 1, true) then
      assert(#line <= 76, line)
    end
  end
  for word in field:gmatch("=%?[^ ]*%?=") do
    assert(#word <= 75, word)
  end
end

describe("ph_encoded_word", function()
  it("decodes the examples of the RFCs", function()
    for _, vector in ipairs(vectors "encoded_word") do
      assert.equal(vector[2], words.decode(vector[3]))
    end
  end)

  it("decodes what it can and leaves the rest as it is", function()
    assert.equal("\226\130\172", words.decode "=?windows-1252?Q?=80?=")
    for _, text in ipairs { "=?euc-kr?B?8A==?=", "=?utf-8?X?a?=", "=?utf-8?Q?=zz?=",
      "=?utf-8?Q?a",
      "=?utf-8?Q?a b?=", "=??Q?a?=", "=?", "=", "a =?b c" } do
      assert.equal(text, words.decode(text))
    end
    assert.equal("é", words.decode "=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=")
  end)

  it("encodes only the words that need it", function()
    assert.equal("plain  text, as it is.", words.encode "plain  text, as it is.")
    assert.equal("to =?utf-8?Q?K=C3=B6lnisches?= Wasser", words.encode("to Kölnisches Wasser"))
    assert.equal("=?utf-8?B?w6l0w6kgw6AgUGFyaXM=?=", words.encode("été à Paris", "phrase"))
  end)

  it("pads no B word that another follows, as GMime stops reading there", function()
    for _, text in ipairs { ("é"):rep(100), ("日本"):rep(60), "x" .. ("éа"):rep(80), ("😀"):rep(40),
      "1" .. ("日本"):rep(60), "(ab" .. ("漢字"):rep(9) .. "x" .. ("漢字"):rep(30), "ü" .. ("年"):rep(80),
      "2026" .. ("年"):rep(80) } do
      for _, context in ipairs { "text", "phrase", "word" } do
        local encoded = words.encode(text, context)
        assert.truthy(encoded:find("?B?", 1, true))
        assert.is_nil(encoded:find("=%?= =%?"), encoded)
        assert.equal(text, words.decode(encoded))
      end
    end
  end)

  it("takes no literal text for an encoded-word (row 6)", function()
    local text = "=?utf-8?q?=0D=0ABcc:_x?="
    local encoded = words.encode(text)
    assert.is_nil(encoded:find("0D", 1, true))
    assert.equal(text, words.decode(encoded))
  end)

  it("refuses controls and what is no UTF-8 (rows 4, 5)", function()
    for _, text in ipairs { "a\rb", "a\nb", "a\0", "\t", "\127", "\255", "\237\160\128",
      "\192\128" } do
      for _, context in ipairs { "text", "phrase", "word" } do
        local encoded, _, failure = words.encode(text, context)
        assert.is_nil(encoded)
        assert.equal("invalid", failure.kind)
      end
    end
  end)

  it("says the same when it is folded, unfolded and decoded", function()
    property.each(2047, 1500, function(draw)
      local text = draw.text(pieces, 14)
      local field = assert(fold.encode("Subject", assert(words.encode(text, "text", 9))))
      check_field(field)
      assert.equal(text, words.decode(fold.decode(field:sub(10, -3))))
    end)
  end)

  it("writes words that a Q or B reader of any kind can decode", function()
    property.each(1522, 500, function(draw)
      local text = draw.text(pieces, 8)
      local encoded = words.encode(text, "word", draw.number(0, 90))
      assert.equal(text, words.decode(encoded))
      assert.is_nil(encoded:find("[^ A-Za-z0-9!*+/=?_-]"))
      assert.is_nil(encoded:find("=%?= =%?"), encoded)
    end)
  end)
end)
