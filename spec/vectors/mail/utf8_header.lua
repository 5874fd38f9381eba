-- What is read in utf8_header.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Grüße, 世界",
    "from: Jürgen <juergen@example.org>",
    "to: 田中 <tanaka@example.net>",
    "type: 0 text/plain",
    "charset: utf-8",
    "content: Grüße\r\n",
  },
}
