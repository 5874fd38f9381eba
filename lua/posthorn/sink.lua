-- sink.lua - a mail catcher for development, specs and examples: an SMTP
-- server that keeps what it is sent and delivers nothing.
-- SPDX-License-Identifier: MIT
local core = require "posthorn.core"
local drivers = require "posthorn.driver"

local M = {}

---@class posthorn.sink
---@field ip string
---@field port integer the one listened on, once started
---@field path string? of a Unix socket, instead of both
---@field certificate string? PEM of the certificate, for a client's ca_file
---@field messages posthorn.sink.mail[] the latest ones, oldest first
---@field count integer how many were taken in all
---@field errors string[] what respond and on_message raised
local Sink = {}
Sink.__index = Sink
Sink.__name = "posthorn.sink"

---@class posthorn.sink.mail
---@field envelope { from: string, to: string[] }
---@field bytes string the content; "" where nothing keeps it
---@field size number its octets
---@field parameters table<string, string|true> of MAIL
---@field recipient_parameters table<integer, table<string, string|true>> of RCPT, where any came
---@field helo string
---@field user string? who logged in
---@field tls table? { version, cipher }

local handshake_seconds = 60
local linger_seconds = 1   -- for a client to read why it is sent away
local rest_seconds = 0.1   -- when no further connection can be taken
local most_connections = 1000

-- Options handed on to the receiver, with the type of each.
local receiver_names = {
  hostname = "string", size = "number", recipients = "number", timeout = "number",
  extensions = "table", allow_plaintext_auth = "boolean", require_auth = "boolean",
  lmtp = "boolean",
}

local own_names = {
  ip = "string", port = "number", path = "string", users = "table", respond = "function",
  on_message = "function", keep = "number", implicit_tls = "boolean",
}

local function check(options)
  if type(options) ~= "table" then
    error(("posthorn.sink takes a table of options, not a %s"):format(type(options)), 3)
  end
  for name, value in pairs(options) do
    local wanted = own_names[name] or receiver_names[name]
    if wanted and type(value) ~= wanted then
      error(("option '%s' must be a %s, not a %s"):format(name, wanted, type(value)), 3)
    elseif not wanted and name ~= "tls" and name ~= "driver" then
      error(("unknown option '%s'"):format(tostring(name)), 3)
    end
  end
end

-- The certificate and key that are given, or made here; nil: no TLS.
local function find_identity(options)
  local tls = options.tls
  if tls == nil then tls = options.implicit_tls end
  if not tls then return nil end
  if tls == true then
    return assert(require("posthorn.tls").certificate {
      names = { options.hostname or "localhost", "localhost", "127.0.0.1", "::1" },
      now = os.time(),
    })
  end
  if type(tls) ~= "table" or type(tls.certificate) ~= "string" or type(tls.key) ~= "string" then
    error("option 'tls' must be true or { certificate = PEM, key = PEM }", 3)
  end
  return tls
end

local function receiver_options(options)
  local is_kept = options.keep ~= 0 or options.on_message
  local copy = {
    auth = options.users ~= nil, ask = { recipient = options.respond ~= nil },
    content = is_kept and "whole" or "discard",
    tls = options.implicit_tls and "implicit" or options.tls and "starttls" or "none",
  }
  for name in pairs(receiver_names) do copy[name] = options[name] end
  return copy
end

