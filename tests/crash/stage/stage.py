"""A stage: hosts with their database, broker and disk, a vendor that sends and a sink that remembers."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from engine.store.database import open_database
from tests.crash.stage.disk import Disk, disk
from tests.crash.stage.hosts import Worker, clock_off_by, folder_of
from tests.crash.stage.judge import Records, Story, records, standing, stories
from tests.crash.stage.postgresql import PostgreSQL, postgresql
from tests.crash.stage.rabbitmq import RabbitMQ, rabbitmq
from tests.crash.stage.vendor import Vendor
from tests.serving import Trigger, Wink, eventually
from tests.sink import Sink, open_sink

Value = TypeVar("Value")

#: How far the clocks of two of the hosts of a cluster are off, in seconds.
AHEAD, BEHIND = 600, -600

#: Seconds until something has come about that takes seconds, or a lease of 30 of them: what hangs is over after it,
#: however busy the machine.
COMES_ABOUT = 240.0

#: Steps with effects around a wait and in a loop. {0}: the sink.
STEPS = """\
  - {{id: one, uses: http.post, with: {{url: "{0}/one", body: "${{{{ event.data.id }}}}"}}}}
  - {{id: pause, uses: core.wait, with: {{for: 200ms}}}}
  - id: twice
    while: loop.index < 2
    max: 2
    steps: [{{id: again, uses: http.post, with: {{url: "{0}/again", body: "${{{{ event.data.id }}}}"}}}}]
  - {{id: three, uses: http.post, with: {{url: "{0}/three", body: "${{{{ event.data.id }}}}"}}}}
"""

#: A step that takes as long as the sink wants, at a path that the event says.
LONG = """\
  - id: long
    timeout: 10m
    uses: http.post
    with: {{url: "{0}${{{{ event.data.to }}}}", body: "${{{{ event.data.id }}}}"}}
"""

#: What the journal has of a run, by the trigger of its event.
EXPECTED = {
    "quick": ("one/1", "pause/1", "twice/1", "twice[0]/again/1", "twice[1]/again/1", "three/1"),
    "long": ("long/1",),
}


@dataclass
class Stage:
    """What faults strike; a part that a stage has not is None or empty."""

    webs: Sequence[Wink]
    sink: Sink
    vendor: Vendor
    database_url: str
    workers: Sequence[Worker] = ()
    #: What the database is on.
    disk: Disk | None = None
    database: PostgreSQL | None = None
    broker: RabbitMQ | None = None
    #: How long something hangs or is cut off.
    away: timedelta = timedelta(seconds=6)

    def __post_init__(self) -> None:
        with ThreadPoolExecutor() as starts:
            list(starts.map(Wink.start, self.webs))
            list(starts.map(Worker.start, self.workers))
        self.quick = self._trigger("quick", STEPS)
        self.long = self._trigger("long", LONG)

    def _trigger(self, name: str, steps: str) -> Trigger:
        trigger = self.webs[0].trigger(name=name, dedup="body.id")
        self.webs[0].workflow(trigger, steps.format(self.sink.url))
        return trigger

    @property
    def hosts(self) -> list[Wink]:
        """Those that walk runs."""
        return list(self.workers or self.webs)

    def settle(self) -> dict[str, Story]:
        """Wait until nothing is left to be done, or patience ends; return what became of each acknowledged event."""
        with self._reading() as ask, suppress(AssertionError):  # the stories say what has not ended
            eventually(lambda: ask(standing) == (0, 0), within=COMES_ABOUT)
        return stories(self.database_url, self.vendor.acknowledged(), list(self.sink.calls))

    def ended(self, names: Sequence[str]) -> Records:
        """Wait until these events' runs have ended, and return their journal; names: the vendor's ids."""
        with self._reading() as ask:
            return eventually(lambda: ask(records, names), within=COMES_ABOUT)

    @contextmanager
    def _reading(self) -> Iterator[Callable[..., object]]:
        """Give a function that asks the database, each time in a transaction of its own."""
        database = open_database(self.database_url)

        def ask(query: Callable[..., Value], *args: object) -> Value:
            with database.reading.connect() as connection:
                return query(connection, *args)

        try:
            yield ask
        finally:
            database.close()


def complaints(story: Story) -> list[str]:
    """Say what is wrong with what became of an event."""
    return list(story.complaints(EXPECTED[story.name.split(".")[1]]))


@contextmanager
def embedded_on_sqlite(folder: Path) -> Iterator[Stage]:
    """One server with its database on a small disk."""
    web = Wink(folder_of(folder, "web"))
    with _closing([web]) as sink, disk(web.data, 64) as small:
        yield Stage([web], sink, Vendor([web], folder), f"sqlite:///{web.data}/wink.db", disk=small)


@contextmanager
def embedded_on_postgresql(folder: Path) -> Iterator[Stage]:
    """One server with a PostgreSQL of its own."""
    with postgresql() as database:
        web = Wink(folder_of(folder, "web"), {"WINK_DATABASE_URL": database.url})
        with _closing([web]) as sink:
            yield Stage([web], sink, Vendor([web], folder), database.url, disk=database.disk, database=database)


@contextmanager
def cluster(folder: Path) -> Iterator[Stage]:
    """Two servers and two workers, one of each with a wrong clock, on a PostgreSQL and a RabbitMQ of their own."""
    with postgresql() as database, rabbitmq() as broker:
        shared = {"WINK_DATABASE_URL": database.url, "WINK_BROKER_URL": broker.url, "WINK_SECRET_KEY": "k" * 43}
        webs = [
            Wink(folder_of(folder, "web-0"), shared),
            Wink(folder_of(folder, "web-1"), shared | clock_off_by(AHEAD)),
        ]
        workers = [
            Worker(folder_of(folder, "worker-0"), shared),
            Worker(folder_of(folder, "worker-1"), shared | clock_off_by(BEHIND)),
        ]
        with _closing([*webs, *workers]) as sink:
            vendor = Vendor(webs, folder)
            yield Stage(webs, sink, vendor, database.url, workers, database.disk, database, broker)


@contextmanager
def _closing(hosts: Sequence[Wink]) -> Iterator[Sink]:
    """Open a sink that outlives the hosts."""
    with open_sink() as sink, ExitStack() as stack:
        for host in hosts:
            stack.callback(host.kill)
        yield sink
