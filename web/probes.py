"""What a worker answers to those who watch over it, as ``wink serve`` does; the standard library's server will do."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socket import AF_INET, AF_INET6
from socketserver import ThreadingTCPServer
from threading import BoundedSemaphore, Thread
from typing import Any, NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST

from engine.errors import AddressTaken, StoreUnavailable
from engine.path.access import Access
from engine.runtime import Engine
from web.proxies import is_from_here
from web.readiness import exposition, readiness

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """What is answered."""

    status: int
    content_type: str
    body: bytes


#: Requests that are answered at once. Whoever comes beyond that is hung up on: each has a thread.
MOST = 32


class Server(ThreadingTCPServer):
    """Has an address, and answers there once it is told of an engine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        """Make one that has no address yet; host: of IPv4, or of IPv6, which has colons."""
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self._free = BoundedSemaphore(MOST)
        super().__init__((host, port), BaseHTTPRequestHandler, bind_and_activate=False)

    def verify_request(self, request: object, client_address: object) -> bool:
        """Tell whether there is a thread for another one."""
        return self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base has it
        """Answer, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


@contextmanager
def take_address(host: str, port: int) -> Iterator[Server]:
    """Keep an address until the block ends, before there is anything to answer; port: 0 is any.

    Raises:
        AddressTaken: it cannot be listened on.
    """
    with Server(host, port) as server:
        try:
            server.server_bind()
        except OSError as error:
            why = f"({error.strerror}): choose another with --host and --metrics-port"
            raise AddressTaken(f"{f'[{host}]' if ':' in host else host}:{port} cannot be listened on {why}") from error
        yield server


@contextmanager
def open_probes(engine: Engine, server: Server) -> Iterator[int]:
    """Answer until the block ends, and give the port."""
    server.RequestHandlerClass = _exchange_with(engine, Access.open(engine))
    server.server_activate()
    Thread(target=server.serve_forever, name="wink-probes", daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def answer_to(engine: Engine, path: str, *, is_trusted: bool) -> Answer:
    """Return what there is at a path; metrics are for whoever is trusted."""
    match path:
        case "/healthz":
            return Answer(200, JSON, b'{"status":"ok"}')
        case "/readyz":
            return Answer(200, JSON, readiness(engine).model_dump_json().encode())
        case "/metrics" if is_trusted:
            return Answer(200, CONTENT_TYPE_LATEST, exposition(engine))
        case "/metrics":
            return Answer(401, TEXT, b"metrics need a token from afar")
        case _:
            return Answer(404, TEXT, b"there are /healthz, /readyz and /metrics")


def _exchange_with(engine: Engine, access: Access) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for one engine."""

    class Exchange(BaseHTTPRequestHandler):
        #: Seconds that a request may take to come in.
        timeout = 10

        def do_GET(self) -> None:
            try:
                answer = answer_to(engine, self.path.partition("?")[0], is_trusted=self._is_trusted())
            except StoreUnavailable as error:
                answer = Answer(503, TEXT, str(error).encode())
            self.send_response(answer.status)
            self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def _is_trusted(self) -> bool:
            scheme, _, token = self.headers.get("authorization", "").partition(" ")
            is_bearer = scheme.lower() == "bearer" and access.holder_of(token.strip()) is not None
            return is_bearer or is_from_here(self.client_address[0], self.headers.keys())

        def log_message(self, *args: object) -> None:
            """Say nothing: whoever watches asks every few seconds."""

    return Exchange
