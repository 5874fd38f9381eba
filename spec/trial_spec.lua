-- trial_spec.lua - lua/posthorn/trial.lua: where the next try goes, and which failure is told.
local failures = require "posthorn.failure"
local mocks = require "posthorn.driver.mock"
local options_of = require "posthorn.options"
local ways = require "posthorn.way"

describe("posthorn.trial", function()
  it("stops after what no other address can mend", function()
    local way = ways.new(options_of.transport { host = "192.0.2.1" }, mocks.new {})
    for _, case in ipairs {
      { "refused", "temporary", "rcpt", true }, { "refused", "permanent", "rcpt", false },
      { "unsupported", "permanent", "mail", true }, { "limit", "permanent", "mail", true },
      { "closed", "unknown", "dot", false }, { "refused", "temporary", "dot", false },
      { "io", "temporary", "content", false }, { "cancelled", "temporary", "mail", false },
    } do
      local trial = way:trial()
      local failure = failures.new(case[1], case[2], case[3], "no")
      assert.equal(case[4], trial:go_on(failure), table.concat(case, " ", 1, 3))
      assert.equal(failure, trial.told)
      assert.equal(case[4], trial:server() ~= nil)
    end
  end)

  it("tells the failure of the address that was got furthest with", function()
    local way = ways.new(options_of.transport { host = "192.0.2.1" }, mocks.new {})
    local trial = way:trial()
    trial:go_on(failures.new("refused", "temporary", "mail", "at mail"))
    trial:go_on(failures.new("connect", "temporary", "connect", "at connect"))
    assert.equal("at mail", trial.told.message)
    trial:go_on(failures.new("refused", "permanent", "mail", "the verdict"))
    assert.equal("the verdict", trial.told.message)
  end)

  it("tells a temporary failure while one address may take the mail later", function()
    local way = ways.new(options_of.transport { host = "192.0.2.1" }, mocks.new {})
    for _, phases in ipairs { { "mail", "connect" }, { "connect", "mail" } } do
      local trial = way:trial()
      for _, phase in ipairs(phases) do
        local is_mail = phase == "mail"
        trial:go_on(failures.new(is_mail and "limit" or "connect",
          is_mail and "permanent" or "temporary", phase, "at " .. phase))
      end
      assert.equal("at connect", trial.told.message)
    end
  end)

  it("tells what a host said though another address of it was not reached", function()
    local way = ways.new(options_of.transport { host = "localhost" }, mocks.new {})
    for _, phases in ipairs { { "mail", "connect" }, { "connect", "mail" } } do
      for _, port in ipairs { 25, 26 } do
        local trial = way:trial()
        for _, phase in ipairs(phases) do
          local is_mail = phase == "mail"
          local failure = failures.new(is_mail and "unsupported" or "connect",
            is_mail and "permanent" or "temporary", phase, "at " .. phase)
          failure.host, failure.port = "localhost", is_mail and 25 or port
          trial:go_on(failure)
        end
        assert.equal(port == 25 and "at mail" or "at connect", trial.told.message)
      end
    end
  end)

  it("begins one server on with each mail (round_robin)", function()
    local way = ways.new(options_of.transport { balance = "round_robin",
      servers = { "smtp://192.0.2.1", "smtp://192.0.2.2", "smtp://192.0.2.3" } }, mocks.new {})
    local numbers = {}
    for i = 1, 7 do
      local trial = way:trial()
      for n, server in ipairs(way.servers) do
        if server == trial:server() then numbers[i] = n end
      end
    end
    assert.same({ 1, 2, 3, 1, 2, 3, 1 }, numbers)
  end)

  it("has what each address said, where there are several, in the failure that is told", function()
    local way = ways.new(options_of.transport { host = "192.0.2.1" }, mocks.new {})
    local trial = way:trial()
    local first = failures.new("refused", "temporary", "mail", "at mail")
    first.host, first.ip, first.port, first.code = "h", "192.0.2.1", 25, 450
    trial:go_on(first)
    assert.is_nil(trial.told.tries)
    trial:go_on(failures.new("connect", "temporary", "connect", "at connect"))
    assert.equal(first, trial.told)
    assert.same({
      { host = "h", ip = "192.0.2.1", port = 25, kind = "refused", class = "temporary", phase = "mail",
        code = 450, message = "at mail" },
      { kind = "connect", class = "temporary", phase = "connect", message = "at connect" },
    }, trial.told.tries)
  end)

  it("counts what may still be tried, an unknown server once at least", function()
    local way = ways.new(options_of.transport { servers = { "smtp://192.0.2.1", "smtp://192.0.2.2" } },
      mocks.new {})
    local trial, first = way:trial(), way.servers[1]
    assert.equal(2, trial:count_left())
    trial:find(first, { { ip = "192.0.2.1" }, { ip = "192.0.2.7" } })
    assert.equal(3, trial:count_left())
    trial:note(first, { ip = "192.0.2.7" })
    assert.equal(2, trial:count_left())
    trial:note(first, { ip = "192.0.2.7" }, false)
    assert.equal(3, trial:count_left())
    trial:find(way.servers[2], {})
    assert.equal(2, trial:count_left())
  end)

  it("puts those that are down behind, in both of a walk's orders", function()
    local driver = mocks.new {}
    local way = ways.new(options_of.transport { servers = { "smtp://192.0.2.1", "smtp://192.0.2.2" } },
      driver)
    local trial, first = way:trial(), way.servers[1]
    trial:find(first, { { ip = "192.0.2.1" }, { ip = "192.0.2.7" } })
    way.down:mark(first:name_of { ip = "192.0.2.1" })
    local rest, last = trial:left(first)
    assert.same({ { ip = "192.0.2.7" } }, rest)
    assert.same({ { ip = "192.0.2.1" } }, last)
    trial:note(first, rest[1])
    assert.equal(way.servers[2], trial:server())
    trial:find(way.servers[2], {})
    assert.equal(first, trial:server())
    trial:note(first, last[1])
    assert.is_nil(trial:server())
  end)
end)
