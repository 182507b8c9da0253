"""A whole engine in this process, on a folder of its own, and what tests do with it again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.app import build
from engine.path.send import Parcel, Sent, send
from engine.path.setup import create
from engine.path.shown import Shown
from engine.path.trigger_spec import TriggerSpec
from engine.path.workflows import put
from engine.runtime import Engine
from engine.settings import Settings
from engine.store import show
from engine.store.rows import Run
from engine.store.show import EventHistory
from engine.words import UNFINISHED, Outcome
from tests.serving import eventually

#: Starts with the events of the trigger ``t``, and by hand.
LOGS = """
name: Logs
on: {trigger: t, manual: true}
inputs: {asset: {type: string, default: none}}
steps:
  - {id: first, uses: core.set, with: {values: "${{ inputs }}"}}
  - {id: second, uses: core.log, with: {message: hello}}
outputs: {first: "${{ steps.first.output }}"}
"""

#: Waits for an hour, so that its run does not end by itself.
WAITS = """
name: Waits
on: {trigger: t, manual: true}
steps:
  - {id: first, uses: core.log, with: {message: hello}}
  - {id: pause, uses: core.wait, with: {for: 1h}}
"""


class MovableClock:
    """The machine's clock, which tests can move on: a clock that stands still would stop an engine's timers."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, length: timedelta) -> None:
        self._ahead += length


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Engine]:
    """Run an engine until the block ends; settings: as ``Settings.load`` takes them."""
    with build(Settings.load({}, folder, threads=2, **settings), clock=MovableClock()) as engine:
        yield engine


def trigger(engine: Engine, **fields: object) -> Shown:
    """Make a trigger, ``t`` unless it is given another name."""
    draft, secret = bool(fields.pop("draft", False)), fields.pop("secret", None)
    return create(engine, TriggerSpec(**{"name": "t", **fields}), secret=secret, draft=draft)  # type: ignore[arg-type]


def deliver(engine: Engine, body: bytes = b'{"n": 1}', name: str = "t") -> Sent:
    """Send JSON to a trigger, signed as it demands."""
    return send(engine, name, Parcel(body=body, headers={"content-type": "application/json"}))


def workflow(engine: Engine, text: str = LOGS, name: str = "w") -> str:
    """Put a workflow, and return its version."""
    return put(engine, name, text).version


def runs_of(engine: Engine, event_id: str) -> tuple[Run, ...]:
    """Return the runs of an event once its workflows were asked and each of its runs has ended."""

    def settled() -> EventHistory | None:
        history = engine.store.read(show.event_history, event_id)
        open_runs = any(run.outcome in UNFINISHED for run in history.runs)
        return None if history.event.matched_at is None or open_runs else history

    return eventually(settled).runs


def standing(engine: Engine, run_id: str, outcome: Outcome) -> Run:
    """Return a run as soon as it has that outcome."""

    def look() -> Run | None:
        run = engine.store.read(show.run, run_id)
        assert run.outcome is outcome or run.outcome in UNFINISHED, run.error
        return run if run.outcome is outcome else None

    return eventually(look)


def ended(engine: Engine, run_id: str) -> Run:
    """Return a run when it has ended."""

    def look() -> Run | None:
        run = engine.store.read(show.run, run_id)
        return run if run.finished_at is not None else None

    return eventually(look)
