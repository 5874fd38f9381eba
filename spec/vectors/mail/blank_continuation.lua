-- What is read in blank_continuation.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: folded \twith white lines",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: body\r\n",
  },
  email = {
    why = "keeps blanks at the end",
    { "subject: folded \twith white lines",
      "subject: folded \twith white lines  " },
  },
}
