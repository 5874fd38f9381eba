-- What is read in rfc5322_a_5.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "message_id: testabcd.1234@silly.test",
    "from: Pete <pete@silly.test>",
    "to: Chris Jones <c@public.example>",
    "to:  <joe@example.org>",
    "to: John <jdoe@one.test>",
    "type: 0 text/plain",
    "content: Testing.\r\n",
    "date: -27723480",
  },
}
