-- invoice.lua - text and HTML alike, the logo inside the HTML, the invoice itself as a PDF.
--   lua examples/invoice.lua smtp://user:password@mail.example.org ada@example.org bob@example.net
-- The parts nest as mail programs expect it:
--   mixed { alternative { text, related { html, logo } }, pdf }
local posthorn = require "posthorn"

local server = arg[1] or "smtp://localhost"
local from, to = arg[2] or "ada@example.org", arg[3] or "bob@example.net"

-- An envelope of 16 by 8 pixels. A file would be posthorn.file("logo.png", { cid = "logo" }).
local logo = "\137PNG\13\10\26\10\0\0\0\13IHDR\0\0\0\16\0\0\0\8\1\0\0\0\0\216\13B:"
  .. "\0\0\0\30IDATx\218c\248\255\159\225\0003\195\6^\134\30C\134\230\131\12\13\140 \244\255?\0i|\8"
  .. "\128\234\179\14\131\0\0\0\0IEND\174B`\130"

-- One page with one line of text: five objects and where each begins.
local function pdf(line)
  local stream = ("BT /F1 18 Tf 72 720 Td (%s) Tj ET"):format((line:gsub("[\\()]", "\\%0")))
  local objects = {
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
      .. " /Resources << /Font << /F1 5 0 R >> >> >>",
    ("<< /Length %d >>\nstream\n%s\nendstream"):format(#stream, stream),
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  }
  local octets, places = "%PDF-1.4\n", {}
  for i, object in ipairs(objects) do
    places[i] = ("%010d 00000 n \n"):format(#octets)
    octets = octets .. ("%d 0 obj\n%s\nendobj\n"):format(i, object)
  end
  return octets .. "xref\n0 6\n0000000000 65535 f \n" .. table.concat(places)
    .. ("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"):format(#octets)
end

local result, message = posthorn.send {
  server = server, timeout = 60,
  from = { name = "Löwe & Söhne", address = from },
  to = { { address = to } }, -- exactly one mailbox, whatever the customer typed
  subject = "Invoice 2026-17: 42,00 €",
  text = "Dear customer,\nyour invoice over 42,00 € is attached.\n",
  html = '<p><img src="cid:logo" alt="Löwe &amp; Söhne"></p>'
    .. "<p>Dear customer,<br>your invoice over <b>42,00 €</b> is attached.</p>\n",
  attachments = {
    { content = logo, filename = "logo.png", cid = "logo" }, -- shown where the HTML says cid:logo
    { content = pdf "Invoice 2026-17: EUR 42.00", filename = "Rechnung Löwe 2026-17.pdf" },
  },
}
if not result then
  print("not sent: " .. message)
  os.exit(1)
end
print(("sent to %s, queued as %s"):format(result.accepted[1], result.queue_id or "unknown"))
