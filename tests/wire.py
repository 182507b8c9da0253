"""Requests byte by byte: what the standard library's client would refuse to send, or would tidy up."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPResponse
from select import select
from socket import SHUT_WR, create_connection
from time import monotonic
from urllib.parse import urlsplit

Header = tuple[str, str]

#: Seconds after which a server that does not answer counts as hanging.
PATIENCE = 20.0

JSON: Header = ("Content-Type", "application/json")
TEXT: Header = ("Content-Type", "text/plain")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; headers: names in lower case; seconds: from the first byte sent to the last one read."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    seconds: float = field(default=0, compare=False)

    def json(self):
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)

    def without_date(self) -> "Answer":
        """Return all of it that could tell two answers apart."""
        return Answer(self.status, tuple(each for each in self.headers if each[0] != "date"), self.body)


def request(method: str, target: str, headers: Iterable[Header] = (), body: bytes = b"") -> bytes:
    """Return a request with exactly these headers, beside Host, Connection and Content-Length."""
    return head(method, target, [*headers, ("Content-Length", str(len(body)))]) + body


def head(method: str, target: str, headers: Iterable[Header]) -> bytes:
    """Return the part of a request before its body."""
    lines = [f"{name}: {value}" for name, value in (("Host", "wink.test"), ("Connection", "close"), *headers)]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode("utf-8", "surrogateescape")


def chunked(method: str, target: str, headers: Iterable[Header], chunks: Iterable[bytes]) -> bytes:
    """Return a request that does not say how long it will be."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return head(method, target, [*headers, ("Transfer-Encoding", "chunked")]) + body


def exchange(port: int, sent: bytes, *, hang_up_after: float | None = None) -> Answer:
    """Send the bytes and return the answer.

    hang_up_after: the seconds without an answer after which the sender says that nothing more will come, as one that
    dies does; there may be no answer then, and HTTPException or OSError is raised.
    """
    began = monotonic()
    with create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        # A server that has heard enough answers and closes while we still send.
        with suppress(ConnectionError):
            connection.sendall(sent)
        if hang_up_after is not None and not select([connection], [], [], hang_up_after)[0]:
            connection.shutdown(SHUT_WR)
        with HTTPResponse(connection, method=sent.partition(b" ")[0].decode("latin-1")) as response:
            response.begin()
            headers = tuple((name.lower(), value) for name, value in response.getheaders())
            return Answer(response.status, headers, response.read(), monotonic() - began)


def send(url: str, body: bytes = b"", headers: Iterable[Header] = (JSON,), *, method: str = "POST") -> Answer:
    """Send a request to a URL on the loopback."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return exchange(parts.port or 80, request(method, target, headers, body))
