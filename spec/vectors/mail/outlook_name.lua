-- What is read in outlook_name.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: old Outlook",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 application/msword",
    "disposition: attachment",
    "filename: Übersicht für alle.doc",
    "content: \000\001\002",
  },
}
