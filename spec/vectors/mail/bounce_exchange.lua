-- What is read in bounce_exchange.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Undeliverable: Hello",
    "message_id: 8f1c4a2e@EX01.example.net",
    "from:  <postmaster@example.net>",
    "to:  <ada@example.org>",
    "type: 0 multipart/report",
    "type: 1 multipart/alternative",
    "type: 2 text/plain",
    "charset: us-ascii",
    "content: Delivery has failed to these recipients or groups:\r\n",
    "type: 2 text/html",
    "charset: us-ascii",
    "content: <p>Delivery has failed</p>\r\n",
    "type: 1 message/delivery-status",
    "content: Reporting-MTA: dns;EX01.example.net\r\n" ..
      "Received-From-MTA: dns;mail.example.org\r\n" ..
      "\r\nOriginal-Recipient: rfc822;bob@example.net\r\n" ..
      "Final-Recipient: rfc822;bob@example.net\r\n" ..
      "Action: failed\r\n" ..
      "Status: 5.1.10\r\n" ..
      "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\r\n",
    "type: 1 text/rfc822-headers",
    "content: From: ada@example.org\r\nSubject: Hello\r\n",
    "date: 1704358800",
  },
  email = {
    why = "reads the report's groups of fields as parts",
    reading = {
      "subject: Undeliverable: Hello",
      "message_id: 8f1c4a2e@EX01.example.net",
      "from:  <postmaster@example.net>",
      "to:  <ada@example.org>",
      "type: 0 multipart/report",
      "type: 1 multipart/alternative",
      "type: 2 text/plain",
      "charset: us-ascii",
      "content: Delivery has failed to these recipients or groups:\r\n",
      "type: 2 text/html",
      "charset: us-ascii",
      "content: <p>Delivery has failed</p>\r\n",
      "type: 1 message/delivery-status",
      "type: 2 text/plain",
      "type: 2 text/plain",
      "type: 1 text/rfc822-headers",
      "content: From: ada@example.org\r\nSubject: Hello\r\n",
      "date: 1704358800",
    },
  },
}
