-- What is read in multipart_without_boundary.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: no boundary told",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "content: --b\r\n\r\nx\r\n--b--\r\n",
  },
  gmime = {
    why = "has no content for what has no parts",
    reading = {
      "subject: no boundary told",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 multipart/mixed",
    },
  },
}
