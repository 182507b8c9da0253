"""What an entry is made with, and the loop that answers the tests: a line of JSON in, a line of JSON out."""

import base64
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and what there is to sign it with."""

    url: str
    body: bytes
    #: Names in lower case.
    headers: Mapping[str, str]
    #: Unix seconds: when it is signed.
    time: int
    #: By name, as the connector calls them.
    secrets: Mapping[str, str]
    #: An id of its own, for those who send one.
    message: str
    method: str = "POST"

    @property
    def secret(self) -> str:
        """The first secret, for most vendors the only one."""
        return next(iter(self.secrets.values()))

    @property
    def public_key(self) -> PublicKeyTypes:
        """The public half of the secret, where that is a private key: vendors show it each in their own form."""
        return load_pem_private_key(self.secret.encode(), None).public_key()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def sent_with(self, headers: Mapping[str, str]) -> "Request":
        """Return the request with these headers, too."""
        return replace(self, headers={**self.headers, **{name.lower(): value for name, value in headers.items()}})


@dataclass(frozen=True, slots=True)
class Payload:
    """A whole request that the package makes, and the events that it should become."""

    request: Request
    #: The type of each.
    types: Sequence[str]
    #: The id of the one event, where the package shows it.
    id: str | None = None


Headers = Mapping[str, str]
Sign = Callable[[Request], Headers | Request]
Verify = Callable[[Request], object]
Send = Callable[[Request], Sequence[Payload]]
Post = Callable[[Request], object]

_entries: dict[tuple[str, str, str], Callable[[Request], object]] = {}


def signs(connector: str, package: str) -> Callable[[Sign], Sign]:
    """Register what signs with the package: it returns headers to add, or the whole request."""
    return _registered("signs", connector, package)


def verifies(connector: str, package: str) -> Callable[[Verify], Verify]:
    """Register what asks the package about a signed request: it returns False, or raises, for one that is refused."""
    return _registered("verifies", connector, package)


def makes(connector: str, package: str) -> Callable[[Send], Send]:
    """Register what makes whole requests with the package: it returns payloads."""
    return _registered("makes", connector, package)


def posts(connector: str, package: str) -> Callable[[Post], Post]:
    """Register what has the package itself post to ``request.url``: it returns False when that went wrong."""
    return _registered("posts", connector, package)


def serve() -> None:
    """Answer each line of standard input, until there are no more."""
    answers, sys.stdout = sys.stdout, sys.stderr  # What a package prints must not be taken for an answer.
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps({**_answer(asked), "number": asked["number"]}) + "\n")
        answers.flush()


def _registered(kind: str, connector: str, package: str):
    def register(entry):
        _entries[kind, connector, package] = entry
        return entry

    return register


def _answer(asked: Mapping[str, object]) -> Mapping[str, object]:
    entry = _entries[asked["kind"], asked["connector"], asked["package"]]
    fields = asked["request"]
    request = Request(**{**fields, "body": base64.b64decode(fields["body"])})
    try:
        result = entry(request)
    except Exception as error:  # noqa: BLE001 - packages refuse with errors of their own
        return {"ok": False, "why": "".join(traceback.format_exception(error))[-2000:]}
    if asked["kind"] == "makes":
        return {"ok": True, "payloads": [{**asdict(each), "request": _written(each.request)} for each in result]}
    if asked["kind"] == "signs":
        return {"ok": True, "request": _written(result if isinstance(result, Request) else request.sent_with(result))}
    return {"ok": result is not False, "why": f"it answered {result!r}"}


def _written(request: Request) -> Mapping[str, object]:
    return {**asdict(request), "body": base64.b64encode(request.body).decode()}
