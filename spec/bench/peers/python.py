# python.py TASK N DATA [PORT]: the same of Python's email, smtplib, base64, binascii.
import base64, binascii, sys
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

task, count, data = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
text, html = (data / "text").read_text("utf-8"), (data / "html").read_text("utf-8")
first, second = (data / "first").read_bytes(), (data / "second").read_bytes()
page, octets = (data / "page").read_bytes(), (data / "octets").read_bytes()


def new():
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "ada@example.org", "bob@example.net"
    message["Subject"] = "Grüße"
    message.set_content(text)
    return message


def small():
    message = new()
    message.add_alternative(html, subtype="html")
    message.add_attachment(first, maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment(second, maintype="image", subtype="png", filename="b.png")
    return message


def build():
    for _ in range(count):
        small().as_bytes()


def stream():
    for _ in range(count):
        message = new()
        message.add_attachment((data / "large").read_bytes(), maintype="application",
                               subtype="octet-stream", filename="large")
        with open("/dev/null", "wb") as null:
            BytesGenerator(null).flatten(message)


def encode_base64():
    for _ in range(count):
        base64.encodebytes(page)


def quoted():
    for _ in range(count):
        binascii.b2a_qp(page)


def connect():
    import smtplib, ssl
    port = int(sys.argv[4])
    if task != "tls":
        return smtplib.SMTP("127.0.0.1", port, local_hostname="client.example")
    context = ssl.create_default_context(cafile=data / "certificate.pem")
    return smtplib.SMTP_SSL("localhost", port, local_hostname="client.example", context=context)


def send():
    with connect() as session:
        for _ in range(count):
            session.send_message(small())


def put(session):
    session.sendmail("ada@example.org", ["bob@example.net"], octets)


def kept():
    with connect() as session:
        for _ in range(count):
            put(session)


def fresh():
    for _ in range(count):
        with connect() as session:
            put(session)


dict(build=build, stream=stream, base64=encode_base64, quoted=quoted, send=send, kept=kept, fresh=fresh, tls=fresh)[task]()
