-- What is read in long_lines.eml; see spec/mime/mail_spec.lua.
return {
  reading = {
    "subject: " .. ("word "):rep(300) .. "end",
    "from:  <ada@example.org>",
    "to:  <bob@example.net>",
    "type: 0 text/plain",
    "content: " .. ("x"):rep(2000) .. "\r\n",
  },
}
