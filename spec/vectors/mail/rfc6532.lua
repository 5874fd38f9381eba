-- What is read in rfc6532.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Ünïcödé 😀 raw",
    "message_id: ü@bücher.example",
    "from: Jürgen <jürgen@bücher.example>",
    "to: Größe, 田中 <用户@例え.example>",
    "to:  <δοκιμή@παράδειγμα.example>",
    "cc:  <ä@example.net>",
    "type: 0 text/plain",
    "charset: utf-8",
    "disposition: attachment",
    "filename: Übersicht.txt",
    "content: Grüße\r\n",
  },
}
