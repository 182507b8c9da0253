"""``/``: what came in and what became of it in the last 24 hours, and what waits for a person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from engine.path.shown import shown
from engine.runtime import Engine
from engine.store import approvals, held, overview, sealed, search, triggers
from engine.store.approvals import Asked
from engine.store.overview import HOUR, MOST, Hour, Length
from engine.store.rows import Trigger
from engine.store.search import Page, RunFilter, RunLine, Span
from engine.words import UNFINISHED, Outcome, TriggerState, Verdict
from web.context import the_engine
from web.pages.charts import Chart, chart
from web.pages.door import page
from web.pages.filters import is_part
from web.pages.lengths import in_words
from web.pages.reason_words import REASONS, SENTENCES

#: Hours that are shown, the present one included.
HOURS = 24

#: Runs whose length is looked at: so many of each hour, and so many of the last two.
_OF_EACH, _OF_LAST = 40, 500

#: Things of one kind that wait and are listed; of more it is said that there are.
_LISTED = 20

#: How long what is over is taken for what it was, and how many rows may then be counted again for one page.
_REMEMBERED = timedelta(minutes=1)
_AGAIN = 20_000


@dataclass(frozen=True, slots=True)
class Took:
    """How long it takes from receipt to the end of the run: half of them, and 99 of 100, are not slower."""

    label: str
    half: str | None
    nearly_all: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What goes on when a person decides, or when its time comes."""

    #: Event and workflow of answers that are held.
    held: Sequence[tuple[str, str]]
    interrupted: Page[RunLine]
    waiting: Page[RunLine]
    #: What people are asked, oldest first.
    approvals: Sequence[Asked]


@dataclass(frozen=True, slots=True)
class Known:
    """An hour as it was when it was read, with how long runs of it took."""

    read_at: datetime
    hour: Hour
    lengths: Sequence[Length]

    @property
    def rows(self) -> int:
        """About how many rows are counted to read it again."""
        return sum(self.hour.deliveries.values()) + 2 * self.hour.events + sum(self.hour.runs.values())


class Past:
    """Remembers the hours that are over; they are read again after a while, as a run of theirs may end late.

    Not all at once where much happened, so that no page waits for it: those first that were read first.
    """

    def __init__(self) -> None:
        self._known: Mapping[datetime, Known] = {}

    def read(self, engine: Engine, starts: Sequence[datetime]) -> tuple[Sequence[Hour], Sequence[Length]]:
        """Return the hours that start then, and how long runs of theirs took."""
        now = engine.clock.now()
        known = {start: self._known[start] for start in starts if start in self._known}
        if asked := [start for start in starts if start not in known] + _due(known, now):
            found = engine.store.read(overview.hours, asked)
            lengths = engine.store.read(overview.lengths, found, _OF_EACH)
            for hour in found:
                known[hour.start] = Known(now, hour, [each for each in lengths if each.hour == hour.start])
            self._known = known
        return [known[start].hour for start in starts], [each for start in starts for each in known[start].lengths]


def _due(known: Mapping[datetime, Known], now: datetime) -> list[datetime]:
    """Return which hours to read again, those first that were read first: at least one, where one is due."""
    oldest = sorted(known.values(), key=lambda each: each.read_at)
    due: list[datetime] = []
    rows = 0
    for each in oldest:
        rows += each.rows
        if now - each.read_at < _REMEMBERED or (due and rows > _AGAIN):
            break
        due.append(each.hour.start)
    return due


def build_overview() -> Blueprint:
    """Return the page, with a memory of its own."""
    overview_page, past = Blueprint("overview_page", __name__), Past()

    @overview_page.get("/")
    def show() -> Response:
        """Show what happened, and what somebody has to look after."""
        engine = the_engine()
        rows = engine.store.read(triggers.all_of)
        if not rows:
            return page("overview/first.html", here="Overview")
        return page(
            "overview/numbers.html" if is_part("numbers") else "overview/overview.html",
            here="Overview",
            waiting=_waiting(engine),
            attention=_attention(engine, rows),
            listed=_LISTED,
            **_numbers(engine, past, [row.id for row in rows]),
        )

    return overview_page


