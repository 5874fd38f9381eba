-- What is read in pgp_mime.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: ...",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/encrypted",
    "type: 1 application/pgp-encrypted",
    "content: Version: 1\r\n",
    "type: 1 application/octet-stream",
    "disposition: inline",
    "filename: encrypted.asc",
    "content: -----BEGIN PGP MESSAGE-----\r\n\r\nhQ==\r\n-----END PGP MESSAGE-----\r\n",
  },
}
