-- What is read in boundary_with_blanks.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: blanks behind",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content: first",
    "type: 1 text/plain",
    "content: second",
  },
}
