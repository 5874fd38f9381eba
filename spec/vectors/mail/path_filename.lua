-- What is read in path_filename.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: a path of Windows",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/octet-stream",
    "disposition: attachment",
    "filename: C:Usersadaa.txt",
    "content: x\r\n",
  },
}
