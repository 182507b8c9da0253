"""Enter a secret that proves what is sealed, and be killed at each commit of it; then let the next Wink go on.

A program of its own, FOLDER DATABASE: it writes a JSON line for each point. Every point has its own trigger.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from engine import app
from engine.app import build
from engine.path.late_proof import prove_again
from engine.path.setup import delete
from engine.path.shown import show
from engine.path.trigger_secrets import rotate
from engine.runtime import Engine
from engine.store import check, ledger, sealed, search
from engine.store.search import EventFilter, Span
from tests.crash.laboratory import Point, die_at, in_child, settings
from tests.engines import runs_of, workflow
from tests.sealing import NEW, post, scan, sealing

#: Small, so that there are commits between portions.
PORTION = 2

#: The secret, three portions, and what is matched and run meanwhile.
COMMITS = 7

TEXT = "name: Sealed\non: {{trigger: {0}}}\nsteps: [{{id: say, uses: core.log, with: {{message: hello}}}}]\n"

FORGED = "bl_secret_of_somebody_else"


def enter(engine: Engine, point: Point) -> None:
    """Seal deliveries, also forged ones and attempts of one event, and enter the secret of the others."""
    name = point.name
    sealing(engine, name=name)
    workflow(engine, TEXT.format(name), name)
    for number, secret, shift in ((1, NEW, 0), (2, NEW, 0), (8, FORGED, 0), (1, NEW, 1), (3, NEW, 0), (9, FORGED, 0)):
        post(engine, scan(number), secret, name=name, shift=shift)
    die_at(engine, point)
    rotate(engine, name, overlap=timedelta(), given=NEW)
    for event_id in events_of(engine, name):
        runs_of(engine, event_id)


def go_on(engine: Engine, point: Point, *, killed: bool) -> None:
    """Do what the dead one had left, enter the secret again where that was lost, and write down how it stands."""
    trigger_id = show(engine, point.name).trigger.id
    prove_again(engine, trigger_id)
    if not events_of(engine, point.name):
        rotate(engine, point.name, overlap=timedelta(), given=NEW)
    ids = events_of(engine, point.name)
    runs = [len(runs_of(engine, event_id)) for event_id in ids]
    found = engine.store.read(ledger.events_of, ids)
    line = {
        "name": point.name,
        "killed": killed,
        "scans": [json.loads(found[event_id].data)["data"]["id"] for event_id in ids],
        "runs": runs,
        "sealed": engine.store.read(sealed.count_sealed)[trigger_id].number,
        "findings": dict(engine.store.read(check.check_ledger, engine.clock.now()).findings),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    delete(engine, point.name)  # else every start would prove its forged ones again


def events_of(engine: Engine, name: str) -> list[str]:
    """Return the ids of the trigger's events, in order."""
    which = EventFilter(trigger_id=show(engine, name).trigger.id)
    return [line.id for line in reversed(engine.store.read(search.list_events, which, Span()).items)]


def main(place: Path, database_url: str) -> None:
    app.read_connectors = cache(app.read_connectors)  # of a start, it takes the longest
    app.read_connectors(app.CONNECTORS)
    sealed.PORTION = PORTION
    gc.freeze()
    for point in (Point(commit, moment) for commit in range(1, COMMITS + 1) for moment in ("before", "after")):
        status = in_child(partial(built, place, database_url, partial(enter, point=point)))
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        in_child(partial(built, place, database_url, partial(go_on, point=point, killed=killed)))


def built(place: Path, database_url: str, deed: Callable[[Engine], None]) -> None:
    with build(settings(place, database_url=database_url)) as engine:
        deed(engine)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
