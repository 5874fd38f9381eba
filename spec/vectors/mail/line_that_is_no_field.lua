-- What is read in line_that_is_no_field.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a line between",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: this is no field\r\nX-Other: y\r\n\r\nbody\r\n",
  },
  gmime = {
    why = "skips the line",
    { "content: this is no field\r\nX-Other: y\r\n\r\nbody\r\n",
      "content: body\r\n" },
  },
}
