-- pair.lua - for the TLS specs: certificates, contexts, and two engines that talk in memory.
local tls = require "posthorn.tls"

local pair = {}

pair.name = "mail.example.test"

-- As the value of an option: leave it out.
pair.absent = {}

local function merged(all, options)
  for key, value in pairs(options or {}) do
    all[key] = value
  end
  for key, value in pairs(all) do
    if value == pair.absent then
      all[key] = nil
    end
  end
  return all
end

-- One authority for all specs; its certificates hold for ten days.
pair.authority = assert(tls.certificate {
  names = { "posthorn test authority" }, now = os.time(), days = 10, is_ca = true,
})

-- A certificate of the authority, unless the options say otherwise.
function pair.certificate(options)
  local all = { names = { pair.name }, now = os.time(), days = 10, ca = pair.authority }
  return assert(tls.certificate(merged(all, options)))
end

pair.own = pair.certificate()

-- Options of an engine; the others are its context's.
local of_engine = { server_name = true, timeout = true, session = true, now = true, context = true }

local function engine(options)
  local own, shared = {}, {}
  for name, value in pairs(options) do
    local part = of_engine[name] and own or shared
    part[name] = value
  end
  own.context = own.context or assert(tls.context(shared))
  return assert(tls.engine(own))
end

function pair.server(certificate, options)
  certificate = certificate or pair.own
  return engine(merged({
    side = "server", certificate = certificate.certificate, key = certificate.key,
  }, options))
end

function pair.client(options)
  return engine(merged({ ca = pair.authority.certificate, server_name = pair.name }, options))
end

-- Ways to cut what goes over the wire: iterators over the pieces.
pair.cuts = {}

function pair.cuts.whole(bytes)
  return coroutine.wrap(function()
    coroutine.yield(bytes)
  end)
end

function pair.cuts.octets(bytes)
  return bytes:gmatch(".")
end

-- Pieces of random size, the same for the same seed.
function pair.random_cut(seed, most)
  local state = seed
  local function random(n)
    state = (state * 16807) % 2147483647
    return state % n + 1
  end
  return function(bytes)
    local at = 1
    return function()
      if at > #bytes then
        return nil
      end
      local piece = bytes:sub(at, at + random(most) - 1)
      at = at + #piece
      return piece
    end
  end
end

-- Carries one output over; false when there was none.
function pair.carry(from, to, cut)
  local bytes = from:output()
  for piece in (cut or pair.cuts.whole)(bytes) do
    from:consume(#piece)
    to:feed(piece)
  end
  return #bytes > 0
end

-- Until neither has more to say.
function pair.run(a, b, cut)
  local moved
  repeat
    moved = pair.carry(a, b, cut)
    moved = pair.carry(b, a, cut) or moved
  until not moved
end

-- The events of both after a handshake: { event, value } each.
function pair.shake(client, server, cut)
  pair.run(client, server, cut)
  return { client:next() }, { server:next() }
end

return pair
