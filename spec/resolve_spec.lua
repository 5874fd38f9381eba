-- resolve_spec.lua - lua/posthorn/resolve.lua
local packet = require "spec.dns.packet"
local patiently = require "spec.patience"
local resolve = require "posthorn.resolve"
local server = require "spec.dns.server"

-- Whoever asks a question with this fails: it has no sockets.
local still = { now = os.clock }

local function ips(list)
  local out = {}
  for i, address in ipairs(list) do out[i] = address.ip end
  return out
end

describe("resolve.addresses without a question", function()
  local path

  before_each(function()
    path = os.tmpname()
    local handle = assert(io.open(path, "wb"))
    handle:write("192.0.2.7 files.example\n2001:db8::7 files.example\n192.0.2.8 files.example\n"
      .. "192.0.2.66 localhost\n")
    handle:close()
  end)

  after_each(function() os.remove(path) end)

  local function find(host, options)
    options = options or {}
    options.driver, options.files = still, { hosts = path }
    return resolve.addresses(host, options)
  end

  it("gives literal addresses as they are", function()
    assert.same({ { ip = "192.0.2.1", family = "inet" } }, find("192.0.2.1"))
    assert.same({ { ip = "2001:db8::1", family = "inet6" } }, find("2001:DB8::1"))
    assert.same({ { ip = "::1", family = "inet6" } }, find("[::1]"))
  end)

  it("knows localhost, IPv4 first, whatever a file says", function()
    assert.same({ "127.0.0.1", "::1" }, ips(find("localhost")))
    assert.same({ "127.0.0.1", "::1" }, ips(find("Mail.LocalHost.")))
  end)

  it("takes the caller's hosts before all else", function()
    local hosts = { ["Mail.Example."] = "192.0.2.1",
      ["two.example"] = { "2001:db8::1", "2001:db8::2", "192.0.2.2" }, localhost = "127.0.0.9" }
    assert.same({ "192.0.2.1" }, ips(find("mail.example", { hosts = hosts })))
    assert.same({ "2001:db8::1", "192.0.2.2", "2001:db8::2" },
      ips(find("two.example", { hosts = hosts })))
    assert.same({ "127.0.0.9" }, ips(find("localhost", { hosts = hosts })))
  end)

  it("looks up U-labels as A-labels (RFC 5891, 5)", function()
    local hosts = { ["Bücher.example"] = "192.0.2.1", ["xn--grn-ioa.example."] = "192.0.2.2" }
    for _, host in ipairs { "bücher.example", "BÜCHER.example.", "XN--bcher-kva.example" } do
      assert.same({ "192.0.2.1" }, ips(find(host, { hosts = hosts })))
    end
    assert.same({ "192.0.2.2" }, ips(find("grün.example", { hosts = hosts })))
    local list, message, failure = find("a\205\184x.example", { hosts = hosts })
    assert.is_nil(list)
    assert.same({ "invalid", "host", message }, { failure.kind, failure.field, tostring(failure) })
  end)

  it("reads the hosts file, the families in turn (D9)", function()
    assert.same({ "192.0.2.7", "2001:db8::7", "192.0.2.8" }, ips(find("Files.Example")))
  end)

  it("refuses a malformed host by its field (A30), and shows it escaped", function()
    for _, host in ipairs { "", ".", "a b", "a\r\nRCPT TO:<x>", "a..b", "1.2.3", "256.1.1.1",
      "a\0b", "[192.0.2.1]", "[mail.example]", ("x"):rep(64), ("x."):rep(128),
      "fe80::1%eth0", "\27[2J" } do
      local list, message, failure = find(host)
      assert.is_nil(list, host)
      assert.same({ "invalid", "permanent", "host" },
        { failure.kind, failure.class, failure.field })
      assert.equal(message, tostring(failure))
      assert.is_nil(message:find("%c"))
    end
  end)

  it("raises for options that are none", function()
    for name, options in pairs { hosts = { hosts = { ["a.example"] = "nowhere" } },
      servers = { servers = { "nowhere" } } } do
      local ok, message = pcall(find, "a.example", options)
      assert.is_false(ok)
      assert.matches("option '" .. name .. "'", message)
    end
    for _, text in ipairs { "127.0.0.1:0", "127.0.0.1:99999", "[::1", "::1]:53", "a:53" } do
      assert.is_false((pcall(find, "a.example", { servers = { text } })))
    end
  end)
end)

