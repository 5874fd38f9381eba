-- What is read in word_split_in_character.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Grüße aus Köln",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
}
