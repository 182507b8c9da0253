"""Two applications that read the body and say hello: what the machine's servers can do at most."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request

in_flask = Flask(__name__)


@in_flask.post("/")
def hello() -> str:
    """Read the body and say hello."""
    return f"hello {len(request.get_data())}"


def in_wsgi(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Read the body and say hello, without a framework."""
    body = b"hello %d" % len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    start("200 OK", [("content-type", "text/plain"), ("content-length", str(len(body)))])
    return [body]
