"""A mail server for tests: what it takes, what it refuses, and its sessions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass
class Inbox:
    """What the server took, and what it says to those whom it refuses."""

    envelopes: list[Envelope] = field(default_factory=list)
    #: {recipient: reply}.
    refuses: dict[str, str] = field(default_factory=dict)
    #: What it answers to every message; empty: it takes them.
    says: str = ""
    #: Seconds that it thinks about a greeting, and about a message.
    thinks: float = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        await asyncio.sleep(self.thinks)
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(self.thinks)
        if not self.says:
            self.envelopes.append(envelope)
        return self.says or "250 OK"

    def message(self) -> EmailMessage:
        """Return the last message."""
        return message_from_bytes(self.envelopes[-1].content, policy=default)


class Session(SMTP):
    """One client's session, whose sockets can be closed: a failed handshake leaves the server's open."""

    opened: tuple[asyncio.Transport, ...] = ()

    def connection_made(self, transport):
        self.opened = (*self.opened, transport)
        super().connection_made(transport)

    def close(self) -> None:
        for transport in self.opened:
            transport.abort()


@dataclass
class Listening:
    """A mail server that runs, and the connection that leads to it."""

    inbox: Inbox
    values: Mapping[str, str]


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and data == LoginPassword(b"wink", b"s3cret-of-mail")
    return AuthResult(success=known, handled=known)
