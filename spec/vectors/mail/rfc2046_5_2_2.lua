-- What is read in rfc2046_5_2_2.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Audio mail (part 1 of 2)",
    "message_id: id1@host.com",
    "from:  <Bill@host.com>",
    "to:  <joe@otherhost.com>",
    "type: 0 message/partial",
    "content: X-Weird-Header-1: Bar\r\n" ..
      "X-Weird-Header-2: Hello\r\n" ..
      "Message-ID: <anotherid@foo.com>\r\n" ..
      "Subject: Audio mail\r\n" ..
      "MIME-Version: 1.0\r\n" ..
      "Content-type: audio/basic\r\n" ..
      "Content-transfer-encoding: base64\r\n" ..
      "\r\n" ..
      "  ... first half of encoded audio data goes here ...\r\n",
    "date: 733168778",
  },
  email = {
    why = "reads the piece as a whole message",
    reading = {
      "subject: Audio mail (part 1 of 2)",
      "message_id: id1@host.com",
      "from:  <Bill@host.com>",
      "to:  <joe@otherhost.com>",
      "type: 0 message/partial",
      "type: 1 audio/basic",
      "content: ~*\236\182\22\165~\135\222\157\202\29y\214\174v*\29j\214\160\161\235!z\183",
      "date: 733168778",
    },
  },
}
