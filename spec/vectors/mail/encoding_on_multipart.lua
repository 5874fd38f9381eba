-- What is read in encoding_on_multipart.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a multipart that says base64",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content: first",
  },
}
