# email_reader.py - messages in files as Python's `email` reads them: lines of a
# name, a tab and a value in hexadecimal digits.
# SPDX-License-Identifier: MIT
import email
import email.policy
import sys


def tell(name, value):
    octets = value if isinstance(value, bytes) else str(value or "").encode("utf-8", "surrogateescape")
    print(name + "\t" + octets.hex())


def tell_part(part, depth):
    tell("type", "%d %s" % (depth, part.get_content_type()))
    tell("charset", part.get_param("charset"))
    tell("disposition", part.get_content_disposition())
    tell("cid", (part.get("content-id") or "").strip("<>"))
    if part.is_multipart():
        for one in part.get_payload():
            tell_part(one, depth + 1)
    else:
        tell("filename", part.get_filename())
        tell("content", part.get_payload(decode=True))


for path in sys.argv[1:]:
    with open(path, "rb") as handle:
        message = email.message_from_bytes(handle.read(), policy=email.policy.default)
    tell("message", "")
    tell("subject", message["subject"])
    tell("date", int(message["date"].datetime.timestamp()) if message["date"] else -1)
    tell("message_id", (message["message-id"] or "").strip("<>"))
    for name in "from", "to", "cc":
        for field in message.get_all(name, []):
            for one in field.addresses:
                tell(name, "%s <%s>" % (one.display_name, one.addr_spec))
    tell_part(message, 0)
