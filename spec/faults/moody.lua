-- moody.lua - a server on loopback whose answers, and where its connections end, are drawn at random,
-- and what it knows to be true of each recipient: the other side of chance_spec.lua.
-- SPDX-License-Identifier: MIT
local drivers = require "posthorn.driver"

local M = {}
local Moody = {}
Moody.__index = Moody

-- One connection.
local Line = {}
Line.__index = Line

function Line:fill()
  local octets = self.connection:read(65536, nil)
  if not octets then return false end
  self.buffer = self.buffer .. octets
  return true
end

-- n octets, or up to and with a text; nil: the client ended the connection.
function Line:take(n)
  while true do
    local stop = n
    if type(n) == "string" then
      local _, last = self.buffer:find(n, 1, true)
      stop = last or math.huge
    end
    if #self.buffer >= stop then
      local taken = self.buffer:sub(1, stop)
      self.buffer = self.buffer:sub(stop + 1)
      return taken
    end
    if not self:fill() then return nil end
  end
end

-- Writes in pieces of any size; false: the client takes no more.
function Line:write(octets)
  local draw = self.moody.draw
  if draw.number(1, 4) > 1 then return self.connection:write(octets, nil) ~= nil end
  for _, piece in ipairs(draw.chunks(octets, 9)) do
    if not self.connection:write(piece, nil) then return false end
    if draw.number(1, 6) == 1 then self.moody.driver.sleep(0) end
  end
  return true
end

local endings = { "close", "close", "reset" }
local half = { "2", "250", "250 2.0.0 ok", "250-one\r\n", "550 5.7.1", "550-no\r\n" }
local garbage = { "oops\r\n", "\r\n", "250-a\r\n550 b\r\n", "600 what\r\n", "2500 ok\r\n", "\0\255\n", "100 wait\r\n" }
local later = { "450 4.2.0 later", "451 4.3.0 later", "452 4.5.3 too many" }
local never = { "550 5.1.1 no", "554 5.7.1 no", "552 too many", "550-5.7.1 two\r\n550 5.7.1 lines" }

