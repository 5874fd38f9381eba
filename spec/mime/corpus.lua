-- corpus.lua - messages of every shape: what is written of them must be read
-- alike by whoever reads it. Each has a name; from, to and date are added.
-- SPDX-License-Identifier: MIT
local long = ("Donaudampfschifffahrtsgesellschaft über alles, "):rep(8) .. "Ende"
local octets = {}
for i = 0, 1023 do octets[i + 1] = string.char(i * 7 % 256) end
octets = table.concat(octets)

local function file(more)
  local all = { content = octets, filename = "a.bin" }
  for name, value in pairs(more) do all[name] = value end
  return all
end

return {
  { name = "text", subject = "Hello", text = "Hi\n" },
  { name = "html alone", subject = "Hello", html = "<p>Hi</p>\n" },
  { name = "nothing said", subject = "", text = "" },
  { name = "two forms", subject = "Grüße", text = "Grüße\n", html = "<p>Grüße</p>\n" },
  { name = "related", html = "<img src=\"cid:logo\">", attachments = { file { cid = "logo", filename = "l.png" } } },
  { name = "all containers", text = "a", html = "b",
    attachments = { file { cid = "x@y", filename = "x.gif" }, file { filename = "Übersicht für alle.csv" } } },
  { name = "names of files", text = "x", attachments = {
    file { filename = "with blank.txt" }, file { filename = "quote\"back\\slash.txt" },
    file { filename = "semi;colon='%41'.txt" }, file { filename = ("lang"):rep(40) .. ".txt" },
    file { filename = ("日本語"):rep(20) .. ".pdf" }, file { filename = "😀.txt" }, file { filename = "=?utf-8?Q?x?=.txt" },
  } },
  { name = "dispositions", text = "x", attachments = {
    file { disposition = "inline" }, file { disposition = "attachment", type = "application/x-thing" },
    { content = "text\n", filename = "t.txt", type = "text/plain" }, { content = "", filename = "empty" },
  } },
  { name = "a long subject", subject = long, text = "x" },
  { name = "a subject like a word", subject = "=?utf-8?Q?no?= word =?", text = "x" },
  { name = "blanks in a subject", subject = "a  b   c", text = "x" },
  { name = "scripts", subject = "日本語 العربية עברית 😀 e\204\129", text = "日本語 العربية 😀\n" },
  { name = "a letter before Chinese", subject = "2026" .. ("年第三四半期の決算"):rep(9), text = "x",
    from = { name = "(" .. ("日本語"):rep(20), address = "s@example.org" } },
  { name = "names", text = "x", from = { name = "Sören \"der\" Große", address = "s@example.org" },
    to = { { name = "Doe, John", address = "john@example.net" }, { name = "日本", address = "j@example.net" } },
    cc = { { name = ("Ölmühle "):rep(12) .. "Ende", address = "lang@example.net" }, "plain@example.net" } },
  { name = "names like words", text = "x", from = { name = "=?utf-8?Q?x?=", address = "s@example.org" },
    to = { { name = "a, =?utf-8?B?eA==?=", address = "a@example.net" }, { name = "=?", address = "b@example.net" } },
    cc = '"=?utf-8?Q?y?=" <c@example.net>, "a =?utf-8?Q?b?= c": d@example.net;' },
  { name = "many recipients", text = "x", to = (function()
    local list = {}
    for i = 1, 60 do list[i] = { name = "Person " .. i, address = ("p%d@example.net"):format(i) } end
    return list
  end)() },
  { name = "a quoted local part", text = "x", to = { "\"a b\"@example.net", "\"x@y\"@example.net" } },
  { name = "8bit", encoding = "8bit", text = "Grüße\nvon hier\n" },
  { name = "quoted-printable", encoding = "quoted-printable", text = "= Grüße \n \nx\t\n" .. ("ü"):rep(200) },
  { name = "base64", encoding = "base64", text = ("Grüße\n"):rep(100) },
  { name = "long lines", text = ("x"):rep(3000) .. "\n" .. ("ü"):rep(3000) .. "\n" },
  { name = "dots, From and dashes", text = ".\n..\n.x\nFrom here\n--\n-- \n--b\n" },
  { name = "blank lines", text = "\n\n\nx\n\n\n" },
  { name = "without a last line end", text = "x\ny" },
  { name = "files alone", attachments = { file {}, file { type = "image/png" } } },
  { name = "other fields", text = "x", headers = { { "X-Long", long }, { "Comments", "ü" } } },
}
