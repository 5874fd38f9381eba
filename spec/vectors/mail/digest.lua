-- What is read in digest.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a digest",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/digest",
    "type: 1 message/rfc822",
    "type: 2 text/plain",
    "content: first text",
    "type: 1 text/plain",
    "content: not a message",
  },
}
