-- What is read in base64_joined.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: padding in the middle",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/octet-stream",
    "content: Hello, world",
  },
  email = {
    why = "stops at padding",
    { "content: Hello, world",
      "content: Hello" },
  },
  gmime = {
    why = "stops at padding",
    { "content: Hello, world",
      "content: Hello" },
  },
}
