-- What is read in type_with_comment.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: comments",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "charset: us-ascii",
    "content: Hello\r\n",
  },
  email = {
    why = "takes the comment into the type",
    { "type: 0 text/plain",
      "type: 0 text/plain (plain text)" },
  },
  gmime = {
    why = "takes the comment into the charset",
    { "charset: us-ascii",
      "charset: us-ascii (\"a\\)b\")" },
  },
}
