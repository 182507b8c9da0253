"""Databases of different sizes that take turns at the same work, and what each of them takes for it."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, func, select, text
from werkzeug.test import Client

from engine.path.access import new_token
from engine.path.receive import Request, receive
from engine.runtime import Engine
from engine.store import journal, retention, turns
from engine.store.tables import runs, unfinished
from engine.words import Role
from tests.bench.finding import BODY, ID
from tests.bench.pages import FILTERED
from tests.browser.place import NAMES, Address
from tests.engines import LOGS, running, trigger, workflow
from tests.serving import eventually
from tests.web.browser import Browser
from web.application import create_application

#: Deliveries at one turn, from so many threads.
LOAD = 400
THREADS = 16

#: How often each database has its turn, and what is done at each of them.
TURNS = 5
TIMES = 10

_TICK = os.sysconf("SC_CLK_TCK")
_numbers = count()

#: Lists of the API: what programs page through.
_API = tuple(
    f"/api/v1/{path}"
    for path in (
        *("triggers", "workflows", "deliveries", "events", "runs", "approvals", "connections"),
        *("deliveries?verdict=rejected", "events?type=scan.ended", "events?q=nothing", "runs?outcome=failed"),
        *("runs?workflow=w", "events?limit=200", "runs?limit=200", "deliveries?limit=200"),
    )
)


@dataclass(frozen=True, slots=True)
class Grown:
    """An engine on one of the databases."""

    engine: Engine
    addresses: Sequence[Address]
    browser: Browser
    token: str
    #: Where findings are taken: by a trigger that no workflow waits for, and by one that starts a run.
    doors: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, address: str, addresses: Sequence[Address]) -> Iterator["Grown"]:
        """Start an engine on what is there."""
        with running(folder, database_url=address) as engine:
            browser = Browser(Client(create_application(engine)))
            browser.sign_in(NAMES[Role.VIEWER])
            _, token = new_token(engine, "growth", Role.VIEWER)
            grown = cls(engine, addresses, browser, token)
            for name in ("quiet", "busy"):
                made = trigger(engine, name=f"{name}-{time.time_ns()}", auth="api_key")
                grown.doors[name] = (made.trigger.path, made.api_key or "")
                if name == "busy":
                    workflow(engine, LOGS.replace("trigger: t,", f"trigger: {made.trigger.name},"), "busy")
            yield grown

    def receive(self, door: str) -> None:
        """Take a load of findings, and return when the runs that they started have ended."""
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(partial(self._receive, *self.doors[door]), [next(_numbers) for _ in range(LOAD)]))
        eventually(lambda: self.engine.store.read(_no_run_is_left))

    def _receive(self, path: str, key: str, number: int) -> None:
        body = BODY.replace(ID, f"{time.time_ns()}-{number}").encode()
        headers = {"content-type": ("application/json",), "x-api-key": (key,)}
        reply = receive(self.engine, path, Request("POST", "", headers, body, len(body), "192.0.2.1"))
        assert reply.status < 300, reply

    def backends(self) -> float:
        """Return the processor seconds that the database's own processes for this engine have used so far."""
        if self.engine.store.database.reading.dialect.name == "sqlite":
            return 0.0
        with self.engine.store.reading() as connection:
            mine = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            return sum(_processor_seconds(pid) for pid in connection.scalars(mine))


def _no_run_is_left(connection: Connection) -> bool:
    left = select(func.count()).where(runs.c.workflow == "busy", unfinished)
    return connection.scalar(left) == 0


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:13])) / _TICK


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured: processor time of both sides, because others use the machine too.

    times: how often it is done at one turn; scale: what makes seconds of a turn the unit, for one of them.
    """

    name: str
    deed: Callable[[Grown], object]
    unit: str = "ms"
    times: int = TIMES
    scale: float = 1e3 / TIMES

    def once(self, grown: Grown) -> float:
        """Do it so often, and return what one of them took."""
        before = time.process_time() + grown.backends()
        for _ in range(self.times):
            self.deed(grown)
        return self.scale * (time.process_time() + grown.backends() - before)


@dataclass(frozen=True, slots=True)
class Row:
    """What a measure found in each database: the median of its turns, in the order of the databases."""

    name: str
    unit: str
    values: Sequence[float]

    @classmethod
    def of(cls, measure: Measure, grown: Sequence[Grown]) -> "Row":
        """Let the databases take turns, one after the other and the next time the other way round.

        The first turn is not counted: caches fill.
        """
        found: dict[int, list[float]] = {index: [] for index in range(len(grown))}
        for turn in range(TURNS + 1):
            order = list(enumerate(grown))
            for index, each in order if turn % 2 else reversed(order):
                value = measure.once(each)
                if turn:
                    found[index].append(value)
        return cls(measure.name, measure.unit, [median(values) for values in found.values()])


def _due(grown: Grown) -> None:
    now = grown.engine.clock.now()
    grown.engine.store.read(turns.due, now, 512)
    grown.engine.store.read(turns.next_due, now)


def _unmatched(grown: Grown) -> None:
    grown.engine.store.read(journal.unmatched, grown.engine.clock.now(), 512)


def _forget(grown: Grown) -> None:
    assert grown.engine.store.write(retention.forget, grown.engine.clock.now()) >= retention.PORTION


def _look(path: str, grown: Grown) -> None:
    headers = {"Authorization": f"Bearer {grown.token}"} if path.startswith("/api/") else {}
    answer = grown.browser.get(path, headers=headers)
    assert answer.status_code < 500, path


def _open(index: int, grown: Grown) -> None:
    _look(grown.addresses[index].path, grown)


def _load(door: str, grown: Grown) -> None:
    grown.receive(door)


MEASURES = (
    Measure("receive a delivery", partial(_load, "quiet"), "us", 1, 1e6 / LOAD),
    Measure("receive a delivery, match it and run two steps", partial(_load, "busy"), "us", 1, 1e6 / LOAD),
    Measure("look for runs that are due", _due),
    Measure("look for events that were not matched", _unmatched),
)
#: The last: it takes away what pages show.
FORGET = Measure("forget a portion", _forget, "ms", 1, 1e3)


def pages(grown: Grown) -> Iterator[Measure]:
    """Yield a measure for every page that a viewer may open, and for the lists of the API.

    A page of one thing, such as an event, is that of another one in each database.
    """
    for index, address in enumerate(grown.addresses):
        if address.needed and Role.VIEWER.covers(address.needed):
            yield Measure(address.path, partial(_open, index))
    for path in (*FILTERED, *_API):
        yield Measure(path, partial(_look, path))
