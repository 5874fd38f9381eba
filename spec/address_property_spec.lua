-- address_property_spec.lua - lists of mailboxes drawn at random: what is
-- written is read again as it was, by us, by header and envelope, by Python.
-- SPDX-License-Identifier: MIT
local address = require "posthorn.address"
local core = require "posthorn.core"
local posthorn = require "posthorn"
local property = require "spec.property"

local names = {
  "Ada", "Lovelace", " ", " ", "  ", "ü", "漢字", "\240\159\152\128", "=?utf-8?q?x?=", "=?", "?=", '"',
  "\\", "'", ",", ";", ":", "<", ">", "@", "(", ")", ".", "Grüße", "[", "]", "a@b.example", ("x"):rep(70),
  ("ü"):rep(40),
}
local locals = {
  "a", "B", ".", '"', "\\", " ", "@", "(", ")", ",", "<", ">", "ü", "+", "漢", ";", ":", "=?", "[", "%", "'",
}
local domains = {
  "b.example", "B.Example", "a-1.example", "[192.0.2.1]", "[IPv6:2001:db8::1]", "bücher.example",
  "日本語.example", "xn--bcher-kva.example", "a_b.example", "localhost",
}

local function mailbox(draw, pieces)
  local name = draw.text(names, pieces)
  local quoted = '"' .. draw.text(locals, 10):gsub('[\\"]', "\\%0") .. '"'
  return {
    name = name ~= "" and name or nil,
    -- As it is written: in quotes only if they are needed.
    address = (core.bare_address(quoted .. "@" .. domains[draw.number(1, #domains)])),
  }
end

-- Some in groups. The name of a group is no less a phrase than that of a mailbox.
local function list_of(draw, pieces)
  local list, group = {}, nil
  for i = 1, draw.number(1, 6) do
    if draw.number(1, 3) == 1 then
      group = draw.number(1, 2) == 1 and draw.text(names, pieces or 4) or nil
      if group == "" then group = nil end
    end
    list[i] = mailbox(draw, pieces or 8)
    list[i].group = group
  end
  return list
end

describe("addresses at random", function()
  it("are read as they were written: parse(format(x)) == x", function()
    property.each(5322, 1500, function(draw)
      local list = list_of(draw)
      local text = assert(address.format(list))
      assert.same(list, assert(address.parse(text)))
      local folded = assert(core.fold.encode("To", text))
      assert.same(list, assert(address.parse(folded:sub(5, -3))))
      for _, one in ipairs(list) do
        assert.equal(one.address, (core.bare_address(one.address)))
        assert.is_true(address.valid(one.address))
      end
    end)
  end)

  it("are the same in header and envelope (row 17)", function()
    property.each(6531, 500, function(draw)
      local list = list_of(draw)
      for _, one in ipairs(list) do one.group = nil end
      local message = assert(posthorn.message { from = "a@b.example", to = list, text = "x", seed = "x" })
      local seen, once = {}, {}
      for _, one in ipairs(assert(posthorn.parse(message:bytes()):addresses("To"))) do
        local key = one.address:gsub("@[^@]*$", string.lower)
        if not seen[key] then once[#once + 1] = one.address end
        seen[key] = true
      end
      local checked = assert(message:checked_envelope())
      assert.same(once, checked.to)
      assert.same(message:envelope().to, checked.given)
      for i, given in ipairs(checked.given) do
        local alone = assert(require("posthorn.envelope").check { from = "", to = { given } })
        assert.equal(checked.to[i], alone.to[1])
      end
    end)
  end)
end)

-- ---- Python, in one process for all

local program = [[
import sys
from email import policy
make = policy.default.header_factory
for line in sys.stdin.buffer.read().decode().split("\n")[:-1]:
    header = make("To", line)
    rows = []
    for group in header.groups:
        for a in group.addresses:
            rows.append("\x1f".join(
                (a.display_name, a.username, a.domain, group.display_name or "")))
    print("\x1e".join(rows))
]]

local function file_with(text)
  local path = os.tmpname()
  local handle = assert(io.open(path, "wb"))
  handle:write(text)
  handle:close()
  return path
end

local function read_by_python(texts)
  local script, input = file_with(program), file_with(table.concat(texts, "\n") .. "\n")
  local pipe = assert(io.popen(("PYTHONIOENCODING=utf-8 /usr/bin/python3 %s < %s 2>&1"):format(script, input)))
  local output = pipe:read("*a")
  pipe:close()
  os.remove(script)
  os.remove(input)
  return output
end

-- Without quotes.
local function local_part(spec)
  local part = spec:match("^(.*)@[^@]*$")
  return part:match('^"(.*)"$') and part:sub(2, -2):gsub("\\(.)", "%1") or part
end

-- Python makes one blank of several, and drops those at the ends of a name.
local function squeeze(row)
  return (row:gsub(" +", " "):gsub(" ?([\30\31]) ?", "%1"):gsub("^ ", ""):gsub(" $", ""))
end

describe("Python's email", function()
  it("reads what we write", function()
    local texts, expected = {}, {}
    property.each(2047, 1000, function(draw)
      local list, rows = list_of(draw, 3), {}
      local text = assert(address.format(list))
      for k, one in ipairs(list) do
        rows[k] = table.concat({
          one.name or "", local_part(one.address), one.address:match("@([^@]*)$"), one.group or "",
        }, "\31")
      end
      -- Python keeps the blank between two encoded-words of a phrase, which RFC 2047, 6.2,
      -- takes out.
      if not text:find("?= =?", 1, true) then
        texts[#texts + 1], expected[#expected + 1] = text, table.concat(rows, "\30")
      end
    end)
    local i = 0
    for line in read_by_python(texts):gmatch "([^\n]*)\n" do
      i = i + 1
      assert.equal(squeeze(expected[i]), squeeze(line), texts[i])
    end
    assert.equal(#texts, i)
  end)
end)
