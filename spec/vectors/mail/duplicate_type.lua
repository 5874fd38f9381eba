-- What is read in duplicate_type.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: two types",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/html",
    "charset: utf-8",
    "content: <p>x</p>\r\n",
  },
  gmime = {
    why = "takes the last",
    { "type: 0 text/html",
      "type: 0 text/plain" },
    { "charset: utf-8",
      "charset: us-ascii" },
  },
}