describe("resolve.addresses with a name server", function()
  local drivers = require "posthorn.driver"
  local driver, servers
  local inet, inet6 = "192.0.2.1", "20010db8000000000000000000000001"

  -- Runs the spec's body as a task, with name servers that do as they are told.
  local function with(responses, body)
    driver, servers = drivers.get(), {}
    driver.run(function()
      for i, respond in ipairs(responses) do servers[i] = server.start(driver, respond) end
      body()
      for _, one in ipairs(servers) do one:stop() end
    end)
  end

  -- Names are used once in this file: outcomes are kept.
  local function find(host, seconds, options)
    options = options or {}
    options.driver, options.servers = driver, {}
    for i, one in ipairs(servers) do options.servers[i] = one.address end
    options.deadline = driver.now() + (seconds or 5)
    return resolve.addresses(host, options)
  end

  local function silent() end

  local function both(question)
    return server.addresses(question, { inet, "192.0.2.2" }, { inet6 })
  end

  local function of_rcode(rcode)
    return function(question) return server.reply(question, { rcode = rcode }) end
  end

  it("asks for both families at once and gives them in turn", function()
    with({ both }, function()
      local list = find("Both.Example.")
      assert.same({ { ip = inet, family = "inet" }, { ip = "2001:db8::1", family = "inet6" },
        { ip = "192.0.2.2", family = "inet" } }, list)
      assert.equal(2, #servers[1].asked)
      assert.equal("both.example", servers[1].asked[1].name)
    end)
  end)

  it("asks once for what it knows, and for all who ask at once", function()
    with({ both }, function()
      local tasks = {}
      for i = 1, 10 do tasks[i] = driver.spawn(find, "once.example") end
      for i = 1, 10 do assert.equal(3, #tasks[i]:wait()) end
      assert.equal(3, #find("ONCE.example"))
      assert.equal(2, #servers[1].asked)
    end)
  end)

  it("uses a TTL of 0 once (A28)", function()
    with({ function(question)
      return server.reply(question, { records = question.type == "A"
        and { { question.name, "A", inet, 0 } } or {} })
    end }, function()
      find("ttl.example")
      find("ttl.example")
      assert.equal(2, servers[1]:count("A"))
    end)
  end)

  it("takes one family when the other is silent (A11)", patiently(function(in_time)
    with({ function(question)
      return question.type == "A" and both(question) or nil
    end }, function()
      local from = driver.now()
      assert.equal(2, #find("a11.example", 10))
      assert.is_true(driver.now() - from < 1.5)
      from = driver.now()
      assert.equal(2, #find("a11.example", 10))
      in_time(driver.now() - from, 0.2)
    end)
  end))

  it("takes one family when the other is refused", function()
    with({ function(question)
      if question.type == "AAAA" then return both(question) end
      return server.reply(question, { rcode = "SERVFAIL" })
    end }, function()
      assert.same({ { ip = "2001:db8::1", family = "inet6" } }, find("six.example"))
    end)
  end)

  it("asks the next server after SERVFAIL and REFUSED", function()
    with({ of_rcode "SERVFAIL", of_rcode "REFUSED", both }, function()
      assert.equal(3, #find("next.example"))
      assert.equal(2, #servers[3].asked)
    end)
  end)

  it("asks the next server when one is silent", function()
    with({ silent, both }, function()
      assert.equal(3, #find("silent.example", 1.5))
    end)
  end)

  it("tells what the last server said", function()
    with({ of_rcode "SERVFAIL" }, function()
      local list, message, failure = find("servfail.example")
      assert.is_nil(list)
      assert.equal("the name server answered SERVFAIL, asked for servfail.example", message)
      assert.same({ "dns", "temporary", "lookup", "servfail.example" },
        { failure.kind, failure.class, failure.phase, failure.host })
    end)
  end)

  it("tells that a domain does not exist, and that a host has no address", function()
    with({ function(question)
      return server.reply(question, { rcode = question.name == "no.example" and "NXDOMAIN" or nil,
        authority = { packet.soa("example", 60, 60) } })
    end }, function()
      local _, message, failure = find("no.example")
      assert.equal("the domain no.example does not exist (NXDOMAIN)", message)
      assert.same({ "dns", "temporary" }, { failure.kind, failure.class })
      find("no.example")
      assert.equal(2, #servers[1].asked)
      _, message = find("none.example")
      assert.equal("the host none.example has no address", message)
    end)
  end)

  it("ends by its deadline when every server is silent (A6)", function()
    with({ silent, silent }, function()
      local from = driver.now()
      local _, message, failure = find("late.example", 0.4)
      local took = driver.now() - from
      assert.is_true(took >= 0.39 and took < 1.5, took)
      assert.equal("no name server answered in time, asked for late.example", message)
      assert.same({ "timeout", "temporary", "lookup" },
        { failure.kind, failure.class, failure.phase })
      _, _, failure = find("late.example", 60, { timeout = 0.2 })
      assert.equal("timeout", failure.kind)
      assert.is_true(driver.now() - from < 1)
    end)
  end)

  it("says so when nobody listens", function()
    with({}, function()
      local _, _, failure = resolve.addresses("dead.example",
        { driver = driver, servers = { "127.0.0.1:1" }, timeout = 5 })
      assert.equal("dns", failure.kind)
      assert.matches("could be reached", failure.message)
    end)
  end)

  it("fetches over TCP what was truncated", function()
    with({ function(question)
      if question.transport == "udp" then return server.reply(question, { tc = true }) end
      return both(question)
    end }, function()
      assert.equal(3, #find("tcp.example"))
      assert.equal(4, #servers[1].asked)
    end)
  end)

  it("is temporary when TCP brings nothing (A23)", function()
    with({ function(question)
      return question.transport == "udp" and server.reply(question, { tc = true }) or nil
    end }, function()
      local _, _, failure = find("a23.example", 3)
      assert.equal("temporary", failure.class)
    end)
  end)

  it("passes over wrong ids, wrong questions and strangers (A21)", function()
    with({ function(question)
      -- A stranger answers the very same port first.
      servers[2].udp:send(server.addresses(question, { "192.0.2.66" }, {}), servers[1].from)
      return {
        server.reply(question, { id = (question.id + 1) % 65536,
          records = { { question.name, "A", "192.0.2.66" } } }),
        server.reply(question, { name = "other.example",
          records = { { "other.example", "A", "192.0.2.66" } } }),
        server.reply(question, { type = "MX" }),
        "", "rubbish", ("\192"):rep(600),
        both(question),
      }
    end, silent }, function()
      local list = resolve.addresses("a21.example", { driver = driver,
        servers = { servers[1].address }, deadline = driver.now() + 5 })
      assert.equal(3, #list)
      for _, address in ipairs(list) do assert.is_not.equal("192.0.2.66", address.ip) end
    end)
  end)

  it("calls an answer malformed that is (A22)", function()
    with({ function(question)
      return server.reply(question, { records = { { { "\192\250" }, "A", inet } } })
    end }, function()
      local _, message, failure = find("a22.example")
      assert.equal("dns", failure.kind)
      assert.equal("the name server gave a malformed answer, asked for a22.example", message)
    end)
  end)

  it("asks without EDNS whoever does not know it (A24)", function()
    with({ function(question)
      if question.edns then return server.reply(question, { rcode = "FORMERR" }) end
      return both(question)
    end }, function()
      assert.equal(3, #find("a24.example"))
    end)
  end)

  it("asks on where aliases lead out of the answer, not for ever", function()
    with({ function(question)
      local n = tonumber(question.name:match("^n(%d+)"))
      if n == 3 then return both(question) end
      return server.reply(question, { records = {
        { question.name, "CNAME", n and ("n%d.alias.example"):format(n + 1) or question.name } } })
    end }, function()
      assert.equal(3, #find("n1.alias.example"))
      local _, _, failure = find("n4.alias.example")
      assert.equal("dns", failure.kind)
      _, _, failure = find("loop.alias.example")
      assert.equal("dns", failure.kind)
      assert.is_true(#servers[1].asked < 60)
    end)
  end)

  it("asks each question from a port of its own (D28)", function()
    local ports, different = {}, 0
    with({ function(question)
      local from = servers[1].from
      if not ports[from] then different = different + 1 end
      ports[from] = true
      return server.reply(question, { rcode = "NXDOMAIN" })
    end }, function()
      for i = 1, 10 do find(("port%d.example"):format(i)) end
      -- By chance the system gives one port twice, once in 150 runs.
      assert.is_true(different >= 18)
    end)
  end)

  it("lets other tasks go on meanwhile", function()
    with({ silent }, function()
      local count = 0
      local other = driver.spawn(function()
        for _ = 1, 10 do
          driver.sleep(0.01)
          count = count + 1
        end
      end)
      find("slow.example", 0.3)
      assert.equal(10, count)
      other:wait()
    end)
  end)

  it("ends when its owner wakes it, and when its task is cancelled", function()
    with({ silent }, function()
      local owner, from = {}, driver.now()
      driver.spawn(function()
        driver.sleep(0.05)
        owner.wake()
      end)
      local _, _, failure = find("owner.example", 5, { owner = owner })
      assert.equal("cancelled", failure.kind)
      assert.is_nil(owner.wake)
      local task = driver.spawn(function() return select(3, find("task.example", 5)) end)
      driver.sleep(0.05)
      task:cancel()
      failure = task:wait()
      assert.equal("cancelled", failure.kind)
      assert.is_true(driver.now() - from < 1)
    end)
  end)

  it("leaves no descriptor behind, however it ends", function()
    local function descriptors()
      -- Else what other specs left to the collector goes in between.
      collectgarbage()
      collectgarbage()
      local handle = io.popen("ls /proc/$PPID/fd | wc -l")
      local count = tonumber(handle:read("*a"))
      handle:close()
      return count
    end
    with({ of_rcode "REFUSED", function(question)
      if question.name:find("^ok") and question.transport == "udp" then
        return server.reply(question, { tc = true })
      end
      return question.name:find("^ok") and both(question) or nil
    end }, function()
      find("ok.example")
      driver.sleep(0.05)
      local before = descriptors()
      for i = 1, 20 do
        assert.equal(3, #find(("ok%d.example"):format(i)))
        find(("late%d.example"):format(i), 0.01)
        local task = driver.spawn(find, ("gone%d.example"):format(i), 5)
        if i % 2 == 0 then driver.sleep(0.005) end
        task:cancel()
        task:wait()
      end
      -- On a busy machine what was cancelled takes its time to close.
      local after
      for _ = 1, 20 do
        driver.sleep(0.05)
        after = descriptors()
        if after <= before then break end
      end
      assert.is_true(after <= before)
    end)
  end)

  it("blocks without a loop", function()
    driver = drivers.get()
    local from = driver.now()
    local _, _, failure = resolve.addresses("plain.example",
      { driver = driver, servers = { "127.0.0.1:1" }, timeout = 5 })
    assert.equal("dns", failure.kind)
    assert.is_true(driver.now() - from < 2)
  end)
end)
