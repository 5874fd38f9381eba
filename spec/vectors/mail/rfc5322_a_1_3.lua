-- What is read in rfc5322_a_1_3.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "message_id: testabcd.1234@silly.example",
    "from: Pete <pete@silly.example>",
    "to: Ed Jones <c@a.test>",
    "to:  <joe@where.test>",
    "to: John <jdoe@one.test>",
    "type: 0 text/plain",
    "content: Testing.\r\n",
    "date: -27723426",
  },
}
