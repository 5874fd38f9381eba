-- What is read in boundary_prefix.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: one boundary begins with the other",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 multipart/alternative",
    "type: 2 text/plain",
    "content: plain",
    "type: 2 text/html",
    "content: <p>html</p>",
    "type: 1 text/plain",
    "content: last",
  },
}
