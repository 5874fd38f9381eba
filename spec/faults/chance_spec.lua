-- chance_spec.lua - zero false "sent", zero silent duplicates: many mails to a server that answers, and
-- ends its connections, at random (moody.lua). What the server knows decides which outcomes are right.
local posthorn = require "posthorn"
local property = require "spec.property"
local moodies = require "spec.faults.moody"

-- ---- the reference ----

-- Whether a whole reply of this class was given to anything that this recipient hung on.
local function has_reply(rcpts, digit)
  for _, rcpt in ipairs(rcpts) do
    local mail = rcpt.mail
    if rcpt.code == digit or rcpt.final == digit or mail.code == digit or mail.data == digit
      or mail.chunk == digit then
      return true
    end
  end
  return false
end

-- What became of the transactions with a recipient: how many took the mail, in how many nobody can
-- know, and whether its end may have left without being read: chunks need no 354, nor any reply.
local function sum_of(rcpts, has_chunks)
  local sum = { taken = 0, open = 0, is_unread = has_chunks and #rcpts == 0, is_lost = false, is_last = true }
  for i, rcpt in ipairs(rcpts) do
    local mail = rcpt.mail
    local is_in = rcpt.code == "2" and mail.data == "3"
    local is_taken, is_open = rcpt.final == "2", is_in and mail.has_end and not rcpt.final
    -- Who said 421 did nothing for those, in LMTP, whose turn had not come (S20).
    if is_open and mail.line.is_closing then is_open, sum.is_unread = false, true end
    if is_taken then sum.taken = sum.taken + 1 end
    if is_open then sum.open = sum.open + 1 end
    if (is_taken or is_open) and i < #rcpts then sum.is_last = false end
    if mail.line.is_lost and (has_chunks or is_in) then sum.is_unread = true end
    if mail.line.is_lost then sum.is_lost = true end
  end
  return sum
end

-- Nil, or why this record is wrong. is_refused: its sender was, for good.
local function fault_of(record, rcpts, is_refused, has_chunks)
  local sum = sum_of(rcpts, has_chunks)
  if sum.taken + sum.open > 1 then return "it was handed over twice" end
  if not sum.is_last then return "it was tried again although it may have been taken" end
  if record.accepted then return sum.taken == 0 and "no final 2yz was read whole" or nil end
  if sum.taken == 1 then
    return not (sum.is_lost and record.class == "unknown") and "it was taken" or nil
  elseif sum.open == 1 then
    return record.class ~= "unknown" and "it may have been taken" or nil
  elseif record.class == "unknown" then
    return not sum.is_unread and "it cannot have been taken" or nil
  elseif record.class == "permanent" then
    return not (is_refused or has_reply(rcpts, "5")) and "nothing was refused for good" or nil
  end
  return record.class ~= "temporary" and "it has no class" or nil
end

-- ---- the mails ----

local keywords = {
  { "8BITMIME" }, { "PIPELINING", "8BITMIME" }, { "PIPELINING", "SIZE" }, { "PIPELINING", "CHUNKING", "8BITMIME" },
  { "CHUNKING" },
}

local function mails(draw, count)
  local items = {}
  for i = 1, count do
    local to = {}
    for j = 1, draw.number(1, 4) do to[j] = ("m%d-%d@example.net"):format(i, j) end
    local lines = draw.number(1, 5) == 1 and draw.number(1, 3000) or draw.number(0, 4)
    items[i] = assert(posthorn.message { from = ("s%d@example.org"):format(i), to = to, subject = "s",
      text = (".a line of text\n"):rep(lines) })
  end
  return items
end

local function known_of(rcpts)
  local words = {}
  for i, rcpt in ipairs(rcpts) do
    local mail = rcpt.mail
    words[i] = ("mail %s rcpt %s data %s chunk %s end %s final %s lost %s"):format(tostring(mail.code),
      tostring(rcpt.code), tostring(mail.data), tostring(mail.chunk), tostring(mail.has_end),
      tostring(rcpt.final), tostring(mail.line.is_lost))
  end
  return table.concat(words, "; ")
end

-- Sends a dozen mails and checks each; counts the outcomes.
local function check(draw, counts, options)
  posthorn.run(function()
    local has_chunks = draw.number(1, 2) == 1
    local moody = moodies.start(draw, keywords[draw.number(1, #keywords)], options.is_lmtp)
    local transport = posthorn.transport { timeout = 20, tls = "none",
      url = (options.is_lmtp and "lmtp" or "smtp") .. "://127.0.0.1:" .. moody.port,
      concurrency = draw.number(1, 12), bulk = draw.number(1, 3) == 1,
      pool = draw.number(1, 4) > 1 and { size = draw.number(1, 3), messages = draw.number(0, 5) },
      extensions = { chunking = has_chunks and "prefer" or "off",
        pipelining = draw.number(1, 4) == 1 and "off" or "prefer" } }
    local told = 0
    for _, result, _, failure in transport:send_many(mails(draw, 12)) do
      told = told + 1
      for _, record in ipairs((result or failure).recipients) do
        local rcpts = moody.known[record.address] or {}
        local sender = record.address:gsub("^m(%d+).*", "s%1@example.org")
        local fault = fault_of(record, rcpts, moody.refused[sender], has_chunks)
        assert(not fault, ("%s: %s, %s; %s"):format(tostring(fault), record.address,
          record.accepted and "accepted" or tostring(record.class) .. " " .. tostring(record.message), known_of(rcpts)))
        local outcome = record.accepted and "accepted" or record.class
        counts[outcome] = (counts[outcome] or 0) + 1
      end
    end
    transport:close()
    moody:stop()
    assert(told == 12, "outcomes: " .. told)
  end)
end

describe("mails to a server of moods", function()
  for name, options in pairs { SMTP = {}, LMTP = { is_lmtp = true } } do
    it("have the one outcome that is true: " .. name, function()
      local counts = {}
      property.each(20261125, 20, function(draw) check(draw, counts, options) end, 100)
      if os.getenv "POSTHORN_PROPERTY" then return end -- as many as were asked for
      for _, outcome in ipairs { "accepted", "temporary", "permanent", "unknown" } do
        assert.is_true((counts[outcome] or 0) > 20, outcome .. ": " .. tostring(counts[outcome]))
      end
    end)
  end
end)
