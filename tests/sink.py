"""Where the tests' workflows send to: it keeps every request, and can hold its answers back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic


@dataclass(frozen=True, slots=True)
class Call:
    """One request; key: its Idempotency-Key; at: when it came, by a clock that only goes on."""

    path: str
    key: str
    body: bytes
    at: float = field(default_factory=monotonic, compare=False)


@dataclass
class Sink:
    """What came, in order; it answers while its door is open, below ``/flaky`` with 503 when a key comes first."""

    url: str
    calls: list[Call] = field(default_factory=list)
    door: Event = field(default_factory=Event)
    #: Doors of single paths.
    doors: dict[str, Event] = field(default_factory=dict)

    @contextmanager
    def closed(self, path: str | None = None) -> Iterator[None]:
        """Let every caller wait until the block ends, or those of one path."""
        door = self.door if path is None else self.doors.setdefault(path, Event())
        door.clear()
        try:
            yield
        finally:
            door.set()

    def step(self, path: str, expression: str, *, sends: str = "body") -> str:
        """Return the step of a workflow that sends the value of an expression here; sends: ``body`` or ``json``."""
        return f'  - {{uses: http.post, with: {{url: "{self.url}{path}", {sends}: "${{{{ {expression} }}}}"}}}}\n'

    def at(self, path: str) -> list[Call]:
        return [call for call in list(self.calls) if call.path == path]

    def counts(self) -> Counter[str]:
        """Return how often each key came."""
        return Counter(call.key for call in list(self.calls))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *args: object) -> None:
        """Say nothing: a caller that was killed is what these tests are about."""


@contextmanager
def open_sink() -> Iterator[Sink]:
    """Listen on a port of the loopback until the block ends."""

    class Exchange(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            call = Call(self.path, self.headers.get("idempotency-key", ""), body)
            status = 503 if call.path.endswith("/flaky") and call.key not in sink.counts() else 200
            sink.calls.append(call)
            sink.doors.get(self.path, sink.door).wait()
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Exchange)
    sink = Sink(f"http://127.0.0.1:{server.server_port}")
    sink.door.set()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.door.set()
        server.shutdown()
        server.server_close()
