-- What is read in type_of_junk.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: junk",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: Hello\r\n",
  },
  gmime = {
    why = "calls a type it cannot read octets",
    { "type: 0 text/plain",
      "type: 0 application/octet-stream" },
  },
}
