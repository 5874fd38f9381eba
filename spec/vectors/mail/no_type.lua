-- What is read in no_type.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: no type",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: Hello\r\n",
  },
}
