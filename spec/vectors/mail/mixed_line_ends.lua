-- What is read in mixed_line_ends.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: both folded",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content: first\n",
    "type: 1 text/plain",
    "content: second",
  },
  gmime = {
    why = "takes an LF before the delimiter, and leaves its CR",
    { "content: second",
      "content: second\r" },
  },
}
