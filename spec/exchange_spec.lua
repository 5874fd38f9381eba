-- exchange_spec.lua - lua/posthorn/exchange.lua: rounds over a driver that carries strings. What it
-- does with slow and broken peers is in spec/faults/slow_spec.lua and dot_spec.lua.
local mocks = require "posthorn.driver.mock"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

-- The writes of one mail whose content has about so many octets, and what the server got.
local function writes_of(octets)
  local writes, got = {}, {}
  local base = mocks.new { peer = function(peer)
    peer:write "220 mock\r\n"
    local line
    repeat
      line = peer:read_line()
      peer:write(line == "DATA" and "354 go on\r\n" or "250 ok\r\n")
    until line == "DATA"
    repeat
      got[#got + 1] = peer:read(65536)
    until table.concat(got):sub(-5) == "\r\n.\r\n"
    peer:write "250 2.0.0 queued as m1\r\n"
    peer:read(1)
  end }
  local driver = setmetatable({
    connect = function(...)
      local connection, reason, text = base.connect(...)
      if not connection then return nil, reason, text end
      local write = connection.write
      function connection:write(bytes, deadline)
        writes[#writes + 1] = bytes
        return write(self, bytes, deadline)
      end
      return connection
    end,
  }, { __index = base })
  local message = assert(posthorn.message(setting.mail { text = (("x"):rep(70) .. "\n"):rep(math.floor(octets / 72)) }))
  base.run(function()
    local transport = posthorn.transport { host = "192.0.2.1", port = 25, tls = "none", driver = driver }
    assert(transport:send(message))
    transport:close()
  end)
  local content = {}
  for _, bytes in ipairs(writes) do
    if not bytes:find "^%u%u%u%u" then content[#content + 1] = bytes end
  end
  return content, table.concat(got), assert(message:bytes())
end

describe("posthorn.exchange", function()
  it("writes a large content in pieces, each octet once, the dot with the end of the body", function()
    for _, octets in ipairs { 100, 16384, 33000, 100000, 400000 } do
      local content, got, bytes = writes_of(octets)
      assert.is_true(bytes .. ".\r\n" == got)
      for i, piece in ipairs(content) do
        assert.is_true(#piece < 3 * 16384, i .. ": " .. #piece)
      end
      local last = content[#content]
      assert.equal("\r\n.\r\n", last:sub(-5))
      assert.is_true(#last > 5)
    end
  end)
end)
