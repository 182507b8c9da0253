"""The HTTP client: it connects to the address that the guard has judged, and to no other."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import DetailedPyreqwestError, RequestTimeoutError
from pyreqwest.http import HeaderMap, Url
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response as Answer

from engine import __version__
from engine.actions.exchange import Request, redirected
from engine.actions.guard import Guard
from engine.actions.response import Response
from engine.bounds import USUAL
from engine.errors import ActionFailed

#: How long an address is used before its name is asked for again.
_FRESH_FOR = timedelta(seconds=30)
#: Idle connections close before the servers' side does (Node.js: 5 s), which would lose the request that meets it.
_IDLE = timedelta(seconds=4)
#: How many hosts keep their connections; a host costs about 7 ms to set up and 0.15 MB to keep.
_HOSTS = 128
#: Requests under way to one host; more wait for their turn, and hold up no other host's.
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class _Pin:
    """A client that knows one address for one host."""

    client: Client
    address: str
    #: On the monotonic clock, in seconds.
    fresh_until: float


class HttpClient:
    """Sends requests from one event loop.

    Nothing is set up before the first request, because the native runtime below does not survive a fork.
    """

    def __init__(self, guard: Guard, *, max_body: int = USUAL.max_output, fresh_for: timedelta = _FRESH_FOR) -> None:
        """max_body: bytes of the largest response body that is read, after unpacking."""
        self.guard = guard
        self._max_body = max_body
        self._fresh_for = fresh_for.total_seconds()
        #: By host and port, the one that was pinned longest ago first.
        self._pins: dict[tuple[str, int], _Pin] = {}

    async def send(self, request: Request, *, within: timedelta, redirects: int = 0) -> Response:
        """Send the request, follow so many redirects, and return the last response, whatever its status.

        within: for everything together.

        Raises:
            ActionFailed: ``timeout``, ``connection``, ``refused`` by the guard, ``invalid`` when the request cannot be
                sent, ``failed`` when the response is too large or redirects too often.
        """
        until = monotonic() + within.total_seconds()
        for _ in range(1 + redirects):
            try:
                response = await self._exchange(request, until)
            except TimeoutError:
                raise ActionFailed("timeout", f"{request.url.host_str} did not answer in time") from None
            onward = redirected(request, response) if redirects else None
            if onward is None:
                return response
            request = onward
        raise ActionFailed("failed", f"{request.url.host_str} redirects more than {redirects} times")

    async def _exchange(self, request: Request, until: float) -> Response:
        """Send one request. The library's errors end here, context and all: they quote the URL with the keys in it.

        Its own timer covers the turn, connection, head and body, and costs a tenth of what one of the loop's does.

        Raises:
            TimeoutError: it takes longer than until then, on the monotonic clock.
        """
        client = await self._client(request.url, until)
        try:
            async with _prepare(client, request, _left(until)) as answer:
                return Response(answer.status, _headers(answer.headers), await self._read(answer))
        except RequestTimeoutError:
            raise TimeoutError from None
        except ValueError as error:
            raise ActionFailed("invalid", f"the request cannot be sent: {error}") from None
        except DetailedPyreqwestError as error:
            self._pins.pop(_host_and_port(request.url), None)  # the address may be dead: the next one asks again
            raise ActionFailed("connection", f"{request.url.host_str}: {_cause(error)}") from None

    async def _read(self, answer: Answer) -> bytes:
        body = bytearray()
        while (chunk := await answer.body_reader.read_chunk()) is not None:
            body += chunk
            if len(body) > self._max_body:
                raise ActionFailed("failed", f"the response is larger than {self._max_body} bytes (WINK_MAX_OUTPUT)")
        return bytes(body)

    async def _client(self, url: Url, until: float) -> Client:
        """Return the client for the host, and ask for its addresses when that was long ago.

        The address in use stays while it is among the answers, and its connections with it. Clients are dropped, never
        closed: a request may be under way.
        """
        key = _host_and_port(url)
        pin = self._pins.get(key)
        if pin is not None and monotonic() < pin.fresh_until:
            return pin.client
        async with asyncio.timeout(until - monotonic()):
            addresses = await asyncio.to_thread(self.guard.addresses, *key)
        fresh_until = monotonic() + self._fresh_for
        known = self._pins.pop(key, None)
        if known is None or known.address not in addresses:
            known = _Pin(_pinned_client(*key, addresses[0]), addresses[0], fresh_until)
        if len(self._pins) == _HOSTS:
            del self._pins[next(iter(self._pins))]
        self._pins[key] = replace(known, fresh_until=fresh_until)
        return known.client


def _left(until: float) -> timedelta:
    """Return how long it is until then; none is a timeout already."""
    left = timedelta(seconds=until - monotonic())
    if left <= timedelta():
        raise TimeoutError
    return left


def _prepare(client: Client, request: Request, within: timedelta) -> StreamRequest:
    builder = client.request(request.method, request.url).headers(request.headers).timeout(within)
    return (builder if request.body is None else builder.body_bytes(request.body)).build_streamed()


def _pinned_client(host: str, port: int, address: str) -> Client:
    return (
        ClientBuilder()
        .resolve(host, address, port)
        .no_proxy()  # a proxy of the environment would resolve the name itself, past the guard
        .follow_redirects(enable=False)
        .referer(enable=False)
        .user_agent(f"Wink/{__version__}")
        .pool_idle_timeout(_IDLE)
        .max_connections(_AT_ONCE)
        .build()
    )


def _host_and_port(url: Url) -> tuple[str, int]:
    return url.host_str or "", url.port_or_known_default or 0


def _headers(headers: HeaderMap) -> Mapping[str, str]:
    try:
        lines = headers.dict_multi_value()
    except ValueError:  # bytes beyond ASCII somewhere, which the library does not hand out
        lines = {name: _readable(headers, name) for name in dict.fromkeys(headers)}
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in lines.items()}


def _readable(headers: HeaderMap, name: str) -> str | list[str]:
    try:
        return headers.getall(name)
    except ValueError:
        return ""


def _cause(error: DetailedPyreqwestError) -> str:
    causes = error.details["causes"]
    return causes[-1]["message"] if causes else error.message
