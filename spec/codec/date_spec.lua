-- date_spec.lua - dates of header fields, and of the Internet.
-- SPDX-License-Identifier: MIT
local date = require("posthorn.core").date
local draw = require("spec.codec.draw")(8)
local vectors = require "spec.codec.vectors"

describe("ph_date", function()
  it("reads the examples of the RFC", function()
    for _, vector in ipairs(vectors "date") do
      assert.equal(tonumber(vector[3]), date.parse(vector[2]), vector[2])
    end
  end)

  it("writes UTC", function()
    assert.equal("Thu, 1 Jan 1970 00:00:00 +0000", date.format(0))
    assert.equal("Tue, 29 Feb 2000 23:59:59 +0000", date.format(951868799.9))
    assert.equal("Wed, 31 Dec 1969 23:59:59 +0000", date.format(-0.5))
    assert.equal("Mon, 1 Jan 1900 00:00:00 +0000", date.format(-2208988800))
    assert.equal("Fri, 31 Dec 9999 23:59:59 +0000", date.format(253402300799))
  end)

  it("refuses what is no date of these years, of whatever type", function()
    for _, epoch in ipairs { -2208988801, 253402300800, 0 / 0, math.huge, "0", true, {} } do
      local text, _, failure = date.format(epoch)
      assert.is_nil(text)
      assert.equal("date", failure.field)
    end
  end)

  it("agrees with the C library and reads what it wrote", function()
    for _ = 1, 2000 do
      local epoch = draw.number(0, 2147483646) + draw.number(0, 2147483646)
      local text = date.format(epoch)
      assert.equal(epoch, date.parse(text))
      assert.equal(os.date("!%H:%M:%S", epoch), text:match("%d+:%d+:%d+"))
      assert.equal(os.date("!%d %Y", epoch):gsub("^0", ""),
        ("%s %s"):format(text:match(", (%d+) %a+ (%d+)")), nil)
      epoch = -draw.number(0, 2147483646)
      assert.equal(epoch, date.parse(date.format(epoch)))
    end
  end)

  it("refuses what is no date", function()
    for _, text in ipairs { "", "x", "1 Jan", "32 Jan 2020 00:00 +0000", "29 Feb 2021 00:00 +0000",
      "1 Foo 2020 00:00 +0000", "1 Jan 2020 24:00 +0000", "1 Jan 2020 00:60 +0000",
      "1 Jan 2020 00:00 +00", "1 Jan 2020 00:00 +0060", "1 Jan 2020 00:00 +0000 x",
      "1 Jan 20200 00:00 +0000", "1 Jan 2020 00:00 +0000 (" } do
      assert.is_nil((date.parse(text)), text)
    end
  end)

  it("reads the Internet dates of RFC 3339, strictly", function()
    for _, vector in ipairs(vectors "internet_date") do
      assert.equal(tonumber(vector[3]), date.parse(vector[2], true), vector[2])
    end
    for _, text in ipairs { "", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01 00:00:00Z",
      "2020-02-30T00:00:00Z", "2021-02-29T00:00:00Z", "2020-13-01T00:00:00Z", "2020-00-01T00:00:00Z",
      "2020-01-00T00:00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:60:00Z", "2020-01-01T00:00:61Z",
      "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00+0100", "2020-01-01T00:00:00+24:00",
      "2020-01-01T00:00:00+00:60", "2020-01-01T00:00:00Z ", "20200101T000000Z", "1899-12-31T00:00:00Z",
      "020-01-01T00:00:00Z", "2020-1-1T00:00:00Z", "2020-01-01T00:00:00\0", "999999999" } do
      assert.is_nil((date.parse(text, true)), text)
    end
  end)

  it("writes Internet dates that agree with the C library, and reads them", function()
    assert.equal("1970-01-01T00:00:00Z", date.format(0, true))
    assert.equal("1900-01-01T00:00:00Z", date.format(-2208988800, true))
    assert.equal("9999-12-31T23:59:59Z", date.format(253402300799.5, true))
    assert.is_nil((date.format(253402300800, true)))
    for _ = 1, 1000 do
      local epoch = draw.number(0, 2147483646) + draw.number(0, 2147483646)
      local text = date.format(epoch, true)
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", epoch), text)
      assert.equal(epoch, date.parse(text, true))
    end
  end)
end)
