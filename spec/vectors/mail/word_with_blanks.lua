-- What is read in word_with_blanks.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: =?utf-8?Q?two words?= and gluedto",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
  email = {
    why = "decodes a word with a blank in it, against RFC 2047, 2",
    { "subject: =?utf-8?Q?two words?= and gluedto",
      "subject: two words and gluedto" },
  },
  gmime = {
    why = "decodes a word with a blank in it, against RFC 2047, 2",
    { "subject: =?utf-8?Q?two words?= and gluedto",
      "subject: two words and gluedto" },
  },
}
