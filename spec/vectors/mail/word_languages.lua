-- What is read in word_languages.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: grünab",
    "from: Keith Moore <moore@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
}
