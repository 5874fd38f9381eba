# aiosmtpd_server.py - aiosmtpd, which answers by the first recipient's name.
# Arguments: port, certificates, key, folder of the mail.
# SPDX-License-Identifier: MIT
import asyncio
import os
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

port, certificates, key, folder = sys.argv[1:5]

RECIPIENTS = {
    "perm": "550 5.1.1 no such user",
    "multi": "550-5.7.1 first line\r\n550-5.7.1 second line\r\n550 5.7.1 last line",
    "mixed": "550-5.7.1 first\r\n450 4.7.1 another code",
    "nocode": "oops no code here",
}
DOTS = {
    "421dot": "421 4.3.2 shutting down",
    "spam": "550 5.7.1 content refused after the dot",
    "grey_dot": "451 4.7.1 try again after the dot",
    "garbage_dot": "oops no code here",
}


def local_part(address):
    return address.split("@")[0]


class Handler:
    def __init__(self):
        self.seen = set()
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = local_part(address)
        if name == "grey" and address not in self.seen:
            self.seen.add(address)
            return "450 4.2.0 greylisted, come back later"
        if name in RECIPIENTS:
            return RECIPIENTS[name]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        name = local_part(envelope.rcpt_tos[0])
        if name == "slowdot":
            await asyncio.sleep(1)
        elif name == "dropdot":  # the client cannot know whether this was taken
            server.transport.abort()
            return "250 2.0.0 never seen"
        elif name in DOTS:
            return DOTS[name]
        self.count += 1
        path = os.path.join(folder, "%d.eml" % self.count)
        with open(path + ".part", "wb") as handle:
            handle.write(envelope.content)
        os.rename(path + ".part", path)
        return "250 2.0.0 queued as %d" % self.count


def authenticator(server, session, envelope, mechanism, data):
    good = getattr(data, "login", b"") == b"user" and getattr(data, "password", b"") == b"s3cret"
    return AuthResult(success=good, handled=False)  # else it says nothing itself


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificates, key)


class Server(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=True, hostname="aiosmtpd.posthorn.test",
                    tls_context=context, authenticator=authenticator, auth_require_tls=True,
                    timeout=30, loop=self.loop)


Server(Handler(), hostname="127.0.0.1", port=int(port)).start()
while True:
    time.sleep(3600)
