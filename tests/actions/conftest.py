"""What the tests of actions share: a client that takes this machine for the public internet, and servers to call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from socket import create_server, socket
from textwrap import dedent
from threading import Thread

import pytest
from pytest_httpserver import HTTPServer

from engine.actions.action import Action, Call
from engine.actions.client import HttpClient
from engine.actions.code import code_action
from engine.actions.exchange import Request
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.actions.response import Response
from engine.actions.sandbox import Sandbox
from engine.actions.url import read_url
from engine.errors import ActionFailed
from engine.store.connections import OpenConnection
from engine.words import ConnectionScheme

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def client() -> HttpClient:
    return HttpClient(Guard(LOOPBACK))


@pytest.fixture
def actions(client: HttpClient) -> Mapping[str, Action]:
    return build_actions(lambda: client, {})


@pytest.fixture
def get() -> Callable[..., Response]:
    def send(client: HttpClient, url: str, *, seconds: float = 10, redirects: int = 0) -> Response:
        request, within = Request("GET", read_url(url), {}), timedelta(seconds=seconds)
        return asyncio.run(client.send(request, within=within, redirects=redirects))

    return send


@pytest.fixture
def call() -> Callable[..., Call]:
    def make(connection: OpenConnection | None = None, /, **inputs: object) -> Call:
        deadline = NOW + timedelta(seconds=10)
        return Call(inputs=inputs, key="run_1/step/0", now=NOW, deadline=deadline, connection=connection)

    return make


@pytest.fixture
def start_code() -> Callable[..., Awaitable[object]]:
    """Return a function that begins to run code in a sandbox: seconds of the step's time, and inputs by name."""
    action = code_action(Sandbox())

    def start(code: str, seconds: float = 30, **inputs: object) -> Awaitable[object]:
        deadline = NOW + timedelta(seconds=seconds)
        return action.run(Call({"code": dedent(code), "inputs": inputs}, "run_1/step/0", NOW, deadline))

    return start


@pytest.fixture
def run_code(start_code: Callable[..., Awaitable[object]]) -> Callable[..., object]:
    async def run(code: str, seconds: float, **inputs: object) -> object:
        return await start_code(code, seconds, **inputs)

    return lambda code, seconds=30, **inputs: asyncio.run(run(code, seconds, **inputs))


@pytest.fixture
def fail_code(run_code: Callable[..., object]) -> Callable[..., ActionFailed]:
    def run(code: str, seconds: float = 30, **inputs: object) -> ActionFailed:
        with pytest.raises(ActionFailed) as failure:
            run_code(code, seconds, **inputs)
        return failure.value

    return run


@pytest.fixture
def connection(httpserver: HTTPServer) -> Callable[..., OpenConnection]:
    """Return a maker of connections to the tests' server."""

    def make(
        scheme: str, values: Mapping[str, str], *, connector: str | None = None, base_url: str | None = None
    ) -> OpenConnection:
        base = httpserver.url_for("/") if base_url is None else base_url
        return OpenConnection("c", connector, ConnectionScheme(scheme), base, values=values)

    return make


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Answer one connection after the other, each with its answers in turn, whatever is asked; return the base URL."""
    listeners: list[socket] = []

    def listen(*connections: list[bytes]) -> str:
        listeners.append(create_server(("127.0.0.1", 0)))
        Thread(target=_answer, args=(listeners[-1], connections), daemon=True).start()
        return f"http://127.0.0.1:{listeners[-1].getsockname()[1]}"

    yield listen
    for listener in listeners:
        listener.close()


def _answer(listener: socket, connections: tuple[list[bytes], ...]) -> None:
    for answers in connections:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.recv(65536)
                connection.sendall(answer)
