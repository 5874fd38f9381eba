-- What is read in word_in_quotes.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: words where none may be",
    "from: =?utf-8?Q?J=C3=BCrgen?= Meier <juergen@example.org>",
    "to: =?iso-8859-1?Q?M=FCller, Karl?= <karl@example.net>",
    "type: 0 text/plain",
    "content: x\r\n",
  },
  email = {
    why = "decodes words in quotes, against RFC 2047, 5 (3)",
    { "from: =?utf-8?Q?J=C3=BCrgen?= Meier <juergen@example.org>",
      "from: Jürgen Meier <juergen@example.org>" },
    { "to: =?iso-8859-1?Q?M=FCller, Karl?= <karl@example.net>",
      "to: Müller, Karl <karl@example.net>" },
  },
  gmime = {
    why = "decodes words in quotes, against RFC 2047, 5 (3)",
    { "from: =?utf-8?Q?J=C3=BCrgen?= Meier <juergen@example.org>",
      "from: Jürgen Meier <juergen@example.org>" },
    { "to: =?iso-8859-1?Q?M=FCller, Karl?= <karl@example.net>",
      "to: Müller, Karl <karl@example.net>" },
  },
}
