-- What is read in quoted_printable_ugly.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: quoted-printable",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "charset: utf-8",
    "content: grün =XY = =4\r\nblanks\r\nsoft break",
  },
  email = {
    why = "keeps blanks at a line's end, against RFC 2045, 6.7 (3)",
    { "content: grün =XY = =4\r\nblanks\r\nsoft break",
      "content: grün =XY = =4\r\nblanks \t\r\nsoft =  \r\nbreak" },
  },
  gmime = {
    why = "keeps blanks at a line's end, against RFC 2045, 6.7 (3)",
    { "content: grün =XY = =4\r\nblanks\r\nsoft break",
      "content: grün =XY = =4\r\nblanks \t\r\nsoft =  \r\nbreak" },
  },
}
