"""What is asked every few seconds by those who watch over Wink, and takes neither the API nor the pages to answer.

A worker has the standard library's server for it; ``wink serve`` answers it in front of an application.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socket import AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SHUT_RD
from socketserver import ThreadingTCPServer
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST

from engine import json_bytes
from engine.definitions.reply import Reply
from engine.errors import AddressTaken, StoreUnavailable
from engine.path.access import Access
from engine.path.answers import TRY_AGAIN, retry_after
from engine.runtime import Engine
from web.hooks import Application, Environ, Start, send
from web.proxies import is_from_here
from web.readiness import exposition, readiness

#: Requests that are answered at once. Whoever comes beyond that is hung up on: each has a thread.
MOST = 32

#: Seconds in which a request has to be here, however it trickles in; its answer has as long to be taken.
PATIENCE = 10.0

JSON = "application/json"
PROBLEM = "application/problem+json"
TEXT = "text/plain; charset=utf-8"

#: Beside ``/healthz``, which waits for no thread.
_OFTEN = frozenset({"/readyz", "/metrics"})

_NEVER_KEPT = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))


class Server(ThreadingTCPServer):
    """Has an address, and answers there once it is told of an engine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        """Make one that has no address yet; host: of IPv4, or of IPv6, which has colons."""
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self._free = BoundedSemaphore(MOST)
        #: When each request that is under way has to be here.
        self._due: dict[Any, float] = {}
        super().__init__((host, port), BaseHTTPRequestHandler, bind_and_activate=False)

    def server_bind(self) -> None:
        """Take the address; ``::`` is that of IPv4 too, whatever this machine has for its usual."""
        if self.address_family == AF_INET6:
            self.socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0)
        super().server_bind()

    def verify_request(self, request: object, client_address: object) -> bool:
        """Tell whether there is a thread for another one."""
        return self._free.acquire(blocking=False)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base has it
        """Let a thread answer; where none can be started, nobody else would make room for the next."""
        self._due[request] = monotonic() + PATIENCE
        try:
            super().process_request(request, client_address)
        except Exception:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base has it
        """Answer, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def close_request(self, request: Any) -> None:  # noqa: ANN401 - as the base has it
        """Hang up."""
        self._due.pop(request, None)
        super().close_request(request)

    def service_actions(self) -> None:
        """Take what is here by now for all there is of requests that are late: called twice a second."""
        now = monotonic()
        for request, due in self._due.copy().items():
            if due < now:
                with suppress(OSError):  # it is over meanwhile
                    request.shutdown(SHUT_RD)


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


def answer_to(engine: Engine, path: str, is_trusted: Callable[[], bool]) -> Reply:
    """Return what there is at a path; metrics are for whoever is trusted, which is asked for them alone."""
    try:
        match path:
            case "/healthz":
                return _reply(JSON, b'{"status":"ok"}')
            case "/readyz":
                return _reply(JSON, readiness(engine).model_dump_json().encode())
            case "/metrics" if is_trusted():
                return _reply(CONTENT_TYPE_LATEST, exposition(engine))
            case "/metrics":
                return _problem(401, "metrics need a token from afar", ("WWW-Authenticate", 'Bearer realm="wink"'))
            case _:
                return _reply(TEXT, b"there are /healthz, /readyz and /metrics", 404)
    except StoreUnavailable as error:
        return _problem(503, str(error), retry_after(TRY_AGAIN))


def _reply(content_type: str, body: bytes, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("content-type", content_type), *_NEVER_KEPT, *headers), body)


def _problem(status: int, detail: str, *headers: tuple[str, str]) -> Reply:
    """Return what the API answers too, which need not be there for it."""
    words = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return _reply(PROBLEM, json_bytes.dump(words), status, *headers)


def with_probes(engine: Engine, access: Access, application: Application) -> Application:
    """Return the application with what is asked so often in front of it: outages and strangers do not have it made."""

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path not in _OFTEN or environ["REQUEST_METHOD"] != "GET":
            return application(environ, start)
        return send(answer_to(engine, path, lambda: _may_see(access, environ)), start)

    return serve


def _may_see(access: Access, environ: Environ) -> bool:
    names = [name.removeprefix("HTTP_").replace("_", "-") for name in environ]
    return _is_trusted(access, environ.get("HTTP_AUTHORIZATION", ""), environ.get("REMOTE_ADDR", ""), names)


def _is_trusted(access: Access, authorization: str, peer: str, names: Iterable[str]) -> bool:
    if is_from_here(peer, names):
        return True
    scheme, _, token = authorization.partition(" ")
    return scheme.lower() == "bearer" and access.holder_of(token.strip()) is not None


def _exchange_with(engine: Engine, access: Access) -> type[BaseHTTPRequestHandler]:
    """Return the class that answers for one engine."""

    class Exchange(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            reply = answer_to(engine, self.path.partition("?")[0], self._is_trusted)
            body = reply.body or b""
            self.send_response(reply.status)
            for name, value in (*reply.headers, ("content-length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _is_trusted(self) -> bool:
            token = self.headers.get("authorization", "")
            return _is_trusted(access, token, self.client_address[0], self.headers.keys())

        def log_message(self, *args: object) -> None:
            """Say nothing: whoever watches asks every few seconds."""

    return Exchange
