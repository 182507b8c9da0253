"""The application in Granian's own interface: deliveries on the event loop, everything else on threads.

A delivery needs no thread of its own while it is written down. Many of them on one thread, which is woken once for a
whole batch, leave Python's lock to the writer; a thread for each would fight it for the lock after every statement.
"""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from math import inf
from typing import Any, Protocol

from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]  # they are re-exported

from engine.definitions.reply import Reply
from engine.errors import Overloaded, StoreUnavailable
from engine.intake import EACH, LONGEST, Intake, Place
from engine.path.answers import try_again
from engine.path.keep import Receipt
from engine.path.receive import Later, Request, begin, turn_away
from engine.published import Snapshot
from engine.runtime import Engine
from web.hooks import PREFIX, Application, Body, Environ, Headers, failed, stated_size
from web.proxies import sender

#: Where probes ask whether the process answers: it does as soon as deliveries are taken, and waits for no thread.
ALIVE = "/healthz"

#: Requests to the API that are answered at once.
THREADS = 8

#: Seconds in which a body has to be here: whoever takes longer holds one of the places that all requests share.
PATIENCE = 30.0

#: Seconds between two looks for bodies that are late.
GLANCE = 1.0

#: Seconds that requests under way are given when the server stops.
GRACE = 5.0


class Lines(Protocol):
    """The header lines of a request, names in lower case."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return every name with its value; a name comes as often as it was sent."""
        ...


class Scope(Protocol):
    """What is known of a request before its body."""

    method: str
    path: str
    query_string: str
    client: str
    scheme: str
    server: str
    headers: Lines


class Exchange(Protocol):
    """The body of a request, and the way to answer it."""

    async def __call__(self) -> bytes:
        """Return the whole body."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the body as it comes in."""
        ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""
        ...


class Wakes:
    """Ends the waits of coroutines from other threads, many of them with one wake of the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ended: deque[asyncio.Future[None]] = deque()
        self._called = False

    def when(self, future: Future[Any]) -> asyncio.Future[None]:
        """Return what ends when the future has ended."""
        waiter = self._loop.create_future()
        future.add_done_callback(lambda _: self._end(waiter))
        return waiter

    def _end(self, waiter: asyncio.Future[None]) -> None:
        self._ended.append(waiter)
        if not self._called:
            self._called = True
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._called = False
        while self._ended:
            waiter = self._ended.popleft()
            if not waiter.done():
                waiter.set_result(None)


class Front:
    """Serves an engine's triggers itself, and hands all else to a WSGI application."""

    def __init__(self, engine: Engine, application: Application) -> None:
        self._engine = engine
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, "wink-web")
        #: Asks the database what is published: while that hangs, the loop goes on. And what was asked last.
        self._looker = ThreadPoolExecutor(1, "wink-look")
        self._look: Future[Snapshot] | None = None
        #: The room of what is no delivery: whoever fills it keeps no delivery out.
        self._lobby = Intake(lambda: 0.0, int(engine.settings.max_body))
        #: When the body of each request under way has to be here, by the loop's time; infinite once it is.
        self._under_way: dict[asyncio.Task[Any], float] = {}

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wakes = Wakes(loop)
        self._end_late_bodies()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._under_way:
            loop.run_until_complete(asyncio.wait(self._under_way, timeout=GRACE))
        self._threads.shutdown(wait=False)
        self._looker.shutdown(wait=False)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        task: asyncio.Task[Any] = asyncio.current_task(self._loop)  # type: ignore[assignment]  # the server runs each in one
        self._under_way[task] = self._loop.time() + PATIENCE
        try:
            reply = await self._answering(scope)(scope, exchange, task)
            exchange.response_bytes(reply.status, list(reply.headers), reply.body or b"")
        except ProtocolClosed:  # whoever asked has left
            return
        finally:
            del self._under_way[task]

    def _answering(self, scope: Scope) -> Callable[[Scope, Exchange, asyncio.Task[Any]], Awaitable[Reply]]:
        if scope.path.startswith(PREFIX):
            return self._hook
        return _alive if scope.path == ALIVE and scope.method == "GET" else self._other

    async def _hook(self, scope: Scope, exchange: Exchange, task: asyncio.Task[Any]) -> Reply:
        path, headers = scope.path[len(PREFIX) :], _headers(scope)
        try:
            published = self._engine.published.last
            if path not in published.by_path and path not in (await self._published()).by_path:
                return await self._receive(scope, path, headers, Body())  # who knows no address can hold no place
            with self._engine.intake.place() as place:
                body = await self._body(headers, exchange, task, place)
                return await self._receive(scope, path, headers, body)
        except Overloaded as overloaded:
            return turn_away(self._engine, path, overloaded)
        except Exception as error:  # noqa: BLE001 - the server would answer without a word, and log nothing
            return failed(error)

    async def _receive(self, scope: Scope, path: str, headers: Headers, body: Body) -> Reply:
        address = sender(_peer(scope), headers, self._engine.settings.trusted_proxies)
        request = Request(scope.method, scope.query_string, headers, body.octets, body.size, address)
        published = self._engine.published.fresh() or await self._published()
        begun = begin(self._engine, path, request, published)
        while isinstance(begun, Later):
            await self._wakes.when(begun.ready)
            begun = begun.again()
        if not isinstance(begun, Receipt):
            return begun
        await self._wakes.when(begun.written)
        return begun.reply()

    async def _published(self) -> Snapshot:
        """Return what is published now; the loop answers others while the database is asked.

        Raises:
            StoreUnavailable: it is not known, or not soon.
        """
        published = self._engine.published
        for _ in range(2):  # a look that others wait for may have begun before the last change
            if (snapshot := published.fresh()) is not None:
                return snapshot
            if (look := self._look) is None or look.done():
                look = self._look = self._looker.submit(published.now)
            await asyncio.wait([self._wakes.when(look)], timeout=LONGEST)
            if not look.done():
                raise StoreUnavailable
            look.result()
        return published.last

    async def _other(self, scope: Scope, exchange: Exchange, task: asyncio.Task[Any]) -> Reply:
        try:
            with self._lobby.place() as place:
                request = environ(scope, await self._body(_headers(scope), exchange, task, place))
                return await self._loop.run_in_executor(self._threads, respond, self._application, request)
        except Overloaded as overloaded:
            return try_again(overloaded.retry_after)
        except Exception as error:  # noqa: BLE001 - as above: the application may be one that cannot be made
            return failed(error)

    async def _body(self, headers: Headers, exchange: Exchange, task: asyncio.Task[Any], place: Place) -> Body:
        """Read the body; beyond the limit, or when time is up, it is not read further.

        place: takes room for a large body as it comes, and for any when it is whole.

        Raises:
            Overloaded: there is no room for it.
        """
        limit, size = self._engine.settings.max_body, stated_size(headers)
        try:
            if size is None or EACH < size <= limit:
                octets, seen = await _chunks(exchange, limit, place)
            else:
                octets, seen = b"" if size > limit else await exchange(), size
            place.hold(len(octets))
            return Body(octets, seen if size is None else size)
        except (ProtocolError, ProtocolClosed):
            return Body(size=size or 1)
        except asyncio.CancelledError:
            task.uncancel()
            return Body(size=size or 1)
        finally:
            self._under_way[task] = inf

    def _end_late_bodies(self) -> None:
        """Stop waiting for bodies that are late: one timer for all costs less than a timer for each."""
        self._loop.call_later(GLANCE, self._end_late_bodies)
        now = self._loop.time()
        for task, due in self._under_way.items():
            if due < now:
                task.cancel()


