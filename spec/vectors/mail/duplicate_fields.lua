-- What is read in duplicate_fields.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: first",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
  email = {
    why = "joins the addresses of all",
    reading = {
      "subject: first",
      "from:  <ada@example.org>",
      "from:  <eve@example.org>",
      "to:  <bob@example.net>",
      "to:  <carol@example.net>",
      "type: 0 text/plain",
      "content: x\r\n",
    },
  },
  gmime = {
    why = "joins the addresses of all, and takes the last subject",
    reading = {
      "subject: second",
      "from:  <ada@example.org>",
      "from:  <eve@example.org>",
      "to:  <bob@example.net>",
      "to:  <carol@example.net>",
      "type: 0 text/plain",
      "content: x\r\n",
    },
  },
}
