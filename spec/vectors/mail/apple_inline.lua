-- What is read in apple_inline.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: pictures between the text",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "charset: us-ascii",
    "content: before\r\n",
    "type: 1 image/png",
    "disposition: inline",
    "cid: 1@apple",
    "filename: Bild 1.png",
    "content: \000\001\002",
    "type: 1 text/plain",
    "charset: us-ascii",
    "content: after\r\n",
  },
}
