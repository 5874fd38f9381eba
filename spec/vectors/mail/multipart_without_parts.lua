-- What is read in multipart_without_parts.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: no part at all",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "content: never a delimiter\r\n",
  },
  gmime = {
    why = "has no content for what has no parts",
    reading = {
      "subject: no part at all",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 multipart/mixed",
    },
  },
}
