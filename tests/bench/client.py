"""Our own client, for what wrk cannot do: an even pace, and knowing which findings were acknowledged."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from tests.bench.request import Requests, Target, identities


@dataclass(frozen=True, slots=True)
class Stream:
    """One connection, which is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, request: bytes) -> int:
        """Send one request and read its answer; return the status."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        _, _, after = head.partition(b"content-length:")
        await self.reader.readexactly(int(after.split(b"\r\n")[0] or 0))
        return int(head.split()[1])


async def _open(target: Target) -> Stream:
    return Stream(*await asyncio.open_connection("127.0.0.1", target.port))


def pace(target: Target, *, run: str, rate: float, seconds: float) -> dict[str, int]:
    """Send findings at an even pace, whether or not the ones before are answered.

    Returns:
        When each was sent, in nanoseconds of the monotonic clock.
    """
    return asyncio.run(_pace(target, run=run, rate=rate, seconds=seconds))


async def _pace(target: Target, *, run: str, rate: float, seconds: float) -> dict[str, int]:
    requests, ids = Requests(target), identities(run)
    idle: list[Stream] = []
    sent: dict[str, int] = {}

    async def send_one(identity: str) -> None:
        request = requests.render(identity)
        stream = idle.pop() if idle else await _open(target)
        sent[identity] = time.monotonic_ns()
        await stream.send(request)
        idle.append(stream)

    begin = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(begin + number / rate - time.monotonic())
            tasks.create_task(send_one(next(ids)))
    _close(idle)
    return sent


def flood(target: Target, *, run: str, connections: int, seconds: float, end: Callable[[], None]) -> set[str]:
    """Send findings as fast as they are answered, until the end that is called takes the system away.

    Returns:
        The ids that were acknowledged.
    """

    async def end_later() -> None:
        await asyncio.sleep(seconds)
        end()

    return asyncio.run(_send_all(target, identities(run), connections, end_later()))


def give(target: Target, *, run: str, connections: int, number: int) -> set[str]:
    """Send so many findings as fast as they are answered; return the ids that were acknowledged."""
    return asyncio.run(_send_all(target, islice(identities(run), number), connections, asyncio.sleep(0)))


async def _send_all(
    target: Target, ids: Iterator[str], connections: int, meanwhile: Coroutine[None, None, None]
) -> set[str]:
    requests = Requests(target)
    acknowledged: set[str] = set()

    async def send_many() -> None:
        stream = await _open(target)
        with suppress(OSError, EOFError):
            for identity in ids:
                if await stream.send(requests.render(identity)) < 300:
                    acknowledged.add(identity)
        _close([stream])

    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(send_many())
        await meanwhile
    return acknowledged


def _close(streams: list[Stream]) -> None:
    for stream in streams:
        stream.writer.close()
