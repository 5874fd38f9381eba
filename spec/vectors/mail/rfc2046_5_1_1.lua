-- What is read in rfc2046_5_1_1.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Sample message",
    "from: Nathaniel Borenstein <nsb@bellcore.com>",
    "to: Ned Freed <ned@innosoft.com>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content: This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
    "type: 1 text/plain",
    "charset: us-ascii",
    "content: This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
    "date: 732787008",
  },
}
