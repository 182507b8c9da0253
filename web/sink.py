"""The examples' sink: takes whatever workflows send out, and shows it, so that no example needs an account somewhere.

It listens on the loopback alone. What it keeps is for looking at: the last requests, and how often each
``Idempotency-Key`` came, which shows a repetition.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from engine.errors import AddressTaken

HOST = "127.0.0.1"

#: Where the workflows of ``workflows/`` send to.
PORT = 8099

#: Requests that are kept, bytes of each body that are shown, and bytes that are taken.
KEPT = 100
SHOWN = 10_000
LARGEST = 1024 * 1024

#: Keys that are counted at most; then counting begins anew, so that the sink cannot grow for ever.
COUNTED = 100_000

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sink</title>
<style>body {{font: 1em/1.5 sans-serif; margin: 2em}}
td, th {{text-align: left; vertical-align: top; padding-right: 2em}}
pre {{margin: 0; white-space: pre-wrap}}</style>
<h1>What the examples sent: {total}</h1>
<table><tr><th>No.<th>Request<th>Idempotency-Key<th>Body</tr>{rows}</table></html>
"""
_ROW = "<tr><td>{number}<td>{method} {path}<td>{idempotency_key}<td><pre>{body}</pre></tr>"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request."""

    number: int
    method: str
    path: str
    idempotency_key: str
    body: str


@dataclass(slots=True)
class Sink:
    """What came in."""

    port: int
    arrivals: deque[Arrival] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0
    _lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def take(self, method: str, path: str, key: str, body: bytes) -> int:
        """Keep a request and return its number, from 1."""
        with self._lock:
            self.total += 1
            self.arrivals.append(Arrival(self.total, method, path, key, body[:SHOWN].decode(errors="replace")))
            if key:
                self._count(key)
            return self.total

    def _count(self, key: str) -> None:
        if len(self.counts) >= COUNTED:
            self.counts.clear()
        self.counts[key] += 1

    def contents(self) -> dict[str, object]:
        """Return what is shown, ready for JSON: the last requests, newest first, and the keys that came repeatedly."""
        with self._lock:
            repeated = {key: count for key, count in self.counts.items() if count > 1}
            last = [asdict(arrival) for arrival in reversed(self.arrivals)]
            return {"total": self.total, "repeated": repeated, "last": last}

    def counted(self) -> dict[str, int]:
        """Return how often each key came."""
        with self._lock:
            return dict(self.counts)

    def page(self) -> str:
        """Return what is shown as a page for people; nothing that was sent is read as HTML."""
        with self._lock:
            return _PAGE.format(total=self.total, rows="".join(map(_row, reversed(self.arrivals))))


def _row(arrival: Arrival) -> str:
    return _ROW.format(**{name: escape(str(value)) for name, value in asdict(arrival).items()})


@contextmanager
def open_sink(port: int = PORT) -> Iterator[Sink]:
    """Listen on the loopback until the block ends; port 0 takes any that is free.

    Raises:
        AddressTaken: something else listens there.
    """
    server = _listen(port)
    sink = Sink(server.server_port)
    server.RequestHandlerClass = _exchange_with(sink)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="wink-sink", daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()


def _listen(port: int) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer((HOST, port), BaseHTTPRequestHandler)
    except OSError as error:
        raise AddressTaken(
            f"the examples' sink cannot listen on {HOST}:{port} ({error.strerror}): "
            "stop what uses it, or start without the examples by --no-examples"
        ) from error


def _exchange_with(sink: Sink) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers the requests at one sink."""

    class Exchange(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        #: Seconds that a connection may stay idle.
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/counts":
                self._answer(200, json.dumps(sink.counted()))
            elif "text/html" in self.headers.get("accept", ""):
                self._answer(200, sink.page(), "text/html; charset=utf-8")
            else:
                self._answer(200, json.dumps(sink.contents(), indent=2))

        def do_POST(self) -> None:
            size = self.headers.get("content-length", "0")
            if "transfer-encoding" in self.headers or not size.isdecimal() or int(size) > LARGEST:
                self.close_connection = True
                self._answer(413, json.dumps({"error": f"send at most {LARGEST} bytes, and say how many"}))
                return
            key = self.headers.get("idempotency-key", "")
            number = sink.take(self.command, self.path, key, self.rfile.read(int(size)))
            self._answer(201, json.dumps({"number": number, "key": f"SINK-{number}"}))

        do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the names that http.server looks for

        def _answer(self, status: int, text: str, content_type: str = "application/json") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing: the page shows it all."""

    return Exchange
