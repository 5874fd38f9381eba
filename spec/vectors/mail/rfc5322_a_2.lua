-- What is read in rfc5322_a_2.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Re: Saying Hello",
    "message_id: abcd.1234@local.machine.test",
    "from: John Doe <jdoe@machine.example>",
    "to: Mary Smith: Personal Account <smith@home.example>",
    "type: 0 text/plain",
    "content: This is a reply to your reply.\r\n",
    "date: 880131600",
  },
}
