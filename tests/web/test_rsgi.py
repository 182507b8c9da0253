"""The server's front reads bodies without trusting whoever sends them."""

import asyncio
from types import SimpleNamespace

import pytest

from web import rsgi
from web.rsgi import Front


class Stalled:
    """An exchange whose body never comes to its end."""

    answer = b""

    async def __call__(self) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def __aiter__(self):
        yield b"some"
        await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = body


def _tell_length(environ, start):
    start("200 OK", [])
    return [f"{environ['CONTENT_LENGTH']}, and {len(environ['wsgi.input'].read())} bytes".encode()]


@pytest.mark.parametrize(("headers", "size"), [({"content-length": "9"}, 9), ({"transfer-encoding": "chunked"}, 1)])
def test_a_body_that_does_not_come_counts_as_broken_off(monkeypatch, headers: dict[str, str], size: int) -> None:
    monkeypatch.setattr(rsgi, "PATIENCE", 0.01)
    monkeypatch.setattr(rsgi, "GLANCE", 0.01)
    scope = SimpleNamespace(method="POST", path="/", query_string="", client="127.0.0.1:1", scheme="http")
    scope.server, scope.headers = "127.0.0.1:2", headers
    stalled, front = Stalled(), Front(SimpleNamespace(settings=SimpleNamespace(max_body=100)), _tell_length)

    async def answered() -> None:
        front.__rsgi_init__(asyncio.get_running_loop())
        await front.__rsgi__(scope, stalled)

    asyncio.run(answered())

    assert stalled.answer == b"%d, and 0 bytes" % size
