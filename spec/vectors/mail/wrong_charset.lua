-- What is read in wrong_charset.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: says UTF-8, is not",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "charset: utf-8",
    "content: Gr\252\223e\r\n",
  },
  text = "Gr\252\223e\r\n",
}
