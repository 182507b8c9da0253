"""Kill a Wink at each of its commits, let another one go on, and write down what came of it: a JSON line for each.

It is a program of its own, ``python -m tests.crash.laboratory FOLDER DATABASE SINK WORKFLOWS``: each Wink is forked
from a process that has imported everything and started no thread: a server would take a second each.
They follow each other on the same data: each goes on with what the one before left, before it is killed itself.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy import Connection, select

from engine import app
from engine.app import build
from engine.ids import earliest_id
from engine.path.receive import Request, receive
from engine.path.setup import create
from engine.path.trigger_spec import TriggerSpec
from engine.path.workflows import put
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import check, tables
from engine.store.database import open_database
from engine.words import UNFINISHED, Outcome
from tests.crash.others import Others

#: Seconds that a run may take.
PATIENCE = 20.0

#: Winks that live on, one after the other, before the last commit is taken to be behind.
BEYOND = 4

#: What a run can stay for ever, until a person decides.
STANDING = UNFINISHED - {Outcome.INTERRUPTED}


@dataclass(frozen=True)
class Point:
    """Before or after a commit, counted from the delivery's own."""

    commit: int
    moment: str

    @property
    def name(self) -> str:
        return f"{self.moment}-{self.commit}"


@dataclass(frozen=True)
class Killed:
    """A Wink that was to be killed at a point, the lowest id of its runs, and whether it got as far."""

    point: Point
    since: str
    killed: bool


@dataclass(frozen=True)
class Laboratory:
    """Where the experiments are made: a data folder, a database, and a sink for the effects."""

    place: Path
    database_url: str
    sink: str

    def prepare(self, workflows: Mapping[str, str]) -> None:
        """Make the triggers ``crash``, and ``later`` of which no workflow starts, and put the workflows."""
        with self.built() as engine:
            made = create(engine, TriggerSpec(name="crash"))
            create(engine, TriggerSpec(name="later"))
            for name, text in workflows.items():
                put(engine, name, text)
            (self.place / "trigger").write_text(f"{made.trigger.path} {made.api_key}")

    def live(self, before: Killed | None, point: Point | None) -> None:
        """Go on with what a Wink left that was killed before, then receive one event and be killed at the point."""
        left = self.journal(before.since) if before else {}
        with self.built() as engine:
            if before is not None:
                self.go_on(engine, before, left)
            if point is not None:
                (self.place / "since").write_text(earliest_id("run", datetime.now(UTC)))
                die_at(engine, point)
                self.receive(engine, point)
                wait_for_runs(engine, [])

    def go_on(self, engine: Engine, before: Killed, left: Mapping[str, Sequence[str]]) -> None:
        """Let everything end, and write down how it stands, and how it stood."""
        file = self.place / before.point.name
        acknowledged = json.loads(file.read_bytes())["events"] if file.exists() else []
        wait_for_runs(engine, acknowledged)
        found = engine.store.read(check.check_ledger, engine.clock.now())
        runs = [dict(row) for row in engine.store.read(runs_since, before.since)]
        line = {"name": before.point.name, "killed": before.killed, "acknowledged": acknowledged, "runs": runs}
        line |= {"findings": found.findings, "left": left, "journal": self.journal(before.since)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()  # a kill loses what is not

    def receive(self, engine: Engine, point: Point) -> None:
        """Receive an event, and keep what was answered: whole or not at all, since a kill may come in between."""
        path, key = (self.place / "trigger").read_text().split()
        body = json.dumps({"to": f"{self.sink}/{point.name}"}).encode()
        headers = {"content-type": ("application/json",), "x-api-key": (key,)}
        reply = receive(engine, path, Request("POST", "", headers, body, len(body), "127.0.0.1"))
        if reply.status == 202:
            (self.place / "draft").write_bytes(reply.body or b"")
            (self.place / "draft").replace(self.place / point.name)

    def journal(self, since: str) -> dict[str, list[str]]:
        """Return the steps of the runs born since an id, by their keys: action, outcome, and when they ended."""
        database, row = open_database(self.database_url), tables.journal.c
        wanted = select(row.run_id, row.path, row.visit, row.uses, row.outcome, row.finished_at)
        with database.reading.connect() as connection:
            found = connection.execute(wanted.where(row.run_id >= since)).all()
        database.close()
        return {f"{run}/{path}/{visit}": [str(value) for value in values] for run, path, visit, *values in found}

    def built(self):
        return build(settings(self.place, database_url=self.database_url))


def main(laboratory: Laboratory, workflows: Mapping[str, str]) -> None:
    app.read_connectors = cache(app.read_connectors)  # of a start, it takes the longest
    app.read_connectors(app.CONNECTORS)
    gc.freeze()  # what every Wink begins with stays in memory that they share
    in_child(lambda: laboratory.prepare(workflows))
    before, alive = None, 0
    for point in (Point(commit, moment) for commit in count(1) for moment in ("before", "after")):
        status = in_child(lambda: laboratory.live(before, point))  # noqa: B023 - it is done at once
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        before = Killed(point, (laboratory.place / "since").read_text(), killed)
        alive = 0 if before.killed else alive + 1
        if alive == BEYOND:
            break
    in_child(lambda: laboratory.live(before, None))


def in_child(deed: Callable[[], None]) -> int:
    """Do it in a forked process and return how that ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        deed()
    except BaseException:  # noqa: BLE001 - the child has to end here, whatever it was
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)


def settings(place: Path, **more: object) -> Settings:
    return Settings.load({}, place, data=place, allow_private_addresses="127.0.0.1/32", **more)


def die_at(engine: Engine, point: Point) -> None:
    """Be killed at the point; commits are counted from now."""
    dialect = engine.store.database.writing.dialect
    commit, commits = dialect.do_commit, count(1)

    def counted(connection: object) -> None:
        due = next(commits) == point.commit
        if due and point.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)  # type: ignore[arg-type]
        if due:
            os.kill(os.getpid(), signal.SIGKILL)

    dialect.do_commit = counted  # type: ignore[method-assign]


def wait_for_runs(engine: Engine, event_ids: list[str]) -> None:
    """Return when all runs have ended, and those of the given events are there; others do what is asked of them."""
    deadline, pause, others = monotonic() + PATIENCE, Event(), Others(engine)
    while monotonic() < deadline:
        unmatched, outcomes = engine.store.read(standing)
        if not unmatched and outcomes.keys() >= set(event_ids) and STANDING.isdisjoint(outcomes.values()):
            return
        others.look()
        pause.wait(0.01)
    raise TimeoutError(f"the runs of {event_ids} did not end: {outcomes}")


def standing(connection: Connection) -> tuple[bool, dict[str, str]]:
    """Return whether an event waits to be matched, and the outcome of each run by its event, or by its id."""
    waiting = connection.scalar(select(tables.events.c.id).where(tables.events.c.matched_at.is_(None)))
    runs = connection.execute(select(tables.runs.c.id, tables.runs.c.event_id, tables.runs.c.outcome))
    return waiting is not None, {row.event_id or row.id: row.outcome for row in runs}


def runs_since(connection: Connection, since: str):
    """Return the runs born since an id."""
    row = tables.runs.c
    wanted = select(row.event_id.label("event"), row.workflow, row.outcome, row.outputs).where(row.id >= since)
    return connection.execute(wanted.order_by(row.id)).mappings().all()


if __name__ == "__main__":
    main(Laboratory(Path(sys.argv[1]), sys.argv[2], sys.argv[3]), json.loads(sys.argv[4]))
