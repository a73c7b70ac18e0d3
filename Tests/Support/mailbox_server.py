"""Somebody's mailboxes: a real SMTP server on this machine that keeps what it is sent."""

import contextlib
import email
import email.policy
import re

from aiosmtpd.controller import Controller
from polling import until
from ports import free_port


class Mailboxes:
    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[email.message.EmailMessage] = []
        # Addresses that the server refuses.
        self.unknown: set[str] = set()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def settings(self) -> dict[str, str]:
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), "SMTP_TLS": "none", "SMTP_FROM": "weaver@example.com"}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.unknown:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert envelope.rcpt_tos == [mail["To"].addresses[0].addr_spec] and envelope.mail_from == mail["From"].addresses[0].addr_spec
        self.mails.append(mail)
        return "250 taken"

    def of(self, address: str) -> list[email.message.EmailMessage]:
        return [mail for mail in self.mails if mail["To"].addresses[0].addr_spec == address]

    def newest(self, address: str, subject: str):
        """The last mail of a subject, once it is there."""
        return until(lambda: next((mail for mail in reversed(self.of(address)) if subject in mail["Subject"]), None), f"a mail to {address}: {subject}")


def link(mail, word: str) -> str:
    """What is behind # in a mail's link that confirms, or stops."""
    return re.search(rf"#(mail={word}\.\S+)", mail.get_content())[1]


@contextlib.contextmanager
def mailboxes():
    server = Mailboxes()
    server.controller.start()
    try:
        yield server
    finally:
        server.controller.stop()