async def _alive(*_: object) -> Reply:
    return Reply(200, (("content-type", "application/json"),), b'{"status":"ok"}')


def _peer(scope: Scope) -> str:
    """Return the address that the connection comes from, without its port, and IPv6 without its brackets."""
    return scope.client.rpartition(":")[0].strip("[]")


def _headers(scope: Scope) -> Headers:
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in scope.headers.items():
        headers[name] = (*headers[name], value) if name in headers else (value,)
    return headers


async def _chunks(exchange: Exchange, limit: int, place: Place) -> Body:
    octets, size = bytearray(), 0
    async for chunk in exchange:
        size += len(chunk)
        if size > limit:
            return Body(size=size)
        if size > EACH:
            place.hold(size)
        octets += chunk
    return Body(bytes(octets), size)


def environ(scope: Scope, body: Body) -> Environ:
    """Return the request as WSGI has it.

    Source: https://peps.python.org/pep-3333/#environ-variables
    """
    host, _, port = scope.server.rpartition(":")
    made: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _octets(scope.path),
        "QUERY_STRING": _octets(scope.query_string),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": _peer(scope),
        "CONTENT_LENGTH": str(body.size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body.octets),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if name == "content-type":
            made["CONTENT_TYPE"] = value
        elif name != "content-length":
            key = f"HTTP_{name.upper().replace('-', '_')}"
            made[key] = f"{made[key]}, {value}" if key in made else value
    return made


def _octets(text: str) -> str:
    """Return text as WSGI wants it: a character for each of its bytes."""
    return text.encode(errors="replace").decode("latin-1")


def respond(application: Application, request: Environ) -> Reply:
    """Call a WSGI application and return its answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        started[:] = [(status, headers)]

    parts = application(request, start)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = started[0]
    return Reply(int(status.split(" ", 1)[0]), tuple(headers), body)
