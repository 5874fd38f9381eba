-- What is read in rfc822_multipart.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a message whose boundary is that of the outer",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 message/rfc822",
    "type: 2 multipart/mixed",
    "type: 3 text/plain",
    "content: deep",
    "type: 1 text/plain",
    "content: last",
  },
}
