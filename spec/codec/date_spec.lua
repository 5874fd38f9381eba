-- date_spec.lua - dates of header fields.
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
end)
