-- quoted_printable_spec.lua - quoted-printable at every cut.
-- SPDX-License-Identifier: MIT
local qp = require("posthorn.core").quoted_printable
local property = require "spec.property"
local vectors = require "spec.codec.vectors"

local pieces = { "a", "word ", " ", "\t", "\r\n", "\r", "\n", "=", ".", "From ", "é", "\0",
  ("x"):rep(70), ("y"):rep(80), "Fr", "From", ("bb cc dd "):rep(8), "漢字" }

-- Lines of at most 76 columns in ASCII, no blank before a line end.
local function check_lines(text)
  for line in (text .. "\r\n"):gmatch("(.-)\r\n") do
    assert(#line <= 76 and not line:find("[ \t]$") and not line:find("[^\t -~]"), line)
  end
end

describe("ph_quoted_printable", function()
  it("decodes the examples of the RFC", function()
    for _, vector in ipairs(vectors "quoted_printable") do
      assert.equal(vector[2], qp.decode(vector[3]))
    end
  end)

  it("encodes text: hard line ends stay, blanks before them do not", function()
    assert.equal("a=20\r\n=09\r\nb=20", qp.encode("a \r\n\t\r\nb "))
    assert.equal("a =0D=0A =3D", qp.encode("a \r" .. "\n =", "binary"))
    assert.equal("=0Aa=0D", qp.encode("\na\r"))
    assert.equal(("a"):rep(75) .. "=\r\nab", qp.encode(("a"):rep(76) .. "b"))
    assert.equal(("a"):rep(73) .. "=\r\n=3D", qp.encode(("a"):rep(73) .. "="))
  end)

  it("guards lines that begin with a dot or From", function()
    assert.equal("=2Ea\r\nFrom=20me\r\nFrom\r\na.From b",
      qp.encode(".a\r\nFrom me\r\nFrom\r\na.From b", "guard"))
  end)

  it("gives back what it was given, however it is cut", function()
    for _, mode in ipairs { "text", "binary", "guard" } do
      property.each(2045, 300, function(draw)
        local text = draw.text(pieces, 20)
        local encoded = qp.encode(text, mode)
        assert.equal(encoded, qp.encode(draw.chunks(text, 6), mode))
        assert.equal(encoded, qp.encode(draw.chunks(text, 1), mode))
        check_lines(encoded)
        assert.equal(text, qp.decode(encoded))
        assert.equal(text, qp.decode(draw.chunks(encoded, 4)))
        if mode == "guard" then
          assert.is_nil(("\n" .. encoded):find("\n%."))
          assert.is_nil(("\n" .. encoded):find("\nFrom "))
        end
      end)
    end
  end)

  it("takes a run up to each octet, at each place", function()
    for octet = 0, 255 do
      local c = string.char(octet)
      for place = 0, 80, 3 do
        local before, behind = ("a"):rep(place), ("b "):rep(12)
        local encoded = qp.encode(before .. c .. behind)
        assert(encoded == qp.encode { before, c, behind }, encoded)
        assert(qp.decode(encoded) == before .. c .. behind, encoded)
      end
    end
  end)

  it("takes a large text as it takes its lines", function()
    local line = ("Grüße, "):rep(9) .. " \r\n"
    local text, lines = line:rep(2000), {}
    for i = 1, 2000 do lines[i] = line end
    assert.equal(qp.encode(lines), qp.encode(text))
    assert.equal(qp.encode(line):rep(2000), qp.encode(text))
    assert.equal(text, qp.decode(qp.encode(text)))
  end)

  it("reads anything, and the same however it is cut", function()
    local broken = { "=", "4", "1", "=4", "=G", " ", "\t", "\r", "\n", "\r\n", "a", "=\n", "\255",
      (" "):rep(150), "of a length", "=\r\n", "=C3=bc" }
    assert.equal("=G=4 a=zz", qp.decode("=G=4 a=zz"))
    property.each(67, 1000, function(draw)
      local text = draw.text(broken, 12)
      assert.equal(qp.decode(text), qp.decode(draw.chunks(text, 2)))
      assert.equal(qp.decode(text), qp.decode(draw.chunks(text, 1)))
    end)
  end)
end)
