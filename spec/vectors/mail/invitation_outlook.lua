-- What is read in invitation_outlook.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Talk",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/alternative",
    "type: 1 text/plain",
    "charset: us-ascii",
    "type: 1 text/html",
    "charset: us-ascii",
    "content: <p> </p>\r\n",
    "type: 1 text/calendar",
    "charset: utf-8",
    "content: BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
  },
}