---A catcher that is not started yet. Options:
--- * `ip` ("127.0.0.1"), `port` (0: any that is free), or `path` of a Unix socket, which `stop`
---   removes; `hostname` ("localhost")
--- * `tls`: true, or { certificate=, key= } in PEM: STARTTLS is offered; `implicit_tls`: TLS from
---   the first octet
--- * `users` = { user = password }: AUTH is offered, over TLS unless `allow_plaintext_auth`;
---   `require_auth`: no mail without
--- * `size`, `recipients`, `timeout`, `extensions`: see posthorn.core.receiver
--- * `lmtp`: LHLO, and a verdict for each recipient (RFC 2033)
--- * `respond` = function(address, session): nil to accept, or code, enhanced, text; address nil:
---   the dot. session: { helo, user, tls, mail, recipient }, mail at the dot alone, and recipient
---   there in LMTP, which asks for each of them
--- * `on_message` = function(mail), before the dot is answered
--- * `keep`: how many messages are kept (1000)
--- * `driver`: name or table
---@param options table?
---@return posthorn.sink
function M.new(options)
  options = options or {}
  check(options)
  local identity = find_identity(options)
  local receiver = receiver_options(options)
  assert(core.receiver(receiver)):close() -- raises for values of no use
  return setmetatable({
    options = options, driver = drivers.get(options.driver), receiver_options = receiver,
    ip = options.ip or "127.0.0.1", port = options.port or 0, path = options.path,
    identity = identity, certificate = identity and identity.certificate, context = nil,
    listener = nil, connections = {}, connection_count = 0,
    messages = {}, count = 0, errors = {}, is_open = false,
  }, Sink)
end

-- ---- verdicts ----

