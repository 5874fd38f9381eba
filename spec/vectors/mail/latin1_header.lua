-- What is read in latin1_header.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Grüße",
    "from: Jürgen <juergen@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "charset: iso-8859-1",
    "content: Gr\252\223e\r\n",
  },
  text = "Grüße\r\n",
  email = {
    why = "leaves octets that are no ASCII",
    { "subject: Grüße",
      "subject: Gr��e" },
    { "from: Jürgen <juergen@example.org>",
      "from: J\252rgen <juergen@example.org>" },
  },
}
