-- What is read in no_end_boundary.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: cut off",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content: first",
    "type: 1 application/octet-stream",
    "content: \000\001\002",
  },
}
