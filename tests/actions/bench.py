"""Measure outbound calls: ``python tests/actions/bench.py http://127.0.0.1:20080/``, a server that answers 204."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import uvloop
from pyreqwest.client import ClientBuilder

from engine.actions.action import Call
from engine.actions.client import HttpClient
from engine.actions.exchange import Request
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.actions.url import read_url

AT_ONCE, CALLS, WITHIN = 16, 1_000, timedelta(seconds=10)
FINDING = {"title": "t" * 100, "items": [{"id": number, "asset": "shop.example.com"} for number in range(12)]}
HEADERS = {"content-type": "application/json"}


def ways(address: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return what is measured, by name; each posts about 700 bytes once."""
    client = HttpClient(Guard((ip_network("127.0.0.0/8"),)))
    post, now = build_actions(lambda: client, {})["http.post"], datetime.now(UTC)
    bare = ClientBuilder().no_proxy().build()
    request = Request("POST", read_url(address), HEADERS, b"x" * 700)
    call = Call(inputs={"url": address, "json": FINDING}, key="run/step/0", now=now, deadline=now + WITHIN)
    return {
        "the library alone": lambda: bare.post(address).headers(HEADERS).body_bytes(b"x" * 700).build().send(),
        "HttpClient.send": lambda: client.send(request, within=WITHIN),
        "http.post": lambda: post.run(call),
    }


async def measure(name: str, way: Callable[[], Awaitable[object]]) -> None:
    async def calls() -> None:
        for _ in range(CALLS):
            await way()

    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*[calls() for _ in range(AT_ONCE)])
    count, seconds = AT_ONCE * CALLS, time.perf_counter() - started
    cost = (time.process_time() - used) / count * 1e6
    sys.stdout.write(f"{name:18} {count / seconds:8,.0f} calls/s {cost:6.0f} us CPU a call\n")


if __name__ == "__main__":
    for name, way in ways(sys.argv[1]).items():
        uvloop.run(measure(name, way))
