-- What is read in obsolete_addresses.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: obsolete forms",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "to: Carol C. Jones <carol@example.net>",
    "to:  <dan@example.net>",
    "cc:  <\"a \\\"b\\\".c\"@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
    "date: 1704380400",
  },
  email = {
    why = "sees no zone behind a comment",
    { "date: 1704380400",
      "date: 1704362400" },
  },
  gmime = {
    why = "sees no zone behind a comment, takes comments for names",
    { "to:  <dan@example.net>",
      "to: Dan <dan@example.net>" },
    { "cc:  <\"a \\\"b\\\".c\"@example.net>",
      "cc:  <\"a \\\"b\\\"\".c@example.net>" },
    { "date: 1704380400",
      "date: 1704362400" },
  },
}
