"""The addresses that vendors call, ahead of Flask's routing: bytes in, HTTP out, no logic.

Flask and Werkzeug take several times as long for a request as everything that Wink does with it, so the one hot
address is served before them, by the same application.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import structlog

from engine.definitions.reply import Reply
from engine.errors import StoreUnavailable
from engine.path.answers import internal_error, try_again
from engine.path.receive import Request, receive
from engine.runtime import Engine
from web.proxies import sender

PREFIX = "/webhooks/"

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, Start], Iterable[bytes]]

log = structlog.get_logger()

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def with_hooks(engine: Engine, application: Application) -> Application:
    """Return the application with the triggers' addresses in front of it."""

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return application(environ, start)
        return send(_answer(engine, path[len(PREFIX) :], environ), start)

    return serve


def _answer(engine: Engine, path: str, environ: Environ) -> Reply:
    """Return what a sender is told; a mistake of ours is in the log, and tells the vendor to try again."""
    try:
        wanted = path in engine.published.now().by_path
        return receive(engine, path, read_request(engine, environ, wanted=wanted))
    except StoreUnavailable:
        return try_again()
    except Exception:  # the server would answer without a word, and log nothing
        log.exception("hooks.internal_error")
        return internal_error()


def read_request(engine: Engine, environ: Environ, *, wanted: bool = True) -> Request:
    """Take the raw request before anything parses it.

    wanted: False leaves the body alone: whoever knows no trigger's address can hold no thread by sending slowly.
    """
    body, size = _read_body(environ, engine.settings.max_body) if wanted else (b"", 0)
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    headers = {name[5:].replace("_", "-").lower(): (value,) for name, value in environ.items() if name[:5] == "HTTP_"}
    if content_type := environ.get("CONTENT_TYPE"):
        headers["content-type"] = (content_type,)
    return Request(
        method=environ["REQUEST_METHOD"],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
        size=size,
        address=sender(environ.get("REMOTE_ADDR", ""), forwarded, engine.settings.trusted_proxies),
    )


def _read_body(environ: Environ, limit: int) -> tuple[bytes, int]:
    """Return the body and its size in bytes; one beyond the limit is measured and not kept."""
    stated = environ.get("CONTENT_LENGTH") or ""
    if stated.isascii() and stated.isdigit():
        size = int(stated)
        return (b"", size) if size > limit else (environ["wsgi.input"].read(size), size)
    body = environ["wsgi.input"].read(limit + 1)
    return (b"", len(body)) if len(body) > limit else (body, len(body))


def send(reply: Reply, start: Start) -> list[bytes]:
    """Write a reply."""
    body = reply.body or b""
    start(_STATUS.get(reply.status, f"{reply.status} Status"), [*reply.headers, ("content-length", str(len(body)))])
    return [body]
