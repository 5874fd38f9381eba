-- What is read in charset_alone.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: type without subtype",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "charset: utf-8",
    "content: Hello\r\n",
  },
  text = "Hello\r\n",
  gmime = {
    why = "calls a type it cannot read octets",
    reading = {
      "subject: type without subtype",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 application/octet-stream",
      "content: Hello\r\n",
    },
  },
}
