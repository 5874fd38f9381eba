-- What is read in no_mime_version.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: no version",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/html",
    "charset: utf-8",
    "content: <p>ü</p>\r\n",
  },
}
