"""An SMTP server for the tests: smtp_server.py PORT FOLDER CERTIFICATE KEY. Writes each message it takes to FOLDER/<n>.eml.

Takes mail after STARTTLS and a login as store:sesame alone.
"""

import pathlib
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Box:
    def __init__(self, folder: pathlib.Path):
        self.folder, self.count = folder, 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = self.folder / f"{self.count}.eml"
        path.with_suffix(".part").write_bytes(f"Envelope-From: {envelope.mail_from}\nEnvelope-To: {','.join(envelope.rcpt_tos)}\n".encode() + envelope.content)
        path.with_suffix(".part").rename(path)
        return "250 taken"


def knows(server, session, envelope, mechanism, data):
    return AuthResult(success=isinstance(data, LoginPassword) and (data.login, data.password) == (b"store", b"sesame"))


port, folder, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
Controller(Box(pathlib.Path(folder)), hostname="127.0.0.1", port=int(port), tls_context=context, require_starttls=True,
           authenticator=knows, auth_required=True).start()
threading.Event().wait()
