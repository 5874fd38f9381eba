-- What is read in rfc2046_5_2_3.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: whatever",
    "message_id: id1@host.com",
    "type: 0 multipart/alternative",
    "cid: id001@guppylake.bellcore.com",
    "type: 1 message/external-body",
    "filename: BodyFormats.ps",
    "content: Content-type: application/postscript\r\nContent-ID: <id42@guppylake.bellcore.com>\r\n",
    "type: 1 message/external-body",
    "filename: /u/nsb/writing/rfcs/RFC-MIME.ps",
    "content: Content-type: application/postscript\r\nContent-ID: <id42@guppylake.bellcore.com>\r\n",
    "type: 1 message/external-body",
    "content: Content-type: application/postscript\r\n" ..
      "Content-ID: <id42@guppylake.bellcore.com>\r\n" ..
      "\r\n" ..
      "get RFC-MIME.DOC\r\n",
  },
  email = {
    why = "takes a word for a mailbox, and reads what lies outside as a message",
    reading = {
      "subject: whatever",
      "message_id: id1@host.com",
      "from:  <Whomever>",
      "to:  <Someone>",
      "type: 0 multipart/alternative",
      "cid: id001@guppylake.bellcore.com",
      "type: 1 message/external-body",
      "type: 2 application/postscript",
      "cid: id42@guppylake.bellcore.com",
      "type: 1 message/external-body",
      "type: 2 application/postscript",
      "cid: id42@guppylake.bellcore.com",
      "type: 1 message/external-body",
      "type: 2 application/postscript",
      "cid: id42@guppylake.bellcore.com",
      "content: get RFC-MIME.DOC\r\n",
    },
  },
  gmime = {
    why = "takes a word for a mailbox",
    reading = {
      "subject: whatever",
      "message_id: id1@host.com",
      "from:  <Whomever>",
      "to:  <Someone>",
      "type: 0 multipart/alternative",
      "cid: id001@guppylake.bellcore.com",
      "type: 1 message/external-body",
      "filename: BodyFormats.ps",
      "content: Content-type: application/postscript\r\nContent-ID: <id42@guppylake.bellcore.com>\r\n",
      "type: 1 message/external-body",
      "filename: /u/nsb/writing/rfcs/RFC-MIME.ps",
      "content: Content-type: application/postscript\r\nContent-ID: <id42@guppylake.bellcore.com>\r\n",
      "type: 1 message/external-body",
      "content: Content-type: application/postscript\r\n" ..
        "Content-ID: <id42@guppylake.bellcore.com>\r\n" ..
        "\r\n" ..
        "get RFC-MIME.DOC\r\n",
    },
  },
}
