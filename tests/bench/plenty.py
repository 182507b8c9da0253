"""A Wink in which much happened: so many events, with their deliveries, answers and runs, over a span that ends now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, text

from engine.ids import ID_LENGTH, earliest_id
from engine.runtime import Engine
from engine.store import bulk, triggers, workflows
from engine.store.rows import Delivery, Entry, Match, Run
from engine.store.tables import deliveries, event_keys, events, journal, matches, runs
from engine.words import Answer, Outcome, Reason, Verdict
from tests.bench.finding import BODY
from tests.browser.place import Address, fill
from tests.engines import running, trigger, workflow

TRIGGERS = 50
WORKFLOWS = 20

#: One of so many deliveries was refused, and so many runs ended in each of the ways that are not a success. As many
#: triggers are there, so those of a way are of one of them, whose list is full at any size.
_EACH = TRIGGERS
_ENDINGS = {10: Outcome.FAILED, 20: Outcome.SKIPPED, 30: Outcome.STOPPED}

#: One of so many runs waits for its time, one for a person, and one match is held.
_RARELY = 1_000
_STANDSTILLS = {400: Outcome.WAITING, 600: Outcome.INTERRUPTED}

#: Longer than any span that is filled: a run that is due would go on, and fail, when the database is opened.
_WAIT = timedelta(days=3_650)

#: Events that are written in one transaction.
_PORTION = 2_000

_TYPES = ("finding.created", "finding.changed", "finding.closed", "scan.ended")
_REFUSALS = (Reason.WRONG_PROOF, Reason.WRONG_PROOF, Reason.TIMESTAMP_TOO_OLD, Reason.MALFORMED_BODY)
_BODY = BODY.encode()
_HEADERS = {
    "content-type": ["application/json"],
    "user-agent": ["Findings/2.1 (+https://findings.example.com)"],
    "x-signature-256": ["[redacted]"],
    "accept": ["*/*"],
}

Rows = Mapping[Table, Sequence[Sequence[object]]]


def fill_much(
    folder: Path,
    number: int,
    span: timedelta,
    *,
    written: Callable[[int], None] = lambda _: None,
    **settings: object,
) -> tuple[Address, ...]:
    """Put so many events of the last span into a folder; return the address of each page that there is then.

    written: told after each portion how many events it had; settings: as ``running`` takes them.
    """
    addresses = fill(folder, **settings)
    with running(folder, **settings) as engine:
        for index in range(TRIGGERS - len(engine.store.read(triggers.all_of))):
            trigger(engine, name=f"sender-{index}", title=f"Sender {index}")
        for index in range(WORKFLOWS - len(engine.store.read(workflows.names))):
            workflow(engine, name=f"workflow-{index}")
        for portion in _portions(engine, number, span):
            engine.store.write(_insert, portion)
            written(len(portion[events]))
        _vacuum(engine)
    return addresses


def _vacuum(engine: Engine) -> None:
    """Do what autovacuum does on a PostgreSQL that has it: the planner knows the tables, and readers what is there."""
    if engine.store.database.writing.dialect.name == "postgresql":
        with engine.store.database.writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM (ANALYZE)"))
            connection.execute(text("RESET statement_timeout"))


def _insert(connection: Connection, rows: Rows) -> None:
    insert = bulk.insert_rows if connection.dialect.name == "sqlite" else _copy
    for table, values in rows.items():
        insert(connection, table, values)


def _copy(connection: Connection, table: Table, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows as PostgreSQL takes most of them in a second."""
    binds = [column.type.bind_processor(connection.dialect) for column in table.columns]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row([bind(value) if bind else value for bind, value in zip(binds, row, strict=True)])


def _portions(engine: Engine, number: int, span: timedelta) -> Iterator[Rows]:
    now, step = engine.clock.now(), span / max(number, 1)
    senders = [row.id for row in engine.store.read(triggers.all_of)]
    names = engine.store.read(workflows.names)
    for start in range(0, number, _PORTION):
        facts = [
            _Fact(index, now - step * (number - index), senders[index % len(senders)], names[index % len(names)])
            for index in range(start, min(start + _PORTION, number))
        ]
        yield {
            deliveries: [row for fact in facts for row in fact.deliveries()],
            events: [fact.event() for fact in facts],
            event_keys: [fact.key() for fact in facts],
            matches: [fact.match() for fact in facts],
            runs: [fact.run() for fact in facts if not fact.is_held],
            journal: [entry for fact in facts if not fact.is_held for entry in fact.journal()],
        }


