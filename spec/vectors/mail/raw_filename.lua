-- What is read in raw_filename.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: octets in a filename",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/pdf",
    "disposition: attachment",
    "filename: Übersicht; 1.pdf",
    "content: x\r\n",
  },
  email = {
    why = "leaves octets that are no ASCII",
    { "filename: Übersicht; 1.pdf",
      "filename: �bersicht; 1.pdf" },
  },
}
