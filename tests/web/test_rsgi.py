"""The server's front reads bodies without trusting whoever sends them."""

import asyncio
from types import SimpleNamespace

import pytest

from web import rsgi
from web.rsgi import Body, Front


class Stalled:
    """An exchange whose body never comes to its end."""

    async def __call__(self) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def __aiter__(self):
        yield b"some"
        await asyncio.Event().wait()


@pytest.mark.parametrize(("headers", "size"), [({"content-length": "9"}, 9), ({"transfer-encoding": "chunked"}, 1)])
def test_a_body_that_does_not_come_counts_as_broken_off(monkeypatch, headers: dict[str, str], size: int) -> None:
    monkeypatch.setattr(rsgi, "PATIENCE", 0.01)
    front = Front(SimpleNamespace(settings=SimpleNamespace(max_body=100)), lambda environ, start: [])

    body = asyncio.run(front._body(SimpleNamespace(headers=headers), Stalled()))

    assert body == Body(size=size)
