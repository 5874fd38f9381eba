-- writer_spec.lua - ph_writer: the message as a machine.
local core = require "posthorn.core"

local fields = { from = "a@b.example", seed = "s" }

local function new()
  local message = core.message()
  assert(message:put_fields(fields, 0))
  return message
end

-- Takes output in pieces of that size up to an event.
local function take(machine, size)
  local pieces = {}
  local output = machine:output()
  while output ~= "" do
    pieces[#pieces + 1] = output:sub(1, size)
    machine:consume(#pieces[#pieces])
    output = machine:output()
  end
  return table.concat(pieces)
end

describe("ph_writer", function()
  it("gives the same octets however much of them is consumed", function()
    local message = new()
    assert(message:set_html("html", ("Grüße =\n"):rep(20000)))
    local whole = assert(message:writer(false, false)):drain()
    for _, size in ipairs { 997, 4096, 65536 } do
      local writer = message:writer(false, false)
      local machine = writer:machine()
      assert.equal(whole, take(machine, size))
      assert.is_false(machine:pending())
      assert.equal("done", writer:next())
      assert.equal("", machine:output())
    end
  end)

  it("wants its sources one after another, and says so by pending", function()
    local message = new()
    assert(message:set_text("text", 7, nil, "8bit"))
    assert(message:set_html("html", 3, nil, "8bit"))
    local writer = message:writer(true, false)
    local machine = writer:machine()
    assert.is_false(machine:pending())
    assert.matches("8bit\r\n\r\n$", take(machine, 65536))
    assert.is_true(machine:pending())
    assert.same({ "want_source", 7, 65536 }, { writer:next() })
    assert.is_true(writer:feed("one"))
    assert.has_error(function() writer:feed("too early") end)
    assert.equal("one", take(machine, 65536))
    assert.same({ "want_source", 7, 65536 }, { writer:next() })
    assert.is_true(writer:feed_eof())
    assert.matches("^\r\n%-%-=_", take(machine, 65536))
    assert.same({ "want_source", 3, 65536 }, { writer:next() })
    assert.is_true(writer:feed_eof())
    assert.matches("%-%-\r\n$", take(machine, 65536))
    assert.equal("done", writer:next())
    assert.has_error(function() writer:feed("x") end)
  end)

  it("takes no octets by its machine, which nobody would keep alive", function()
    local message = new()
    assert(message:set_text("text", 1))
    local machine = message:writer(true, false):machine()
    take(machine, 65536)
    assert.is_false(machine:feed("x"))
    assert.is_false(machine:feed_eof())
    assert.is_nil(machine:deadline())
    machine:expire()
  end)

  it("says nothing more once it has failed", function()
    local message = new()
    assert(message:attach("attachments[1]", {}, 1, 3))
    local writer = message:writer(true, false)
    local machine = writer:machine()
    take(machine, 65536)
    local ok, _, failure = writer:feed("abcd")
    assert.is_nil(ok)
    assert.equal("io", failure.kind)
    assert.is_true(machine:pending())
    assert.equal("", machine:output())
    assert.equal("failed", (writer:next()))
    assert.has_error(function() writer:feed_eof() end)
  end)

  it("outlives its message's last reference, and not its own close", function()
    local writer, machine
    do
      local message = new()
      assert(message:set_text("text", ("x\n"):rep(100000)))
      writer = message:writer(true, false)
      machine = writer:machine()
    end
    collectgarbage()
    collectgarbage()
    assert.equal(300000 - 0, #take(machine, 65536):match("\r\n\r\n(.*)$"))
    writer:close()
    writer:close()
    assert.has_error(function() writer:next() end)
    assert.has_error(function() machine:output() end)
    assert.matches("posthorn.core.writer", tostring(writer))
  end)
end)
