-- What is read in base64_junk.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: junk in base64",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/octet-stream",
    "content: Hello, world",
  },
}
