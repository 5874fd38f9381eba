-- What is read in uuencoded.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: uuencoded text",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n",
  },
  text = "begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n",
}
