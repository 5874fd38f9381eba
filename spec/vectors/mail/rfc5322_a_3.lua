-- What is read in rfc5322_a_3.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Saying Hello",
    "message_id: 1234@local.machine.example",
    "from: John Doe <jdoe@machine.example>",
    "to: Mary Smith <mary@example.net>",
    "type: 0 text/plain",
    "content: This is a message just to say hello.\r\nSo, \"Hello\".\r\n",
    "date: 880127706",
  },
}