-- A callback, in which waits are allowed; its error is noted.
local function call(sink, callback, ...)
  local ok, code, enhanced, text = sink.driver.pcall(callback, ...)
  if ok then return code, enhanced, text end
  sink.errors[#sink.errors + 1] = tostring(code)
  return 451, "4.3.0", "the sink's own callback failed"
end

local function session_of(client, mail, recipient)
  local facts = client.receiver:facts()
  return { helo = facts.helo, user = facts.user, tls = client.tls, mail = mail,
    recipient = recipient }
end

local function judge(client, address, mail, recipient)
  local respond = client.sink.options.respond
  if not respond then return nil end
  return call(client.sink, respond, address, session_of(client, mail, recipient))
end

-- What a callback gave may be no reply: that is noted too.
local function reply(client, code, enhanced, text)
  local receiver = client.receiver
  if not code then return receiver:reply() end
  local ok, why = pcall(receiver.reply, receiver, code, enhanced, text or "")
  if not ok then
    client.sink.errors[#client.sink.errors + 1] = tostring(why)
    receiver:reply(451, "4.3.0", "the sink's own callback gave no reply")
  end
end

local function keep(sink, mail)
  local most = sink.options.keep or 1000
  sink.count = sink.count + 1
  if most < 1 then return end
  if #sink.messages >= most then table.remove(sink.messages, 1) end
  sink.messages[#sink.messages + 1] = mail
end

-- ---- events of a receiver ----

local handlers = {}

function handlers.auth(client, credentials)
  local password = client.sink.options.users[credentials.user]
  if password == nil or password ~= credentials.password then
    reply(client, 535, "5.7.8", "no such user, or another password")
  end
end

function handlers.recipient(client, address)
  reply(client, judge(client, address))
end

function handlers.message(client, taken)
  local facts = client.receiver:facts()
  local mail = {
    envelope = { from = taken.from, to = taken.to }, bytes = taken.content or "",
    size = taken.size, parameters = taken.parameters,
    recipient_parameters = taken.recipient_parameters,
    helo = facts.helo, user = facts.user, tls = client.tls,
  }
  local verdicts, is_taken = {}, false
  for i = 1, client.sink.options.lmtp and #taken.to or 1 do
    verdicts[i] = { judge(client, nil, mail, client.sink.options.lmtp and taken.to[i] or nil) }
    local code = verdicts[i][1]
    is_taken = is_taken or not code or code < 300
    if code == 421 then break end
  end
  if is_taken then
    local on_message = client.sink.options.on_message
    keep(client.sink, mail)
    if on_message then call(client.sink, on_message, mail) end
  end
  for _, verdict in ipairs(verdicts) do reply(client, verdict[1], verdict[2], verdict[3]) end
end

function handlers.want_tls(client)
  local engine = assert(require("posthorn.tls").engine {
    context = client.sink.context, timeout = handshake_seconds,
  })
  client.engine, client.machine = engine, engine:machine()
end

function handlers.closed(client, reason)
  client.reason = reason
end

-- ---- a connection ----

-- What the engine has to say; the handshake done, the receiver goes behind it.
local function ask_engine(client)
  local event, value = client.engine:next()
  if event == "secured" then
    client.tls = { version = value.version, cipher = value.cipher }
    client.receiver:secured()
    client.engine:attach(client.receiver:machine())
  elseif event == "failed" then
    client.reason = "tls"
  end
  return event
end

-- One round of octets, or the end of a wait.
local function turn(client)
  local ok, reason = client.connection:exchange(client.machine)
  if ok then return end
  if reason == "timeout" then
    client.machine:expire()
  else
    client.reason = reason
  end
end

local function converse(client)
  while not client.reason and client.sink.is_open do
    local event, value = client.receiver:next()
    if handlers[event] then
      handlers[event](client, value)
    elseif not (client.engine and ask_engine(client)) then
      turn(client)
    end
  end
end

-- A close with octets unread would take our last reply away from the peer.
local function take_leave(client)
  local deadline = client.sink.driver.now() + linger_seconds
  local connection = client.connection
  if client.engine and client.engine:shutdown() then
    connection:write(client.machine:output(), deadline)
  elseif client.engine and client.reason == "tls" then
    local alert = client.machine:output()
    if alert ~= "" then connection:write(alert, deadline) end
  end
  if client.reason == "quit" or client.reason == "eof" or client.reason == "error" then return end
  connection:shutdown()
  for _ = 1, 16 do
    if not connection:read(65536, deadline) then break end
  end
end

local function serve(sink, connection)
  local receiver = assert(core.receiver(sink.receiver_options))
  local client = {
    sink = sink, connection = connection, receiver = receiver, machine = receiver:machine(),
    engine = nil, tls = nil, reason = nil,
  }
  converse(client)
  if sink.is_open then take_leave(client) end
  connection:close()
  receiver:close()
  if client.engine then client.engine:close() end
  sink.connections[connection] = nil
  sink.connection_count = sink.connection_count - 1
end

local function accept(sink)
  local driver = sink.driver
  while sink.is_open do
    local connection, reason
    if sink.connection_count < most_connections then
      connection, reason = sink.listener:accept()
    end
    if connection then
      sink.connections[connection] = true
      sink.connection_count = sink.connection_count + 1
      driver.spawn(serve, sink, connection)
    elseif reason == "woken" or not driver.sleep(rest_seconds) then
      sink:stop()
    end
  end
end

-- ---- life ----

---Listens, and takes connections in a task of its own; inside posthorn.run that run lasts until
---`stop`.
---@return posthorn.sink|nil sink
---@return string? message
---@return table? failure
function Sink:start()
  if self.is_open then return self end
  local driver = self.driver
  if not driver.listen then
    error(("the driver '%s' cannot listen"):format(tostring(driver.name)), 2)
  end
  local place = self.path and { path = self.path }
    or { ip = self.ip, port = self.options.port or 0 }
  local listener, _, text = driver.listen(place)
  if not listener then
    local message = ("cannot listen on %s: %s"):format(self.path or self.ip, tostring(text))
    return nil, message, core.failure {
      kind = "io", class = "temporary", phase = "connect", message = message, ip = self.ip,
    }
  end
  if self.identity and not self.context then
    self.context = assert(require("posthorn.tls").context {
      side = "server", certificate = self.identity.certificate, key = self.identity.key,
    })
  end
  self.listener, self.port, self.is_open = listener, listener.port, true
  driver.spawn(accept, self)
  return self
end

---Ends listening and all connections at once. What was caught stays. Idempotent.
function Sink:stop()
  if not self.is_open then return end
  self.is_open = false
  self.listener:close()
  if self.path then os.remove(self.path) end
  for connection in pairs(self.connections) do connection:close() end
end

Sink.__close = Sink.stop

function Sink:__tostring()
  if self.path then return ("%s: %s"):format(Sink.__name, self.path) end
  return ("%s: %s port %d"):format(Sink.__name, self.ip, self.port)
end

return M
