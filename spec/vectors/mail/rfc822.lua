-- What is read in rfc822.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a message",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 message/rfc822",
    "disposition: attachment",
    "type: 1 text/plain",
    "charset: utf-8",
    "content: inner text\r\n",
  },
}
