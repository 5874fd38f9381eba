-- What is read in groups.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: groups",
    "from:  <ada@example.org>",
    "to: Bob, B. <bob@example.net>",
    "to:  <carol@example.net>",
    "to:  <dan@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
}