local function one_of(draw, list) return list[draw.number(1, #list)] end

-- What the answer shall be: its class, or nil when none is whole, and whether the connection ends.
local function mood_of(draw, ill)
  local lot = draw.number(1, 100)
  if lot > 8 * ill then return "good" end
  return one_of(draw, { "later", "later", "never", "never", "closing", "half", "garbage", "end", "good and end" })
end

-- Answers with `good` or something else. Gives the first digit of the reply that was written whole,
-- or nil; and whether the connection is over.
function Line:answer(good, ill)
  local draw = self.moody.draw
  local mood = mood_of(draw, ill or 1)
  local text, is_over = good .. "\r\n", false
  if mood == "later" then text = one_of(draw, later) .. "\r\n" end
  if mood == "never" then text = one_of(draw, never) .. "\r\n" end
  if mood == "closing" then
    text, is_over = "421 4.3.2 closing\r\n", true
    self.lost.is_closing = true
  end
  if mood == "half" then text, is_over = one_of(draw, half), true end
  if mood == "garbage" then text = one_of(draw, garbage) end
  if mood == "end" then text, is_over = "", true end
  if mood == "good and end" then is_over = true end
  local is_written = self:write(text)
  if is_over then self.ending = one_of(draw, endings) end
  if is_over or mood == "garbage" then self.lost.is_lost = true end
  local is_whole = is_written and mood ~= "half" and mood ~= "garbage" and mood ~= "end"
  return is_whole and text:sub(1, 1) or nil, is_over or not is_written
end

-- ---- one transaction: what was answered to what ----

function Line:begin(line)
  self.mail = { rcpts = {}, line = self.lost }
  local is_over
  self.mail.code, is_over = self:answer "250 2.1.0 ok"
  if self.mail.code == "5" then self.moody.refused[line:match "<([^>]*)>"] = true end
  return is_over
end

function Line:add(line)
  local address = line:match "^RCPT TO:<([^>]*)>"
  local rcpt, known = { mail = self.mail, code = nil, final = nil }, self.moody.known
  known[address] = known[address] or {}
  table.insert(known[address], rcpt)
  table.insert(self.mail.rcpts, rcpt)
  if self.mail.code ~= "2" then return not self:write "503 5.5.1 no MAIL\r\n" end
  local is_over
  rcpt.code, is_over = self:answer("250 2.1.5 ok", 2)
  return is_over
end

-- The end of the content: one reply for all, or with LMTP one for each that was accepted.
function Line:finish()
  local mail, is_lmtp = self.mail, self.moody.is_lmtp
  mail.has_end = true
  local code, is_over
  if not is_lmtp then code, is_over = self:answer("250 2.0.0 queued", 3) end
  for _, rcpt in ipairs(mail.rcpts) do
    if rcpt.code == "2" and not (is_lmtp and is_over) then
      if is_lmtp then code, is_over = self:answer("250 2.0.0 queued", 3) end
      rcpt.final = code
    end
  end
  return is_over
end

function Line:has_rcpt()
  for _, rcpt in ipairs(self.mail.rcpts) do
    if rcpt.code == "2" then return true end
  end
  return false
end

function Line:take_data()
  local mail = self.mail
  if not self:has_rcpt() and (self.moody.is_lmtp or self.moody.draw.number(1, 2) == 1) then
    return not self:write "503 5.5.1 no RCPT\r\n"
  end
  local is_over
  mail.data, is_over = self:answer("354 go on", 2)
  if is_over or mail.data ~= "3" then return is_over end
  self.buffer = "\r\n" .. self.buffer -- the dot may come at once
  return not self:take "\r\n.\r\n" or self:finish()
end

function Line:take_chunk(line)
  local mail, size, last = self.mail, line:match "^BDAT (%d+)(.*)$"
  mail.data = mail.data or "3" -- content goes unasked
  if not self:take(tonumber(size)) then return true end
  if not self:has_rcpt() then return not self:write "503 5.5.1 no RCPT\r\n" end
  if last:upper() == " LAST" then return self:finish() end
  local is_over
  mail.chunk, is_over = self:answer "250 2.0.0 on"
  return is_over
end

local verbs = {
  MAIL = Line.begin, RCPT = Line.add, DATA = Line.take_data, BDAT = Line.take_chunk,
  RSET = function(self) return select(2, self:answer "250 2.0.0 ok") end,
}

function Line:converse()
  local keywords = table.concat(self.moody.keywords, "\r\n250-")
  if not self:write "220 moody\r\n" then return end
  while true do
    local line = self:take "\r\n"
    if not line then return end
    line = line:sub(1, -3)
    local verb = line:match "^%u+"
    if verb == "EHLO" or verb == "LHLO" then
      if not self:write("250-moody\r\n250-" .. keywords .. "\r\n250 HELP\r\n") then return end
    elseif verb == "QUIT" then
      self:write "221 bye\r\n"
      return
    elseif not verbs[verb] then
      error("the client said: " .. line)
    elseif verbs[verb](self, line) then
      return
    end
  end
end

local function serve(moody, connection)
  local line = setmetatable({ moody = moody, connection = connection, buffer = "", mail = nil,
    ending = "close", lost = { is_lost = false }, -- it ended or was garbled: the client may know less
  }, Line)
  moody.connections = moody.connections + 1
  line:converse()
  if line.ending == "reset" then connection:reset() end
  connection:close()
end

---Starts one inside posthorn.run.
---@param draw table of spec.codec.draw
---@param keywords string[] that EHLO is answered with
---@param is_lmtp boolean?
function M.start(draw, keywords, is_lmtp)
  local driver = drivers.get "sys"
  local moody = setmetatable({ draw = draw, keywords = keywords, is_lmtp = is_lmtp, driver = driver,
    listener = assert(driver.listen { ip = "127.0.0.1", port = 0 }), connections = 0, tasks = {},
    -- By address, for each transaction that named it: { code, final = first digits of the replies to
    -- RCPT and to the end of the content, mail = { code, data, chunk, has_end, line = { is_lost,
    -- is_closing = 421 was said } } }.
    known = {},
    refused = {}, -- senders for good
  }, Moody)
  moody.port = moody.listener.port
  moody.tasks[1] = driver.spawn(function()
    while true do
      local connection = moody.listener:accept(nil)
      if not connection then return end
      moody.tasks[#moody.tasks + 1] = driver.spawn(serve, moody, connection)
    end
  end)
  return moody
end

function Moody:stop()
  self.listener:close()
  for _, task in ipairs(self.tasks) do task:cancel() end
end

return M
