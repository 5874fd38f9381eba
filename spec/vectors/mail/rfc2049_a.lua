-- What is read in rfc2049_a.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: A multipart example",
    "from: Nathaniel Borenstein <nsb@nsb.fv.com>",
    "to: Ned Freed <ned@innosoft.com>",
    "type: 0 multipart/mixed",
    "type: 1 text/plain",
    "content:   ... Some text appears here ...\r\n",
    "type: 1 text/plain",
    "charset: US-ASCII",
    "content: This could have been part of the previous part, but\r\n" ..
      "illustrates explicit versus implicit typing of body\r\n" ..
      "parts.",
    "type: 1 multipart/parallel",
    "type: 2 audio/basic",
    "content: base64-encoded audio",
    "type: 2 image/jpeg",
    "content: base64-encoded image",
    "type: 1 text/enriched",
    "content: This is <bold><italic>enriched.</italic></bold>\r\n" ..
      "<smaller>as defined in RFC 1896</smaller>\r\n" ..
      "\r\nIsn't it\r\n" ..
      "<bigger><bigger>cool?</bigger></bigger>\r\n",
    "type: 1 message/rfc822",
    "type: 2 text/plain",
    "charset: ISO-8859-1",
    "content:   ... Additional text in ISO-8859-1 goes here ...\r\n",
    "date: 781571705",
  },
}