class _Fact:
    """One event with what hangs on it."""

    def __init__(self, index: int, at: datetime, sender: str, name: str) -> None:
        self._index, self._at, self._sender, self._workflow = index, at, sender, name

    @property
    def is_held(self) -> bool:
        """Whether its run waits for a person."""
        return self._index % _RARELY == 0

    def deliveries(self) -> Iterator[Delivery]:
        """Yield the delivery that brought it, and now and then one that was refused."""
        taken = Delivery(
            id=self._id("dlv"),
            trigger_id=self._sender,
            received_at=self._at,
            method="POST",
            query="",
            headers=_HEADERS,
            address="192.0.2.7",
            size=len(_BODY),
            verdict=Verdict.ACCEPTED,
            reason=Reason.NEW,
            detail="",
            status=202,
            event_count=1,
            body=_BODY,
        )
        yield taken
        if self._index % _EACH == 1:
            reason = _REFUSALS[self._index // _EACH % len(_REFUSALS)]
            other = self._id("dlv")[:-1] + "v"
            yield taken._replace(id=other, verdict=Verdict.REJECTED, reason=reason, status=401, event_count=0)

    def event(self) -> Sequence[object]:
        """Return the event's values in the order of the table's columns; its data is the delivery's body."""
        kind, held = _TYPES[self._index % len(_TYPES)], Reason.HELD if self.is_held else None
        ids = (self._id("evt"), self._sender, self._id("dlv"))
        return (*ids, self._key, kind, "/custom/sender", self._at, self._at, None, held, True, self._at)

    def key(self) -> Sequence[object]:
        """Return what makes another event with its key a duplicate."""
        return self._sender, self._key, self._id("evt")

    def match(self) -> Match:
        """Return what the workflow answered."""
        run_id, event_id = None if self.is_held else self._id("run"), self._id("evt")
        return Match(event_id, self._workflow, "v", Answer.YES, None, self.is_held, run_id, self._at)

    def run(self) -> Run:
        """Return the run that it started."""
        stands = _STANDSTILLS.get(self._index % _RARELY)
        return Run(
            id=self._id("run"),
            workflow=self._workflow,
            version="v",
            trigger_id=self._sender,
            event_id=self._id("evt"),
            inputs=None,
            outcome=stands or _ENDINGS.get(self._index % _EACH, Outcome.SUCCEEDED),
            token=1,
            lease_until=None,
            deaths=0,
            due_at=self._at + _WAIT if stands is Outcome.WAITING else None,
            queued_at=self._at,
            started_at=self._at,
            finished_at=None if stands else self._at + timedelta(milliseconds=20 + self._index % 200),
            error=None,
            outputs=None,
            rerun_of=None,
        )

    def journal(self) -> Iterator[Entry]:
        """Yield the two steps that it took."""
        ended = self._at + timedelta(milliseconds=20)
        for position, (path, uses) in enumerate((("scope", "core.set"), ("send", "http.post"))):
            yield Entry(
                run_id=self._id("run"),
                path=path,
                visit=1,
                position=position,
                uses=uses,
                outcome=Outcome.SUCCEEDED,
                attempts=1,
                started_at=self._at,
                finished_at=ended,
                due_at=None,
                input={"url": "https://tickets.example.com/api/open", "finding": self._index},
                output={"status": 200, "headers": {"content-type": "application/json"}, "body": {"id": self._index}},
                error=None,
            )

    @property
    def _key(self) -> str:
        """Return the vendor's id: as of most vendors, it says nothing about the order in which they come."""
        return sha256(b"%d" % self._index).hexdigest()[:32]

    def _id(self, prefix: str) -> str:
        """Return an identifier that was born then; the number makes it one of its own."""
        born = earliest_id(prefix, self._at)
        return f"{born[: len(prefix) + 1 + ID_LENGTH - 9]}{self._index:08d}0"
