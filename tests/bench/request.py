"""The request that a system takes: one template, filled in by wrk's script and by our own client alike."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count

from tests.bench.finding import BODY, ID

#: Stands in a template where the signature goes.
PROOF = "<proof>"

#: Characters of an id, and how many of them, at its start, say which measurement it belongs to.
ID_LENGTH = 12
RUN_LENGTH = 4

_runs = count(1)


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how a system takes findings.

    key: that each request is signed with, as Standard Webhooks says; None: requests are not signed.
    """

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    key: bytes | None = None


def new_run() -> str:
    """Return the beginning of the ids of one measurement."""
    return f"{next(_runs):0{RUN_LENGTH}d}"


def identities(run: str) -> Iterator[str]:
    """Yield ids without end, all of one length and all of this measurement."""
    return (f"{run}{number:0{ID_LENGTH - RUN_LENGTH}d}" for number in count())


class Requests:
    """The requests of one measurement to one target."""

    def __init__(self, target: Target) -> None:
        self._key = target.key
        self._timestamp = str(int(time.time()))
        self.template = _template(target, self._timestamp)

    def proof(self, identity: str) -> str:
        """Return the signature of the request with this id.

        Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
        """
        if self._key is None:
            return ""
        signed = f"{identity}.{self._timestamp}.{BODY.replace(ID, identity)}"
        return base64.b64encode(hmac.digest(self._key, signed.encode(), hashlib.sha256)).decode()

    def render(self, identity: str) -> bytes:
        """Return the bytes of the request with this id."""
        return self.template.replace(ID, identity).replace(PROOF, self.proof(identity)).encode()


def _template(target: Target, timestamp: str) -> str:
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        "Content-Type": "application/json",
        "Content-Length": str(len(BODY) - len(ID) + ID_LENGTH),
        "webhook-id": ID,
        **target.headers,
    }
    if target.key is not None:
        headers |= {"webhook-timestamp": timestamp, "webhook-signature": f"v1,{PROOF}"}
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", BODY]
    return "\r\n".join(lines)


def call(port: int, line: str, body: bytes = b"", **headers: str) -> tuple[int, object]:
    """Make one request, as a system's set-up needs it; return the status, and the answer where it is JSON.

    line: method and path; headers: names with ``_`` for ``-``.
    """
    method, path = line.split()
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    is_json = "json" in (response.getheader("Content-Type") or "")
    return response.status, json.loads(content) if is_json else None


def answers(port: int, path: str) -> bool:
    """Tell whether a server is up: whether it answers at this path, and not with an error of its own."""
    try:
        status, _ = call(port, f"GET {path}")
    except (OSError, HTTPException):
        return False
    return status < 500
