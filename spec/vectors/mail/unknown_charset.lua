-- What is read in unknown_charset.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: =?x-unknown?Q?=FC?= is lost",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "charset: x-user-defined",
    "content: Gr\252\223e\r\n",
  },
  text = "Gr\252\223e\r\n",
  email = {
    why = "decodes what it has no charset for",
    { "subject: =?x-unknown?Q?=FC?= is lost",
      "subject: � is lost" },
  },
  gmime = {
    why = "drops what it has no charset for",
    { "subject: =?x-unknown?Q?=FC?= is lost",
      "subject:  is lost" },
  },
}
