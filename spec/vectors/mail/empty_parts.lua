-- What is read in empty_parts.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: empty parts",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "type: 1 text/html",
    "type: 1 text/plain",
    "type: 1 application/octet-stream",
  },
  email = {
    why = "takes two delimiters, one behind the other, for one",
    reading = {
      "subject: empty parts",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 multipart/mixed",
      "type: 1 text/plain",
      "type: 1 text/html",
      "type: 1 application/octet-stream",
    },
  },
  gmime = {
    why = "takes two delimiters, one behind the other, for one",
    reading = {
      "subject: empty parts",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 multipart/mixed",
      "type: 1 text/plain",
      "type: 1 text/html",
      "type: 1 application/octet-stream",
    },
  },
}
