-- What is read in inner_without_end.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: inner without end",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 multipart/alternative",
    "type: 2 text/plain",
    "content: plain",
    "type: 2 text/html",
    "content: <p>html</p>",
    "type: 1 text/plain",
    "filename: a.txt",
    "content: attached",
  },
  text = "plain",
}
