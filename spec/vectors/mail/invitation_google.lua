-- What is read in invitation_google.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Invitation: Talk @ Thu Jan 4, 2024",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 multipart/alternative",
    "type: 2 text/plain",
    "charset: UTF-8",
    "content: Hello",
    "type: 2 text/html",
    "charset: UTF-8",
    "content: <p>Hello</p>",
    "type: 2 text/calendar",
    "charset: UTF-8",
    "content: BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
    "type: 1 application/ics",
    "disposition: attachment",
    "filename: invite.ics",
    "content: BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
  },
}
