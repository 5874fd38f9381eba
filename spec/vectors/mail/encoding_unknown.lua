-- What is read in encoding_unknown.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: an encoding nobody knows",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: a=20b\r\n",
  },
}
