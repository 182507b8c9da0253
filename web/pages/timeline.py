"""The steps of a run as a timeline: how deep each lies, and where its bar begins and ends. Pure: no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine import json_bytes
from engine.clock import parse_time
from engine.language.values import shorten
from engine.store.rows import Entry, Run
from web.pages.lengths import in_words
from web.pages.payload import Payload

#: Units of the whole width of a timeline, and of the thinnest bar that can be seen.
WIDTH, THINNEST = 1000.0, 6.0

#: Levels that are indented; what lies deeper stands below the deepest of them.
DEEPEST = 6

#: Characters of a case that are shown.
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: where it lies, and how long it took."""

    entry: Entry
    #: The path before the step's own name, and that name.
    above: str
    name: str
    depth: int
    x: float
    width: float
    took: str
    #: What was decided before it began, in a few words: which case was taken, how many turns there are.
    decided: str
    #: Whether an earlier run did it, and this one took it over.
    taken_over: bool
    input: Payload | None
    output: Payload | None
    #: What people said after a crash about whether it happened: ``{decision, by, at}``, in order.
    resolutions: Sequence[Mapping[str, object]]


def timeline(run: Run, entries: Sequence[Entry], now: datetime) -> list[Bar]:
    """Return the bars of steps; what has not ended goes on until now."""
    start = run.started_at or run.queued_at
    whole = max((run.finished_at or now) - start, timedelta(microseconds=1))
    return [_bar(run, entry, start, whole, now) for entry in entries]


def _bar(run: Run, entry: Entry, start: datetime, whole: timedelta, now: datetime) -> Bar:
    above, slash, name = entry.path.rpartition("/")
    begun, ended = entry.started_at, entry.finished_at or run.finished_at or now
    left = min(max((begun - start) / whole, 0.0), 1.0)
    right = min(max((ended - start) / whole, left), 1.0)
    width = max((right - left) * WIDTH, THINNEST)
    taken_over = begun < run.queued_at
    return Bar(
        entry,
        above + slash,
        name,
        min(entry.path.count("/") + entry.path.count("["), DEEPEST),
        round(min(left * WIDTH, WIDTH - width), 1),
        round(width, 1),
        in_words(ended - begun),
        _decided(entry),
        taken_over,
        None if entry.input is None else Payload.of_value(entry.input),
        None if entry.output is None else Payload.of_value(entry.output),
        [{**said, "at": parse_time(str(said["at"]))} for said in entry.resolutions or ()],
    )


def _decided(entry: Entry) -> str:
    """Return what the journal says was decided about a step that is made of others; nothing of an action's use."""
    given = entry.input
    if entry.uses is not None or not isinstance(given, Mapping):
        return ""
    if "case" in given:
        return f"case {shorten(json_bytes.dump(given['case']).decode(), _LONGEST)}"
    if "turns" in given:
        return _turns(given["turns"])
    if given.keys() == {"why"}:
        return "no case"
    items = given.get("items")
    return _turns(len(items)) if isinstance(items, list) else str(given.get("branch", ""))


def _turns(count: int) -> str:
    return "1 turn" if count == 1 else f"{count} turns"
