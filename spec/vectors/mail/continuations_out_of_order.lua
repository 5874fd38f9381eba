-- What is read in continuations_out_of_order.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: parts of a name",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/octet-stream",
    "disposition: attachment",
    "filename: Über die Sicht.txt",
    "content: x\r\n",
  },
  gmime = {
    why = "wants the first segment first",
    { "filename: Über die Sicht.txt",
      "filename: utf-8''Über die Sicht.txt" },
  },
}
