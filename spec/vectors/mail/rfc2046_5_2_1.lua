-- What is read in rfc2046_5_2_1.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a message in a message, RFC 2046, 5.2.1",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 message/rfc822",
    "type: 1 text/plain",
    "content: It needs no From, RFC 2046 says.\r\n",
  },
}
