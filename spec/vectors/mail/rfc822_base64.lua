-- What is read in rfc822_base64.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a message in base64",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 message/rfc822",
    "type: 1 text/plain",
    "charset: utf-8",
    "content: inner text\r\n",
  },
  email = {
    why = "does not decode it (RFC 2046, 5.2.1 allows no encoding here)",
    reading = {
      "subject: a message in base64",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 message/rfc822",
      "type: 1 text/plain",
      "content: RnJvbTogY2Fyb2xAZXhhbXBsZS5vcmcNClN1YmplY3Q6ID0/dXRmLTg/UT9pbm5lcl89QzM9QkM/\r\n" ..
        "PQ0KTUlNRS1WZXJzaW9uOiAxLjANCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgY2hhcnNldD11\r\n" ..
        "dGYtOA0KDQppbm5lciB0ZXh0DQo=\r\n",
    },
  },
  gmime = {
    why = "decodes it, and reads no message in it",
    reading = {
      "subject: a message in base64",
      "from:  <ada@example.org>",
      "to:  <bob@example.net>",
      "type: 0 message/rfc822",
      "content: From: carol@example.org\r\n" ..
        "Subject: =?utf-8?Q?inner_=C3=BC?=\r\n" ..
        "MIME-Version: 1.0\r\n" ..
        "Content-Type: text/plain; charset=utf-8\r\n" ..
        "\r\ninner text\r\n",
    },
  },
}
