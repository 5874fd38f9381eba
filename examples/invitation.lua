-- invitation.lua - invites to a meeting: the mail program shows Yes, No, Maybe (iMIP, RFC 6047).
--   lua examples/invitation.lua smtp://user:secret@mail.example.org ada@example.org bob@example.net
-- The answer is a mail to the ORGANIZER with METHOD:REPLY and the same UID. To change the meeting
-- send the same UID with a higher SEQUENCE; to call it off, with METHOD:CANCEL in the calendar,
-- STATUS:CANCELLED in the event, and method = "CANCEL".
local posthorn = require "posthorn"

local server = arg[1] or "smtp://localhost"
local from, to = arg[2] or "ada@example.org", arg[3] or "bob@example.net"

-- Text of a property: RFC 5545, 3.3.11.
local function escape(text)
  return (text:gsub("[\\;,]", "\\%0"):gsub("\r?\n", "\\n"))
end

-- Lines of 75 octets at most (RFC 5545, 3.1); what does not fit goes on behind CRLF and a blank.
-- No character is cut.
local function fold(line)
  local lines = {}
  while #line > 74 do
    local at = 75
    while line:byte(at) >= 0x80 and line:byte(at) < 0xC0 do at = at - 1 end
    lines[#lines + 1], line = line:sub(1, at - 1), line:sub(at)
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\r\n ")
end

local function calendar(lines)
  for i, line in ipairs(lines) do lines[i] = fold(line) end
  return table.concat(lines, "\r\n") .. "\r\n"
end

-- Times of a zone, with its rules, so that a meeting at ten stays at ten when summer ends.
local zone = {
  "BEGIN:VTIMEZONE", "TZID:Europe/Berlin",
  "BEGIN:DAYLIGHT", "DTSTART:19810329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
  "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "END:DAYLIGHT",
  "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "END:STANDARD",
  "END:VTIMEZONE",
}

-- An address is data: one with a line end would write a property of its own.
assert(posthorn.address.valid(from) and posthorn.address.valid(to), "usage: server from to")

local lines = {
  "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//posthorn//invitation.lua//EN", "METHOD:REQUEST",
}
for _, line in ipairs(zone) do lines[#lines + 1] = line end
for _, line in ipairs {
  "BEGIN:VEVENT",
  "UID:" .. os.date "!%Y%m%dT%H%M%SZ" .. "-meeting@example.org",
  "DTSTAMP:" .. os.date "!%Y%m%dT%H%M%SZ", "SEQUENCE:0", "STATUS:CONFIRMED",
  "DTSTART;TZID=Europe/Berlin:20270304T100000", "DTEND;TZID=Europe/Berlin:20270304T110000",
  "SUMMARY:" .. escape "Frühstück, then the plan",
  "LOCATION:" .. escape "Café Löwe; first floor",
  "ORGANIZER:mailto:" .. from,
  "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:" .. to,
  "END:VEVENT", "END:VCALENDAR",
} do lines[#lines + 1] = line end

local result, message = posthorn.send {
  server = server, timeout = 60, from = from, to = { { address = to } },
  subject = "Invitation: Frühstück, then the plan",
  text = "4 March 2027, 10:00 to 11:00 in Berlin, Café Löwe.\n", -- for whoever has no calendar
  calendar = { method = "REQUEST", content = calendar(lines) },
}
print(result and "invited " .. result.accepted[1] or "not sent: " .. message)
os.exit(result and 0 or 1)
