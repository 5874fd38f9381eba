-- What is read in bare_cr.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: bare CR",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: one\rtwo\r",
  },
  gmime = {
    why = "finds no line in it",
    reading = {
      "from:  <ada@example.org>",
      "from:  <bob@example.net>",
      "type: 0 text/plain",
    },
  },
}
