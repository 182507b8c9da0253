"""Afterwards: was anything lost that was acknowledged, or done under two keys, or recorded twice?"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from engine.store.database import open_database
from engine.store.tables import events, journal, runs
from tests.sink import Call

#: Rows of the journal.
Records = frozenset[tuple[object, ...]]


@dataclass
class Story:
    """All that is known of one acknowledged event."""

    #: The vendor's id of it, and what the ledger called it in the acknowledgement.
    name: str
    event_id: str
    #: Events with the vendor's id.
    events: list[str] = field(default_factory=list)
    #: Outcomes of its runs, and why they failed, by their ids.
    runs: dict[str, str] = field(default_factory=dict)
    #: Outcomes of their steps, by (run, path, visit) as in the keys of effects; and which of them are effects.
    steps: dict[str, str] = field(default_factory=dict)
    effects: set[str] = field(default_factory=set)
    #: How often each Idempotency-Key came.
    keys: Counter[str] = field(default_factory=Counter)

    def complaints(self, expected: Sequence[str]) -> Iterator[str]:
        """Say what is wrong; expected: ``path/visit`` of each step of the workflow."""
        if self.events != [self.event_id]:
            yield f"{self.name}: acknowledged as {self.event_id}, in the ledger as {self.events}"
        if list(self.runs.values()) != ["succeeded"]:
            yield f"{self.name}: its runs are {self.runs}"
        recorded = sorted(key.partition("/")[2] for key in self.steps)
        if recorded != sorted(expected) or set(self.steps.values()) != {"succeeded"}:
            yield f"{self.name}: recorded as {self.steps}"
        if self.keys.keys() != self.effects:
            yield f"{self.name}: done with the keys {sorted(self.keys)}, recorded as {sorted(self.effects)}"

    @property
    def repeated(self) -> int:
        """How many effects came once more than once."""
        return self.keys.total() - len(self.keys)


def standing(connection: Connection) -> tuple[int, int]:
    """Return how many events wait to be matched, and how many runs have not ended."""
    unmatched = select(func.count()).select_from(events).where(events.c.matched_at.is_(None))
    unfinished = select(func.count()).select_from(runs).where(runs.c.finished_at.is_(None))
    return connection.scalar(unmatched) or 0, connection.scalar(unfinished) or 0


def records(connection: Connection, names: Sequence[str]) -> Records | None:
    """Return the steps of these events' runs as they stand in the journal, or None while a run has not ended."""
    ours = select(events.c.id).where(events.c.key.in_(names))
    found = connection.execute(select(runs.c.id, runs.c.finished_at).where(runs.c.event_id.in_(ours))).all()
    if len(found) < len(names) or None in {run.finished_at for run in found}:
        return None
    row = journal.c
    steps = select(row.run_id, row.path, row.visit, row.outcome, row.attempts, row.started_at, row.finished_at)
    return frozenset(map(tuple, connection.execute(steps.where(row.run_id.in_([run.id for run in found])))))


def stories(database_url: str, acknowledged: Mapping[str, str], calls: Sequence[Call]) -> dict[str, Story]:
    """Gather what is known of each acknowledged event, by the vendor's id of it; calls: their bodies are that id."""
    found = {name: Story(name, event_id) for name, event_id in acknowledged.items()}
    database = open_database(database_url)
    with database.reading.connect() as connection:
        _tell(connection, found)
    database.close()
    for call in calls:
        name = call.body.decode()
        if name in found:
            found[name].keys[call.key] += 1
    return found


def _tell(connection: Connection, found: Mapping[str, Story]) -> None:
    by_event: dict[str, Story] = {}
    for row in connection.execute(select(events.c.id, events.c.key)):
        if row.key in found:
            found[row.key].events.append(row.id)
            by_event[row.id] = found[row.key]
    by_run: dict[str, Story] = {}
    for row in connection.execute(select(runs.c.id, runs.c.event_id, runs.c.outcome, runs.c.error)):
        if row.event_id in by_event:
            by_run[row.id] = by_event[row.event_id]
            by_run[row.id].runs[row.id] = f"{row.outcome}: {row.error}" if row.error else row.outcome
    row = journal.c
    for step in connection.execute(select(row.run_id, row.path, row.visit, row.uses, row.outcome)):
        if step.run_id in by_run:
            key = f"{step.run_id}/{step.path}/{step.visit}"
            by_run[step.run_id].steps[key] = step.outcome
            if step.uses == "http.post":
                by_run[step.run_id].effects.add(key)
