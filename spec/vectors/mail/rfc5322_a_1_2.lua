-- What is read in rfc5322_a_1_2.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "message_id: 5678.21-Nov-1997@example.com",
    "from: Joe Q. Public <john.q.public@example.com>",
    "to: Mary Smith <mary@x.test>",
    "to:  <jdoe@example.org>",
    "to: Who? <one@y.test>",
    "cc:  <boss@nil.test>",
    "cc: Giant; \"Big\" Box <sysservices@example.net>",
    "type: 0 text/plain",
    "content: Hi everyone.\r\n",
    "date: 1057049557",
  },
}
