-- server.lua - a name server on loopback that does what a spec says, over UDP
-- and TCP on one port.
local packet = require "spec.dns.packet"
local test = require "posthorn.test"

local server = {}
local Server = {}
Server.__index = Server

local function hear(self, octets, transport, say)
  local question = packet.question(octets)
  question.transport = transport
  self.asked[#self.asked + 1] = question
  local answers = self.respond(question, #self.asked)
  if type(answers) ~= "table" then answers = { answers } end
  for _, answer in ipairs(answers) do say(answer) end
end

local function serve_udp(self)
  while not self.is_over do
    local octets, from = self.udp:receive()
    if octets then
      self.from = from
      hear(self, octets, "udp", function(answer) self.udp:send(answer, from) end)
    else
      self.driver.sleep(0.002)
    end
  end
  self.udp:close()
end

local function serve_stream(self, stream)
  local deadline = self.driver.now() + 5
  local octets = ""
  while #octets < 2 or #octets < 2 + octets:byte(1) * 256 + octets:byte(2) do
    local more = stream:read(4096, deadline)
    if not more then break end
    octets = octets .. more
  end
  if #octets > 2 then
    hear(self, octets:sub(3), "tcp", function(answer)
      stream:write(packet.u16(#answer) .. answer, deadline)
    end)
  end
  stream:close()
end

local function serve_tcp(self)
  while not self.is_over do
    local stream = self.tcp:accept(self.driver.now() + 0.02)
    if stream then serve_stream(self, stream) end
  end
  self.tcp:close()
end

---respond(question, n) gives an answer's octets, an array of them, or nil: silence.
function server.start(driver, respond)
  local self = setmetatable({ driver = driver, respond = respond, asked = {}, is_over = false },
    Server)
  for _ = 1, 50 do
    self.tcp = assert(driver.listen { ip = "127.0.0.1", port = 0 })
    self.udp = test.datagram(self.tcp.port)
    if self.udp then break end
    self.tcp:close()
  end
  self.port = self.tcp.port
  self.address = "127.0.0.1:" .. self.port
  driver.spawn(serve_udp, self)
  driver.spawn(serve_tcp, self)
  return self
end

---Ends it; its tasks end soon after.
function Server:stop()
  self.is_over = true
end

---How many questions of a type came.
function Server:count(kind)
  local count = 0
  for _, question in ipairs(self.asked) do
    if question.type == kind then count = count + 1 end
  end
  return count
end

---An answer to the question, with what packet.answer takes.
function server.reply(question, fields)
  fields = fields or {}
  fields.id, fields.name = fields.id or question.id, fields.name or question.name
  fields.type = fields.type or question.type
  return packet.answer(fields)
end

---An answer with these addresses when the question is of their type, else with none.
function server.addresses(question, inet, inet6)
  local records, by = {}, { A = inet, AAAA = inet6 }
  for i, value in ipairs(by[question.type] or {}) do
    records[i] = { question.name, question.type, value }
  end
  return server.reply(question, { records = records })
end

return server
