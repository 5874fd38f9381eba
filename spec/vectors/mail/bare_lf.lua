-- What is read in bare_lf.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: bare LF",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content: first",
    "type: 1 text/html",
    "content: <p>second</p>",
  },
}
