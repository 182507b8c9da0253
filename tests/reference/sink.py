"""The outside world of the examples: a server of this process that gives the answers it was told to give."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread
from typing import Any

from engine import json_bytes
from engine.actions.client import HttpClient
from engine.actions.exchange import Request
from engine.actions.guard import Guard
from engine.actions.response import Response
from engine.actions.url import read_url
from engine.definitions.example import HttpAnswer


@dataclass(slots=True)
class Answers:
    """What the server answers next, and how many requests came that it had no answer to."""

    left: deque[HttpAnswer] = field(default_factory=deque)
    unanswered: int = 0

    def next(self) -> HttpAnswer:
        """Return the next answer; without one, something that is an answer all the same."""
        if self.left:
            return self.left.popleft()
        self.unanswered += 1
        return HttpAnswer(status=500)


class Rerouted(HttpClient):
    """Sends each request to the server at an address, whatever host it is for."""

    def __init__(self, base: str) -> None:
        super().__init__(Guard((ip_network("127.0.0.0/8"),)))
        self._base = base

    async def send(self, request: Request, *, within: timedelta, redirects: int = 0) -> Response:
        url = read_url(f"{self._base}{str(request.url).removeprefix(request.url.origin_ascii or '')}")
        return await super().send(replace(request, url=url, base=None), within=within, redirects=redirects)


@contextmanager
def sink(answers: Answers) -> Iterator[str]:
    """Serve the answers on this machine until the block ends; yield the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            answer = answers.next()
            body = b"" if answer.json is None else json_bytes.dump(answer.json)
            # No Date and no Server: the same output on every day.
            self.send_response_only(answer.status)
            if body:
                self.send_header("Content-Type", "application/json")
            if answer.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
