-- context_spec.lua - lua/posthorn/context.lua: contexts kept, and made anew.
local contexts = require "posthorn.context"
local posthorn = require "posthorn"
local files = require "spec.tls.files"
local pair = require "spec.tls.pair"

local function ask(password) return password end

local function get(options)
  return contexts.get(options, ask)
end

describe("posthorn.context", function()
  local path

  setup(function()
    path = files.new(pair.authority.certificate)
  end)

  teardown(function()
    os.remove(path)
  end)

  it("keeps one for one set of options, and another for another (security.md, 23)", function()
    local one = assert(get { ca_file = path })
    assert.equal(one, get { ca_file = path, verify = true, host = "x" })
    assert.not_equal(one, get { ca_file = path, verify = false })
    assert.not_equal(one, get { verify = false })
    assert.not_equal(one, get { ca_file = path, min_tls = "1.3" })
    assert.not_equal(one, get { ca_file = path, pin = ("x"):rep(32) })
  end)

  it("tells a certificate from another, and a text from a file", function()
    local own = pair.certificate { names = { "ada" }, is_client = true }
    local both = own.certificate .. own.key
    local one = assert(get { verify = false, client_certificate = both })
    assert.equal(one, get { verify = false, client_certificate = both })
    assert.not_equal(one, get { verify = false, client_certificate = own.certificate, client_key = own.key })
    files.with({ both }, function(file)
      local of_file = assert(get { verify = false, client_certificate = posthorn.file(file) })
      assert.equal(of_file, get { verify = false, client_certificate = posthorn.file(file) })
      local _, _, failure = get { verify = false, client_certificate = file }
      assert.equal("invalid", failure.kind)
      assert.equal("client_certificate", failure.field)
    end)
  end)

  it("keeps a bounded number, those used last", function()
    local one = assert(get { ca_file = path })
    for i = 1, 40 do
      assert(get { ca_file = ("/"):rep(i) .. path, verify = false })
      if i == 10 then assert.equal(one, get { ca_file = path }) end
    end
    assert.not_equal(one, get { ca_file = path })
  end)

  it("keeps that of options which live, however many others there are", function()
    local mine = { ca_file = path }
    local one = assert(get(mine))
    for i = 1, 40 do assert(get { ca_file = ("/"):rep(i) .. path, verify = false }) end
    assert.equal(one, get(mine))
  end)

  it("reads a file again that was replaced, and goes on with what it had while there is none", function()
    files.with({ pair.authority.certificate }, function(file)
      local options = { ca_file = file }
      local function event()
        local client = assert(require("posthorn.tls").engine { context = assert(get(options)), server_name = pair.name })
        return (pair.shake(client, pair.server())[1])
      end
      assert.equal("secured", event())
      local first = get(options)
      os.remove(file)
      assert.equal(first, get(options))
      assert.equal("secured", event())
      local handle = assert(io.open(file, "wb"))
      handle:write(pair.own.certificate) -- which signed nothing
      handle:close()
      assert.not_equal(first, get(options))
      assert.equal("failed", event())
    end)
  end)

  it("asks for the passphrase when it reads the key, and not before", function()
    local own = pair.certificate { names = { "ada" }, is_client = true }
    local asked = 0
    local function count(password)
      asked = asked + 1
      return password
    end
    local options = {
      verify = false, client_certificate = own.certificate, client_key = files.encrypted(own.key, "s3cret"),
      client_key_password = "s3cret",
    }
    for _ = 1, 3 do assert(contexts.get(options, count)) end
    assert.equal(1, asked)
  end)
end)