def _numbers(engine: Engine, past: Past, trigger_ids: Sequence[str]) -> dict[str, Any]:
    now = engine.clock.now()
    *over, present = _starts(now)
    before, each = past.read(engine, over)
    found = [*before, *engine.store.read(overview.hours, [present])]
    last = engine.store.read(overview.lengths, found[-2:], _OF_LAST)
    refused = engine.store.read(overview.refusals, found[0].start, now + HOUR, trigger_ids)
    kept = _total(hour.deliveries for hour in found)
    newest = [length for length in last if length.hour == present]
    return {
        "charts": _charts(found),
        "received": sum(kept.values()) - kept[Verdict.REJECTED] + sum(refused.values()),
        "refused": refused,
        "reasons": REASONS,
        "sentences": SENTENCES,
        "matched": sum(hour.matched for hour in found),
        "events": sum(hour.events for hour in found),
        "outcomes": _total(hour.runs for hour in found),
        "took": [
            _percentiles("last hour", [length for length in last if length.finished_at >= now - HOUR]),
            _percentiles(f"last {HOURS} hours", [*each, *newest]),
        ],
        "most": MOST,
    }


def _starts(now: datetime) -> list[datetime]:
    """Return the starts of the hours, oldest first."""
    present = now.replace(minute=0, second=0, microsecond=0)
    return [present - HOUR * number for number in reversed(range(HOURS))]


def _total(numbers: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for each in numbers:
        total.update(each)
    return total


def _charts(found: Sequence[Hour]) -> list[Chart]:
    starts = [hour.start for hour in found]
    verdicts = {word: [hour.deliveries[word] for hour in found] for word in Verdict}
    others = [Verdict.DUPLICATE, Verdict.HANDSHAKE, Verdict.SAMPLED, Verdict.QUARANTINED]
    unfinished = [sum(hour.runs[word] for word in UNFINISHED) for hour in found]
    ended = [sum(hour.runs.values()) for hour in found]
    good, bad = ([hour.runs[word] for hour in found] for word in (Outcome.SUCCEEDED, Outcome.FAILED))
    return [
        chart(
            "Deliveries",
            starts,
            {
                ("Accepted", "good"): verdicts[Verdict.ACCEPTED],
                ("Other", "quiet"): [
                    sum(numbers) for numbers in zip(*(verdicts[word] for word in others), strict=True)
                ],
                ("Rejected", "bad"): verdicts[Verdict.REJECTED],
            },
        ),
        chart(
            "Events",
            starts,
            {
                ("Matched", "good"): [hour.matched for hour in found],
                ("Not matched", "quiet"): [max(hour.events - hour.matched, 0) for hour in found],
            },
        ),
        chart(
            "Runs",
            starts,
            {
                ("Succeeded", "good"): good,
                ("Not finished", "active"): unfinished,
                ("Other", "quiet"): [a - b - c - d for a, b, c, d in zip(ended, good, bad, unfinished, strict=True)],
                ("Failed", "bad"): bad,
            },
        ),
    ]


def _percentiles(label: str, lengths: Sequence[Length]) -> Took:
    if not lengths:
        return Took(label, None, None)
    return Took(label, in_words(percentile(lengths, 0.5)), in_words(percentile(lengths, 0.99)))


def percentile(lengths: Sequence[Length], share: float) -> timedelta:
    """Return the length that this share of the runs does not exceed, each counted for as many as it stands for."""
    ordered = sorted(lengths, key=lambda each: each.took)
    left = share * sum(each.weight for each in ordered)
    for each in ordered:
        left -= each.weight
        if left <= 0:
            return each.took
    return ordered[-1].took


def _waiting(engine: Engine) -> Waiting:
    some = Span(limit=_LISTED)
    return Waiting(
        engine.store.read(held.newest, _LISTED + 1),
        engine.store.read(search.list_runs, RunFilter(outcome=Outcome.INTERRUPTED), some),
        engine.store.read(search.list_runs, RunFilter(outcome=Outcome.WAITING), some),
        engine.store.read(approvals.open_ones, _LISTED),
    )


def _attention(engine: Engine, rows: Sequence[Trigger]) -> list[tuple[Trigger, str]]:
    """Return the triggers that cannot do their work, each with the reason."""
    found, broken, kept = [], engine.published.now().broken, engine.store.read(sealed.count_sealed)
    for row in rows:
        if row.path in broken:
            found.append((row, broken[row.path]))
            continue
        seen = shown(engine, row)
        if seen.state is TriggerState.NEEDS_SECRET:
            found.append((row, "It has no secret yet, so that every delivery is refused: paste the vendor's secret."))
        elif row.id in kept:
            number = kept[row.id].number
            words = f"Sealed deliveries: {number}. If the vendor made a new secret, enter it, and what is genuine runs."
            found.append((row, words))
        elif seen.silent_since is not None:
            found.append((row, f"It is silent: nothing was taken for longer than {row.silence}."))
    return found
