-- What is read in bounce_postfix.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Undelivered Mail Returned to Sender",
    "message_id: 20240104090000.4T5Qx1@mx.example.org",
    "from:  <MAILER-DAEMON@mx.example.org>",
    "to:  <ada@example.org>",
    "type: 0 multipart/report",
    "type: 1 text/plain",
    "charset: us-ascii",
    "content: This is the mail system at host mx.example.org.\r\n",
    "type: 1 message/delivery-status",
    "content: Reporting-MTA: dns; mx.example.org\r\n" ..
      "X-Postfix-Queue-ID: 4T5Qx1\r\n" ..
      "Arrival-Date: Thu,  4 Jan 2024 10:00:00 +0100 (CET)\r\n" ..
      "\r\nFinal-Recipient: rfc822; bob@example.net\r\n" ..
      "Original-Recipient: rfc822;bob@example.net\r\n" ..
      "Action: failed\r\n" ..
      "Status: 5.1.1\r\n" ..
      "Remote-MTA: dns; mail.example.net\r\n" ..
      "Diagnostic-Code: smtp; 550 5.1.1 <bob@example.net>: no such user\r\n",
    "type: 1 message/rfc822",
    "type: 2 text/plain",
    "content: Hi",
    "date: 1704358800",
  },
  email = {
    why = "reads the report's groups of fields as parts",
    reading = {
      "subject: Undelivered Mail Returned to Sender",
      "message_id: 20240104090000.4T5Qx1@mx.example.org",
      "from:  <MAILER-DAEMON@mx.example.org>",
      "to:  <ada@example.org>",
      "type: 0 multipart/report",
      "type: 1 text/plain",
      "charset: us-ascii",
      "content: This is the mail system at host mx.example.org.\r\n",
      "type: 1 message/delivery-status",
      "type: 2 text/plain",
      "type: 2 text/plain",
      "type: 1 message/rfc822",
      "type: 2 text/plain",
      "content: Hi",
      "date: 1704358800",
    },
  },
  gmime = {
    why = "takes a comment for the name",
    { "from:  <MAILER-DAEMON@mx.example.org>",
      "from: Mail Delivery System <MAILER-DAEMON@mx.example.org>" },
  },
}
