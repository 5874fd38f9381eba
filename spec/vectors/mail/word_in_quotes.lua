-- What is read in word_in_quotes.eml; see spec/mime/mail_spec.lua.
return {
  reading = { -- against RFC 2047, 5 (3), as the world writes it
    "subject: words where none may be",
    "from: Jürgen Meier <juergen@example.org>",
    "to: Müller, Karl <karl@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
}
