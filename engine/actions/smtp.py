"""Hand a message to a mail server, at the address that the guard has judged and at no other.

Source: https://www.rfc-editor.org/rfc/rfc5321
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from engine.actions.guard import Guard
from engine.actions.url import read_url
from engine.errors import ActionFailed

#: How a connection to a mail server is encrypted: after a greeting in the open, from the first byte, or not at all.
STARTTLS, TLS, UNENCRYPTED = "starttls", "tls", "none"

#: Where a server listens that says nothing else. Source: RFC 6409 section 3.1, RFC 8314 section 7.3, RFC 5321
_PORTS: Mapping[str, str] = {STARTTLS: "587", TLS: "465", UNENCRYPTED: "25"}

#: Seconds that a server has to say goodbye; the message is its own by then.
_GOODBYE = 1.0
#: Longest part of a server's words that is kept.
_QUOTED = 300


@dataclass(frozen=True, slots=True)
class Server:
    """Where messages are handed in."""

    #: A plain name, or an address as URLs write it.
    host: str
    port: int
    security: str

    @property
    def url(self) -> str:
        """The same as one text: what the credentials are for."""
        return f"{'smtps' if self.security == TLS else 'smtp'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a message is from and for, and its bytes."""

    sender: str
    recipients: Sequence[str]
    message: bytes


def read_server(values: Mapping[str, str]) -> Server:
    """Return the server that a connection's values name.

    Raises:
        ActionFailed: ``invalid``: the host or the port is none.
    """
    security = values["security"] or STARTTLS
    host, port = values["host"].lower(), values["port"] or _PORTS[security]
    url = read_url(f"https://{host}:{port}/")  # as the guard reads a host: what it would read otherwise is no plain one
    if host not in {url.host_str, ""} or not port.isdigit():
        raise ActionFailed("invalid", "write a plain host, such as smtp.example.com, and a number as its port")
    return Server(host, int(port), security)


async def hand_over(guard: Guard, values: Mapping[str, str], envelope: Envelope, within: timedelta) -> dict[str, str]:
    """Hand a message in; return what the server said of each recipient that it refused, while it took others.

    Raises:
        ActionFailed: ``timeout``; ``connection``, also where the server asks to come again (4yz); ``refused`` by the
            guard; ``failed``: it refuses for good (5yz), and the output is its ``code`` and ``message``.
    """
    async with _session(guard, values, within) as client:
        refused, _ = await client.sendmail(envelope.sender, envelope.recipients, envelope.message)
    return {recipient: f"{said.code} {_brief(said.message)}" for recipient, said in refused.items()}


async def greet(guard: Guard, values: Mapping[str, str], within: timedelta) -> None:
    """Sign in, and hand nothing in.

    Raises:
        ActionFailed: as :func:`hand_over`.
    """
    async with _session(guard, values, within):
        pass


@asynccontextmanager
async def _session(guard: Guard, values: Mapping[str, str], within: timedelta) -> AsyncIterator[SMTP]:
    """Open a connection and sign in; what goes wrong until the end is an :class:`ActionFailed`.

    within: for all but the goodbye.
    """
    server = read_server(values)
    try:
        async with asyncio.timeout(within.total_seconds()):
            client = await _connected(guard, server, values)
            yield client
        with suppress(SMTPException):
            await client.quit(timeout=_GOODBYE)
    except SMTPException as error:
        raise _failure(error, server.host) from None
    except TimeoutError:
        raise ActionFailed("timeout", f"{server.host} did not answer in time") from None
    except OSError as error:
        raise ActionFailed("connection", f"{server.host}: {error}") from None


async def _connected(guard: Guard, server: Server, values: Mapping[str, str]) -> SMTP:
    address = (await asyncio.to_thread(guard.addresses, server.host, server.port))[0]
    opened = await _socket(address, server.port)
    client = SMTP(
        hostname=server.host.strip("[]"),  # the name that the certificate has to be for
        sock=opened,
        use_tls=server.security == TLS,
        start_tls=server.security == STARTTLS,
        username=values["username"] or None,
        password=values["password"] or None,
        local_hostname=_literal(opened),
        timeout=None,
    )
    await client.connect()  # from here on, the socket is the library's to close
    return client


async def _socket(address: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    opened.settimeout(0)
    try:
        await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except BaseException:
        opened.close()
        raise
    return opened


def _literal(opened: socket.socket) -> str:
    """Return how we greet: by our address, since our name may take long to find. Source: RFC 5321 section 4.1.3."""
    own = opened.getsockname()[0]
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"


def _failure(error: SMTPException, host: str) -> ActionFailed:
    if isinstance(error, TimeoutError):
        return ActionFailed("timeout", f"{host} did not answer in time")
    if isinstance(error, SMTPRecipientsRefused):  # those that are refused for now are worth another try
        error = min(error.recipients, key=lambda each: each.code)
    if isinstance(error, SMTPResponseException) and error.code > 0:
        kind = "connection" if error.code < 500 else "failed"
        said = {"code": error.code, "message": _brief(error.message)}
        return ActionFailed(kind, f"{host} answered {error.code}: {said['message']}", output=said)
    kind = "connection" if isinstance(error, ConnectionError) else "failed"
    return ActionFailed(kind, f"{host}: {_brief(str(error))}")


def _brief(text: str) -> str:
    return " ".join(text.split())[:_QUOTED]
