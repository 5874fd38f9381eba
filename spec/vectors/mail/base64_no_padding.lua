-- What is read in base64_no_padding.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: no padding",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/octet-stream",
    "content: Hello, world!",
  },
  email = {
    why = "gives what is not whole as it stands",
    { "content: Hello, world!",
      "content: SGVsbG8sIHdvcmxkIQ\r\n" },
  },
  gmime = {
    why = "drops the last octet",
    { "content: Hello, world!",
      "content: Hello, world" },
  },
}
