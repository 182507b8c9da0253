"""Speak API v1, wherever the Wink is: at an address, in a server on the data folder, or in this process."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlencode

from engine.actions.response import Response
from engine.cli.served import Served, look_for_server
from engine.errors import WinkError
from engine.lazy import load
from engine.settings import Settings

BASE = "/api/v1"

#: Most items that the API gives at once.
PAGE = 500

#: A JSON object.
Row = Mapping[str, object]


class Refused(WinkError):
    """Wink refused it."""

    def __init__(self, status: int, problem: Row) -> None:
        self.status = status
        super().__init__(_words(status, problem))


class Transport(Protocol):
    """Carries one request to a Wink and its answer back."""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """Send the request; target: the path with its query."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A list, and whether there is more of it."""

    items: list[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """Calls the API and reads its answers."""

    transport: Transport
    token: str = field(repr=False)
    #: Whether a server receives deliveries while the command runs.
    served: bool

    def get(self, path: str, **query: object) -> Row:
        """Read something; query: values that are None are left out."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: object = None) -> Row:
        """Do something, with a JSON body."""
        return self.call("POST", path, body=None if body is None else json.dumps(body).encode())

    def call(
        self, method: str, path: str, *, body: bytes | None = None, query: Row | None = None, text: str | None = None
    ) -> Row:
        """Call the API and return its answer; an empty one is an empty mapping.

        text: the content type of a body that is not JSON.

        Raises:
            Refused: with the API's own words.
        """
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/json"}
        if body is not None:
            headers["content-type"] = text or "application/json"
        asked = {name: value for name, value in (query or {}).items() if value is not None and value != ""}
        target = f"{BASE}{path}{'?' if asked else ''}{urlencode(asked, doseq=True)}"
        response = self.transport.send(method, target, headers, body)
        answer = _read(response)
        if response.status >= 400:
            raise Refused(response.status, answer)
        return answer

    def pages(self, path: str, limit: int, **query: object) -> Page:
        """Return so many items of a list, over as many pages as it takes."""
        items: list[Row] = []
        cursor: object = None
        while len(items) < limit:
            answer = self.get(path, limit=min(PAGE, limit - len(items)), cursor=cursor, **query)
            items += rows(answer.get("items"))
            cursor = answer.get("next")
            if cursor is None:
                break
        return Page(items, None if cursor is None else str(cursor))


@contextmanager
def connect(settings: Settings, environ: Mapping[str, str]) -> Iterator[Client]:
    """Find the Wink to speak to, and speak to it until the block ends.

    Raises:
        AlreadyRunning: another command works on the data folder, and serves nobody.
    """
    server = look_for_server(settings, environ)
    with _inside(settings) if server is None else _remote(server) as client:
        yield client


@contextmanager
def _remote(server: Served) -> Iterator[Client]:
    yield Client(load("engine.cli.remote:Remote")(server.url), server.token, served=True)


@contextmanager
def _inside(settings: Settings) -> Iterator[Client]:
    with load("engine.cli.inside:inside")(settings) as (transport, token):
        yield Client(transport, token, served=False)


def rows(value: object) -> list[Row]:
    """Return the objects of a JSON list; an empty list when it is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """Return the items of a JSON list as text; an empty list when it is none."""
    return [str(item) for item in value] if isinstance(value, list) else []


def row(value: object) -> Row:
    """Return a JSON object; an empty one when it is none."""
    return value if isinstance(value, Mapping) else {}


def within(*parts: str) -> str:
    """Return a path of the API; parts: names and ids, which are quoted."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _read(response: Response) -> Row:
    if not response.body:
        return {}
    try:
        answer = json.loads(response.body)
    except ValueError as error:
        words = f"the answer, with status {response.status}, is not from the API of Wink: check the URL"
        raise WinkError(words) from error
    return row(answer)


def _words(status: int, problem: Row) -> str:
    said = problem.get("detail") or problem.get("title") or f"the API answers with status {status}"
    if status == 401:
        return f"{said}: set WINK_API_TOKEN to a token of that Wink, or unset WINK_URL"
    field = str(problem.get("field") or "")
    return f"{field}: {said}" if field not in str(said) else str(said)
