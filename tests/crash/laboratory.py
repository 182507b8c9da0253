"""Kill a Wink at each of its commits, let another one go on, and write down what came of it: a JSON line for each.

It is a program of its own, started as ``python laboratory.py FOLDER SINK STEPS``: each experiment is forked from a
process that has imported everything and started no thread, which takes a tenth of a second where a server takes one.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy import Connection, select

from engine.app import build
from engine.path.receive import Request, receive
from engine.path.setup import create
from engine.path.trigger_spec import TriggerSpec
from engine.path.workflows import put
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import check, tables
from engine.words import UNFINISHED, Outcome

#: Seconds that a run may take.
PATIENCE = 20.0

#: What a run can stay for ever, until a person decides.
STANDING = UNFINISHED - {Outcome.INTERRUPTED}


@dataclass(frozen=True)
class Point:
    """Before or after a commit, counted from the delivery's own."""

    commit: int
    moment: str


def main(folder: Path, sink: str, steps: str) -> None:
    template = folder / "template"
    in_child(lambda: prepare(template, steps))
    for commit in count(1):
        points = [Point(commit, moment) for moment in ("before", "after")]
        killed = [experiment(template, folder, sink, point) for point in points]
        if not any(killed):
            break


def experiment(template: Path, folder: Path, sink: str, point: Point) -> bool:
    """Kill a Wink at the point, let the next one finish, and return whether it got as far as the point at all."""
    place = folder / f"{folder.name}-{point.moment}-{point.commit}"
    shutil.copytree(template, place)
    status = in_child(lambda: live_until(place, sink, point))
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    in_child(lambda: go_on(place, killed=killed))
    return killed


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


def settings(place: Path) -> Settings:
    return Settings.load({}, place, data=place, allow_private_addresses="127.0.0.1/32")


def prepare(place: Path, steps: str) -> None:
    with build(settings(place)) as engine:
        made = create(engine, TriggerSpec(name="crash"))
        put(engine, "crash", f"name: Crash\non: {{trigger: crash}}\nsteps:\n{steps}")
        (place / "trigger").write_text(f"{made.trigger.path} {made.api_key}")


def live_until(place: Path, sink: str, point: Point) -> None:
    """Receive one event and run it, until a commit is one too many."""
    with build(settings(place)) as engine:
        die_at(engine, point)
        path, key = (place / "trigger").read_text().split()
        body = json.dumps({"to": f"{sink}/{place.name}"}).encode()
        headers = {"content-type": ("application/json",), "x-api-key": (key,)}
        reply = receive(engine, path, Request("POST", "", headers, body, len(body), "127.0.0.1"))
        if reply.status == 202:
            (place / "draft").write_bytes(reply.body or b"")
            (place / "draft").replace(place / "acknowledged")  # whole or not at all: a kill may come in between
        wait_for_runs(engine, [])


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


def go_on(place: Path, *, killed: bool) -> None:
    """Start again, let everything end, and write down how it stands."""
    file = place / "acknowledged"
    acknowledged = json.loads(file.read_bytes())["events"] if file.exists() else []
    with build(settings(place)) as engine:
        outcomes = wait_for_runs(engine, acknowledged)
        found = engine.store.read(check.check_ledger, engine.clock.now())
    line = {"name": place.name, "killed": killed, "acknowledged": acknowledged}
    sys.stdout.write(json.dumps({**line, "outcomes": outcomes, "findings": found.findings}) + "\n")


def wait_for_runs(engine: Engine, event_ids: list[str]) -> dict[str, str]:
    """Return how the runs of all events ended, by event; those of the given ones have to be there."""
    deadline, pause = monotonic() + PATIENCE, Event()
    while monotonic() < deadline:
        unmatched, outcomes = engine.store.read(standing)
        if not unmatched and outcomes.keys() >= set(event_ids) and STANDING.isdisjoint(outcomes.values()):
            return outcomes
        pause.wait(0.01)
    raise TimeoutError(f"the runs of {event_ids} did not end")


def standing(connection: Connection) -> tuple[bool, dict[str, str]]:
    """Return whether an event waits to be matched, and the outcome of each run by its event."""
    waiting = connection.scalar(select(tables.events.c.id).where(tables.events.c.matched_at.is_(None)))
    runs = connection.execute(select(tables.runs.c.event_id, tables.runs.c.outcome))
    return waiting is not None, {row.event_id: row.outcome for row in runs}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
