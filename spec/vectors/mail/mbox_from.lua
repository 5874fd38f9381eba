-- What is read in mbox_from.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: of a mailbox",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: >From here\r\n",
  },
}
