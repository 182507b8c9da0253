"""The addresses that vendors call, in front of a WSGI application: bytes in, HTTP out, no logic.

Our own server takes deliveries by :mod:`web.rsgi`, which shares what is the same; here they come from any other WSGI
server, and from this process itself.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog

from engine.definitions.reply import Reply
from engine.errors import Overloaded, StoreUnavailable
from engine.intake import Place
from engine.path.answers import internal_error, try_again
from engine.path.receive import Request, receive, turn_away
from engine.runtime import Engine
from web.proxies import sender

PREFIX = "/webhooks/"

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, Start], Iterable[bytes]]

#: Names in lower case, each with all its values in order.
Headers = Mapping[str, tuple[str, ...]]

log = structlog.get_logger()

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Body(NamedTuple):
    """A body, and its size as stated or measured.

    Of one that is too large or broke off only the size is kept: 1 where one broke off that had not stated it.
    """

    octets: bytes = b""
    size: int = 0


def with_hooks(engine: Engine, application: Application) -> Application:
    """Return the application with the triggers' addresses in front of it."""

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return application(environ, start)
        return send(_answer(engine, path[len(PREFIX) :], environ), start)

    return serve


def stated_size(headers: Headers) -> int | None:
    """Return how many bytes a request says that its body has; None where it does not say."""
    stated = headers.get("content-length", ("",))[0]
    return int(stated) if stated.isascii() and stated.isdigit() else None


def failed(error: Exception) -> Reply:
    """Return what whoever asks is told when we failed; what a mistake of ours is, stands in the log alone."""
    if isinstance(error, StoreUnavailable):
        return try_again()
    log.error("hooks.internal_error", exc_info=error)
    return internal_error()


def _answer(engine: Engine, path: str, environ: Environ) -> Reply:
    try:
        headers = _headers(environ)
        # Whoever knows no address can hold no place by sending a body slowly.
        if path not in engine.published.now().by_path:
            return receive(engine, path, _request(engine, environ, headers, Body()))
        with engine.intake.place() as place:
            body = _body(environ, headers, engine.settings.max_body, place)
            return receive(engine, path, _request(engine, environ, headers, body))
    except Overloaded as overloaded:
        return turn_away(engine, path, overloaded)
    except Exception as error:  # noqa: BLE001 - the server would answer without a word, and log nothing
        return failed(error)


def _request(engine: Engine, environ: Environ, headers: Headers, body: Body) -> Request:
    address = sender(environ.get("REMOTE_ADDR", ""), headers, engine.settings.trusted_proxies)
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    return Request(method, query, headers, body.octets, body.size, address)


def _headers(environ: Environ) -> Headers:
    headers = {name[5:].replace("_", "-").lower(): (value,) for name, value in environ.items() if name[:5] == "HTTP_"}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if value := environ.get(name):
            headers[name.replace("_", "-").lower()] = (value,)
    return headers


def _body(environ: Environ, headers: Headers, limit: int, place: Place) -> Body:
    """Read the body; of one that does not say its size nobody knows what room it takes before it is here.

    Raises:
        Overloaded: there is no room for it.
    """
    size = stated_size(headers)
    if size is not None:
        place.hold(0 if size > limit else size)
        return Body(b"" if size > limit else environ["wsgi.input"].read(size), size)
    octets = environ["wsgi.input"].read(limit + 1)
    place.hold(len(octets))
    return Body(b"" if len(octets) > limit else octets, len(octets))


def send(reply: Reply, start: Start) -> list[bytes]:
    """Write a reply."""
    body = reply.body or b""
    start(_STATUS.get(reply.status, f"{reply.status} Status"), [*reply.headers, ("content-length", str(len(body)))])
    return [body]
