-- What is read in smime.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: signed",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/signed",
    "type: 1 text/plain",
    "content: signed text",
    "type: 1 application/pkcs7-signature",
    "disposition: attachment",
    "filename: smime.p7s",
    "content: 0\130\001",
  },
}
