-- What is learned of a body before a connection is made (api.md, section 1; security.md, rows 13
-- and 14).
local patiently = require "spec.patience"
local posthorn = require "posthorn"
local setting = require "spec.faults.setting"

local pipelining = { "PIPELINING", "8BITMIME", "SIZE 100000000", "SMTPUTF8" }
local envelope = { from = "ada@example.org", to = { "bob@example.net" } }

local function pull(chunks)
  local i = 0
  return function()
    i = i + 1
    return chunks[i]
  end
end

local function temporary(octets)
  local path = os.tmpname()
  local handle = assert(io.open(path, "wb"))
  handle:write(octets)
  handle:close()
  return path
end

-- The last command that began so.
local function said(peer, word)
  for i = #peer.lines, 1, -1 do
    if peer.lines[i]:find("^" .. word) then return peer.lines[i] end
  end
end

-- The same octets in each form of a source, with what is to be done when it was used.
local function each_source(octets, fn)
  local path = temporary(octets)
  local middle = math.floor(#octets / 2)
  fn("function", pull { octets:sub(1, middle), "", octets:sub(middle + 1) })
  fn("file", posthorn.file(path))
  local handle = io.open(path, "rb")
  fn("handle", handle)
  handle:close()
  local pipe = io.popen("cat " .. path)
  fn("pipe", pipe)
  pipe:close()
  os.remove(path)
end

describe("posthorn.raw from a source", function()
  it("is refused before a connection is made (E3, E7)", function()
    setting.with({ ehlo = pipelining }, function(peer, transport)
      for octets, sentence in pairs {
        ["a\nb\r\n"] = "a bare LF", ["a\rb\r\n"] = "a bare CR", ["a\r"] = "a bare CR",
        ["a\0\r\n"] = "a NUL", [("x"):rep(999) .. "\r\n"] = "a line over 998 octets",
        ["a\r\n.\nb"] = "a bare LF",
      } do
        each_source(octets, function(kind, body)
          local result, _, failure = transport:send(assert(posthorn.raw(body, envelope)))
          assert.is_nil(result, kind)
          assert.equal("invalid", failure.kind)
          assert.equal("permanent", failure.class)
          assert.equal("body", failure.field)
          assert.matches(sentence, failure.message)
        end)
      end
      each_source("a\r\nb\n", function(_, body)
        local letter = assert(posthorn.raw(body, envelope, { line_ends = "lf" }))
        assert.equal("invalid", select(3, transport:send(letter)).kind)
      end)
      assert.equal(0, peer.connections)
    end)
  end)

  it("declares its size and 8BITMIME only where it has such octets", function()
    for octets, parameters in pairs {
      ["Subject: x\r\n\r\nplain\r\n"] = " SIZE=21",
      ["Subject: x\r\n\r\nü\r\n"] = " SIZE=18 BODY=8BITMIME",
      ["Subject: ü\r\n\r\nx\r\n"] = " SIZE=18 BODY=8BITMIME SMTPUTF8",
    } do
      each_source(octets, function(_, body)
        setting.with({ ehlo = pipelining }, function(peer, transport)
          local letter = assert(posthorn.raw(body, envelope))
          for i = 1, 2 do -- whatever it was, it may be sent again
            assert(transport:send(letter))
            assert.equal("MAIL FROM:<ada@example.org>" .. parameters, said(peer, "MAIL"))
            assert.equal(octets, peer.bodies[i])
          end
        end)
      end)
    end
    local unix = "Subject: x\n\na\nb\n"
    each_source(unix, function(_, body)
      setting.with({ ehlo = pipelining }, function(peer, transport)
        assert(transport:send(assert(posthorn.raw(body, envelope, { line_ends = "lf" }))))
        assert.equal("MAIL FROM:<ada@example.org> SIZE=20", said(peer, "MAIL"))
        assert.equal((unix:gsub("\n", "\r\n")), peer.bodies[1])
      end)
    end)
  end)

  it("is unsupported before any content where the server lacks what it needs", function()
    for octets, capabilities in pairs {
      ["Subject: x\r\n\r\nü\r\n"] = { "PIPELINING" },
      ["Subject: ü\r\n\r\nx\r\n"] = { "PIPELINING", "8BITMIME" },
    } do
      each_source(octets, function(_, body)
        setting.with({ ehlo = capabilities }, function(peer, transport)
          local letter = assert(posthorn.raw(body, envelope))
          local result, _, failure = transport:send(letter)
          assert.is_nil(result)
          assert.equal("unsupported", failure.kind)
          assert.equal(0, peer:count "MAIL")
          -- The same inside another message.
          result, _, failure = transport:send(setting.mail { attachments = { { content = letter } } })
          assert.is_nil(result)
          assert.equal("unsupported", failure.kind)
          assert.equal(0, peer:count "MAIL")
        end)
      end)
    end
  end)

  it("can be sent again once it was kept, more than memory holds too", function()
    local line = ("x"):rep(76) .. "\r\n"
    setting.with({ ehlo = pipelining }, { timeout = 20 }, function(peer, transport)
      local count = 0
      local letter = assert(posthorn.raw(function()
        count = count + 1
        return count <= 40 and line:rep(1000) or nil
      end, envelope))
      assert(transport:send(letter))
      assert(transport:send(letter))
      assert.equal(41, count)
      assert.equal(line:rep(40000), peer.bodies[1])
      assert.equal(line:rep(40000), peer.bodies[2])
    end)
  end)

  it("ends by the timeout and by a cancel while its source is kept", patiently(function(in_time)
    setting.with({ ehlo = pipelining }, function(peer, transport)
      local now = transport.driver.now
      local function stalls()
        return assert(posthorn.raw(function() posthorn.sleep(30) end, envelope))
      end
      local began = now()
      local _, _, failure = transport:send(stalls(), { timeout = 0.2 })
      assert.equal("timeout", failure.kind)
      assert.equal("temporary", failure.class)
      in_time(now() - began, 0.3)
      local stop = posthorn.canceller()
      posthorn.spawn(function()
        posthorn.sleep(0.1)
        stop:cancel()
      end)
      began = now()
      failure = select(3, transport:send(stalls(), { cancel = stop }))
      assert.equal("cancelled", failure.kind)
      in_time(now() - began, 0.3)
      failure = select(3, transport:send(assert(posthorn.raw(function() return nil, "broken" end, envelope))))
      assert.equal("io", failure.kind)
      assert.equal("body", failure.field)
      failure = select(3, transport:send(assert(posthorn.raw(function() error "raised" end, envelope))))
      assert.equal("io", failure.kind)
      assert.equal(0, peer.connections)
    end)
  end))

  it("is checked again while it is sent", function()
    local path = temporary "Subject: x\r\n\r\nfirst\r\n"
    setting.with({ ehlo = pipelining, data = { wait = 0.2, reply = "354 go on" } }, function(peer, transport)
      posthorn.spawn(function()
        posthorn.sleep(0.1)
        local handle = io.open(path, "wb")
        handle:write "Subject: x\r\n\r\nfir\nt\r\n"
        handle:close()
      end)
      local _, _, failure = transport:send(assert(posthorn.raw(posthorn.file(path), envelope)))
      assert.is_not_nil(failure)
      assert.equal("content", failure.phase)
      assert.equal(0, #peer.bodies)
    end)
    os.remove(path)
  end)
end)

describe("a body for more recipients than a transaction takes", function()
  local function many(n)
    local list = {}
    for i = 1, n do list[i] = ("r%d@example.net"):format(i) end
    return list
  end

  it("is kept where it can be read once only", function()
    for _, count in ipairs { 101, 250 } do
      each_source(("one line\r\n"):rep(300), function(_, body)
        setting.with({ ehlo = pipelining }, function(peer, transport)
          local result = assert(transport:send(setting.mail { to = many(count), text = body }))
          assert.equal(count, #result.accepted)
          assert.equal(math.ceil(count / 100), #peer.bodies)
          for i = 2, #peer.bodies do assert.equal(peer.bodies[1], peer.bodies[i]) end
        end)
      end)
    end
  end)
end)
