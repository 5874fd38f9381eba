-- What is read in header_alone.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: no body",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
  },
}
