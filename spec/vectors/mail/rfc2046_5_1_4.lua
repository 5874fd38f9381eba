-- What is read in rfc2046_5_1_4.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: Formatted text mail",
    "from: Nathaniel Borenstein <nsb@bellcore.com>",
    "to: Ned Freed <ned@innosoft.com>",
    "type: 0 multipart/alternative",
    "type: 1 text/plain",
    "charset: us-ascii",
    "content: ... plain text version of message goes here ...\r\n",
    "type: 1 text/enriched",
    "content: ... RFC 1896 text/enriched version of same message\r\ngoes here ...\r\n",
    "type: 1 application/x-whatever",
    "content: ... fanciest version of same message goes here ...\r\n",
    "date: 732822069",
  },
}
