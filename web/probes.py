"""What is asked every few seconds by those who watch over Wink, and takes neither the API nor the pages to answer.

A worker has the standard library's server for it; ``wink serve`` answers it in front of an application.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socket import AF_INET, AF_INET6
from socketserver import ThreadingTCPServer
from threading import BoundedSemaphore, Thread
from typing import Any, NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST

from engine.definitions.reply import Reply
from engine.errors import AddressTaken, StoreUnavailable
from engine.path.access import Access
from engine.runtime import Engine
from web.hooks import Application, Environ, Start, send
from web.proxies import is_from_here
from web.readiness import exposition, readiness

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

#: Beside ``/healthz``, which waits for no thread.
_OFTEN = frozenset({"/readyz", "/metrics"})

_NEVER_KEPT = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))


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


def with_probes(engine: Engine, access: Access, application: Application) -> Application:
    """Return the application with what is asked so often in front of it, which need not be there for that.

    Whatever is not as usual is the application's to word.
    """

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        is_asked = environ["PATH_INFO"] in _OFTEN and environ["REQUEST_METHOD"] == "GET"
        answer = _usual(engine, access, environ) if is_asked else None
        if answer is None or answer.status != 200:
            return application(environ, start)
        headers = (("content-type", answer.content_type), *_NEVER_KEPT)
        return send(Reply(answer.status, headers, answer.body), start)

    return serve


def _usual(engine: Engine, access: Access, environ: Environ) -> Answer | None:
    names = [name.removeprefix("HTTP_").replace("_", "-") for name in environ]
    token, peer = environ.get("HTTP_AUTHORIZATION", ""), environ.get("REMOTE_ADDR", "")
    try:
        return answer_to(engine, environ["PATH_INFO"], is_trusted=_is_trusted(access, token, peer, names))
    except StoreUnavailable:
        return None


def _is_trusted(access: Access, authorization: str, peer: str, names: Iterable[str]) -> bool:
    if is_from_here(peer, names):
        return True
    scheme, _, token = authorization.partition(" ")
    return scheme.lower() == "bearer" and access.holder_of(token.strip()) is not None


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
            token = self.headers.get("authorization", "")
            return _is_trusted(access, token, self.client_address[0], self.headers.keys())

        def log_message(self, *args: object) -> None:
            """Say nothing: whoever watches asks every few seconds."""

    return Exchange
