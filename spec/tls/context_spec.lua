-- context_spec.lua - csrc/tls/context.c and trust.c: trust, certificates, floors.
local tls = require "posthorn.tls"
local pair = require "spec.tls.pair"

local function refused(options)
  local context, message, failure = tls.context(options)
  assert.is_nil(context)
  assert.equal(message, failure.message)
  return failure
end

local function with_file(bytes, use)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  local good, err = pcall(use, path)
  os.remove(path)
  assert(good, err)
end

local function shell_quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Runs a chunk in a new process, since only there another environment counts.
local function run_with(environment, chunk)
  local index = 0
  while arg[index - 1] do
    index = index - 1
  end
  local lua = os.getenv("POSTHORN_LUA") or arg[index]
  local command = ("LUA_PATH=%s LUA_CPATH=%s %s %s -e %s 2>&1"):format(
    shell_quoted(package.path), shell_quoted(package.cpath), environment, shell_quoted(lua),
    shell_quoted(chunk))
  local pipe = assert(io.popen(command))
  local said = pipe:read("*a")
  pipe:close()
  return said
end

describe("ph_trust", function()
  it("takes a file and believes what it holds", function()
    with_file(pair.authority.certificate, function(path)
      local client = pair.client { ca = pair.absent, ca_file = path }
      local mine = pair.shake(client, pair.server())
      assert.equal("secured", mine[1])
    end)
  end)

  it("takes a folder of hashed names, and looks there only for what a chain asks for", function()
    local said = run_with("", ([[
      local path = os.tmpname()
      os.remove(path)
      os.execute("mkdir " .. path)
      local file = io.open(path .. "/ca.pem", "w")
      file:write(%q)
      file:close()
      local tls = require "posthorn.tls"
      local _, message, failure = tls.context { ca_path = path }
      io.write(failure.kind, " ", failure.field, "\n", message, "\n")
      os.rename(path .. "/ca.pem", path .. "/0123abcd.0")
      io.write(tostring(tls.context { ca_path = path } ~= nil), "\n")
      os.execute("rm -r " .. path)
    ]]):format(pair.authority.certificate))
    assert.match("^io ca_path\n[^\n]*openssl rehash[^\n]*\ntrue\n$", said)
  end)

  it("refuses a file that cannot be read: kind io, class permanent, with the reason", function()
    local failure = refused { ca_file = "/nonexistent/ca.pem" }
    assert.equal("io", failure.kind)
    assert.equal("permanent", failure.class)
    assert.equal("build", failure.phase)
    assert.equal("ca_file", failure.field)
    assert.match("No such file", failure.message)
  end)

  it("refuses a file or a text without a certificate", function()
    with_file("nothing\n", function(path)
      local failure = refused { ca_file = path }
      assert.equal("io", failure.kind)
      assert.equal("ca_file", failure.field)
    end)
    assert.equal("ca", refused({ ca = "nothing" }).field)
    assert.equal("ca", refused({ ca = "" }).field)
    assert.equal("ca_path", refused({ ca_path = "/nonexistent" }).field)
  end)

  it("takes no path with a NUL", function()
    assert.error_matches(function() tls.context { ca_file = "/etc/ssl/cert.pem\0x" } end, "'ca_file'.*path")
    assert.error_matches(function() tls.context { ca_path = "\0" } end, "'ca_path'.*path")
  end)

  it("reads SSL_CERT_FILE when nothing is named", function()
    with_file(pair.authority.certificate, function(path)
      local said = run_with("SSL_CERT_DIR=/nonexistent SSL_CERT_FILE=" .. path, ([[
        local tls = require "posthorn.tls"
        local server = tls.engine {
          context = tls.context { side = "server", certificate = %q, key = %q },
        }
        local client = tls.engine { context = tls.context {}, server_name = %q }
        for _ = 1, 3 do
          local bytes = client:output()
          client:consume(#bytes)
          server:feed(bytes)
          bytes = server:output()
          server:consume(#bytes)
          client:feed(bytes)
        end
        io.write((client:next()))
      ]]):format(pair.own.certificate, pair.own.key, pair.name))
      assert.equal("secured", said)
    end)
  end)

  it("adds nothing to what SSL_CERT_FILE and SSL_CERT_DIR name", function()
    local said = run_with("SSL_CERT_DIR=/nonexistent SSL_CERT_FILE=/nonexistent", [[
      local _, _, failure = require("posthorn.tls").context {}
      io.write(failure.kind, " ", failure.class, " ", failure.phase, " ", failure.message)
    ]])
    assert.match("^io permanent build this system has no store of CA certificates", said)
  end)

  it("finds the system's own store, or says that there is none", function()
    local context, message, failure = tls.context {}
    if not context then
      assert.equal("io", failure.kind)
      assert.match("no store of CA certificates", message)
    end
  end)
end)

describe("ph_context", function()
  it("refuses a certificate or a key that is none", function()
    local own, other = pair.own, pair.certificate()
    local failure = refused { side = "server", certificate = "x", key = own.key }
    assert.equal("invalid", failure.kind)
    assert.equal("certificate", failure.field)
    failure = refused { side = "server", certificate = own.certificate, key = "" }
    assert.equal("key", failure.field)
    failure = refused { side = "server", certificate = own.certificate, key = other.key }
    assert.equal("key", failure.field)
    assert.match("mismatch", failure.message)
  end)

  it("takes a chain of bounded length, whoever it belongs to", function()
    local long = pair.certificate()
    long.certificate = long.certificate .. pair.authority.certificate:rep(30)
    local mine = pair.shake(pair.client(), pair.server(long))
    assert.equal("secured", mine[1])
    long.certificate = long.certificate .. pair.authority.certificate:rep(30)
    mine = pair.shake(pair.client { verify = false }, pair.server(long))
    assert.equal("failed", mine[1])
    assert.match("excessive message size", mine[2].message)
  end)

  it("speaks TLS 1.3 alone when told so", function()
    local client = pair.client { min_tls = "1.3" }
    local hello = client:output()
    assert.is_truthy(hello:find("\3\4", 1, true))
    -- Of a ServerHello that says 1.2 (RFC 8446, 4.1.3) it says so.
    local answer = "\3\3" .. ("r"):rep(32) .. "\0\192\47\0"
    client:feed("\22\3\3\0" .. string.char(#answer + 4) .. "\2\0\0" .. string.char(#answer) .. answer)
    local event, failure = client:next()
    assert.equal("failed", event)
    assert.match("unsupported protocol", failure.message)
    local mine = pair.shake(pair.client { min_tls = "1.3" }, pair.server())
    assert.equal("TLSv1.3", mine[2].version)
  end)

  it("sends the certificates behind the first as its chain", function()
    local middle = pair.certificate { names = { "middle" }, is_ca = true }
    local leaf = pair.certificate { ca = middle }
    local mine = pair.shake(pair.client(), pair.server(leaf))
    assert.equal("failed", mine[1])
    leaf.certificate = leaf.certificate .. middle.certificate
    mine = pair.shake(pair.client(), pair.server(leaf))
    assert.equal("secured", mine[1])
  end)

  it("raises for misuse with the option's name", function()
    assert.error_matches(function() tls.context { ca_fiel = "x" } end, "unknown option 'ca_fiel'")
    assert.error_matches(function() tls.context { verify = "yes" } end, "'verify'.*boolean")
    assert.error_matches(function() tls.context { ca_file = true } end, "'ca_file'.*string")
    assert.error_matches(function() tls.context { side = "peer" } end, "side")
    assert.error_matches(function() tls.context { side = "server" } end, "certificate")
    assert.error_matches(function() tls.context { min_tls = "1.1" } end, "'min_tls'")
    assert.error_matches(function() tls.context() end, "table")
  end)

  it("shows no secret", function()
    local context = assert(tls.context {
      side = "server", certificate = pair.own.certificate, key = pair.own.key,
    })
    assert.match("^posthorn%.tls%.context: [%w]+$", tostring(context))
  end)
end)
