-- What is read in rfc5322_a_6_3.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Saying Hello",
    "message_id: 1234   @   local(blah)  .machine .example",
    "from: John Doe <jdoe@machine.example>",
    "to: Mary Smith <mary@example.net>",
    "type: 0 text/plain",
    "content: This is a message just to say hello.\r\nSo, \"Hello\".\r\n",
    "date: 880127706",
  },
  email = {
    why = "takes no field whose name has blanks behind it",
    reading = {
      "type: 0 text/plain",
      "content: To    : Mary Smith\r\n" ..
        "  \r\n" ..
        "          <mary@example.net>\r\n" ..
        "Subject     : Saying Hello\r\n" ..
        "Date  : Fri, 21 Nov 1997 09(comment):   55  :  06 -0600\r\n" ..
        "Message-ID  : <1234   @   local(blah)  .machine .example>\r\n" ..
        "\r\n" ..
        "This is a message just to say hello.\r\n" ..
        "So, \"Hello\".\r\n",
    },
  },
  gmime = {
    why = "reads the obsolete date in parts, the id without blanks",
    { "message_id: 1234   @   local(blah)  .machine .example",
      "message_id: 1234@local.machine.example" },
    { "date: 880127706",
      "date: 880092000" },
  },
}
