-- What is read in rfc5322_a_6_1.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "message_id: 5678.21-Nov-1997@example.com",
    "from: Joe Q. Public <john.q.public@example.com>",
    "to: Mary Smith <mary@example.net>",
    "to:  <jdoe@test.example>",
    "type: 0 text/plain",
    "content: Hi everyone.\r\n",
    "date: 1057049557",
  },
}
