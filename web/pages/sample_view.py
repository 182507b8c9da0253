"""What the set-up page shows of a trigger's samples: who listens, what came in, and the schema that they suggest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from engine import json_bytes
from engine.definitions.outline import Difference, Part, differences, outline, size
from engine.doctor.case import Found
from engine.path.diagnose import diagnose
from engine.path.listen import Samples, captured, suggest
from engine.path.shown import Shown
from engine.runtime import Engine
from engine.store import search, show
from engine.store.rows import Event
from engine.store.search import DeliveryFilter, DeliveryLine, Span
from engine.words import Verdict
from web.pages.payload import Payload
from web.pages.reason_words import told
from web.pages.triggers import CUSTOM

#: How long it is told what came in, and how many of it.
LATELY = timedelta(minutes=15)
MOST = 6

#: Fields of a schema that are shown as a tree, and characters of one that are shown as text.
MOST_FIELDS = 500
SHOWN_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that came in lately; words: why it was refused, else empty; detail: what they leave open.

    findings: what is wrong with its proof, of the newest one that was refused alone: each look is some work.
    """

    line: DeliveryLine
    words: str
    detail: str
    findings: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample to look at."""

    event: Event
    captured_at: datetime
    payload: Payload
    #: To copy: indented where it is JSON.
    text: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """The schema of an event type, as the samples suggest it."""

    type: str
    count: int
    part: Part
    as_tree: bool
    #: JSON Schema, indented.
    text: str
    #: What it says otherwise than the schema in force; None where none is in force.
    changes: Sequence[Difference] | None

    @property
    def in_force(self) -> bool:
        """Whether nothing would change."""
        return self.changes is not None and not self.changes


@dataclass(frozen=True, slots=True)
class SampleView:
    """The part of the page that changes while somebody listens."""

    shown: Shown
    #: What is there now, in short: the page asks for what is not this.
    token: str
    listening_until: datetime | None
    seconds_left: int
    #: Whether the time to listen is over and was not stopped.
    timed_out: bool
    arrivals: Sequence[Arrival]
    samples: Samples
    chosen: Sampled | None
    suggested: Sequence[Suggested]
    #: Event types with a schema in force that no sample is of.
    kept_types: Sequence[str]
    #: Whether the connector brings a vendor's sample; the custom one knows no vendor.
    has_own: bool
    #: Samples that came after those whose schema was applied just now.
    newer: int
    problem: str

    @property
    def open(self) -> bool:
        """Whether there is something to look at, or to do next."""
        return bool(self.listening_until or self.problem) or not self.settled

    @property
    def settled(self) -> bool:
        """Whether the schema is in force that the samples suggest."""
        return bool(self.suggested) and all(each.in_force for each in self.suggested)

    @property
    def said(self) -> str:
        """What is told to those who do not see the page change."""
        if self.listening_until and not self.arrivals:
            return "Listening for an event."
        newest = self.arrivals[0] if self.arrivals else None
        if newest is None:
            return "Nobody listens any more." if self.timed_out else ""
        return f"A delivery was refused: {newest.words}." if newest.words else f"A delivery was {newest.line.verdict}."


def token_of(engine: Engine, trigger_id: str) -> str:
    """Return what changes whenever the view would: one look into an index, for everybody who listens asks for it."""
    live, lines = engine.published.now().by_id.get(trigger_id), _lately(engine, trigger_id, 1)
    until = live.trigger.listening_until if live else None
    listening = until is not None and engine.clock.now() < until
    mark = engine.published.now().mark.decode(errors="replace")
    return sha256(f"{mark} {lines[0].id if lines else ''} {listening}".encode()).hexdigest()[:16]


def sample_view(engine: Engine, shown: Shown, chosen: str = "", *, applied: str = "", problem: str = "") -> SampleView:
    """Return the view.

    chosen: the event id of the sample to look at, else the newest; applied: that of the newest one whose schema was
    applied just now, else empty.
    """
    trigger, now = shown.trigger, engine.clock.now()
    token, samples = token_of(engine, trigger.id), captured(engine, trigger.id)
    until = trigger.listening_until
    left = until - now if until else timedelta()
    suggested = _suggested(engine, trigger.id, samples)
    connector = engine.connectors.get(trigger.connector)
    return SampleView(
        shown=shown,
        token=token,
        listening_until=until if left > timedelta() else None,
        seconds_left=max(ceil(left.total_seconds()), 0),
        timed_out=until is not None and -LATELY < left <= timedelta(),
        arrivals=_arrivals(engine, shown, _lately(engine, trigger.id, MOST)),
        samples=samples,
        chosen=_sampled(samples, chosen),
        suggested=suggested,
        kept_types=sorted(_in_force(engine, trigger.id).keys() - {each.type for each in suggested}),
        has_own=connector is not None
        and connector.name != CUSTOM
        and any(kind.sample for kind in connector.manifest.types.values()),
        newer=next((at for at, (event, _) in enumerate(samples) if event.id == applied), 0),
        problem=problem,
    )


def _lately(engine: Engine, trigger_id: str, most: int) -> Sequence[DeliveryLine]:
    span = Span(limit=most, since=engine.clock.now() - LATELY)
    return engine.store.read(search.list_deliveries, DeliveryFilter(trigger_id=trigger_id), span).items


def _arrivals(engine: Engine, shown: Shown, lines: Sequence[DeliveryLine]) -> Sequence[Arrival]:
    refused = next((line.id for line in lines if line.verdict is Verdict.REJECTED), None)
    return [_arrival(engine, shown, line, explains=line.id == refused) for line in lines]


def _arrival(engine: Engine, shown: Shown, line: DeliveryLine, *, explains: bool) -> Arrival:
    if line.verdict is not Verdict.REJECTED:
        return Arrival(line, "", "")
    delivery = engine.store.read(show.delivery, line.id)
    diagnosis = diagnose(engine, delivery) if explains else None
    findings = diagnosis.findings if diagnosis else ()
    detail = "" if findings else delivery.detail  # they say it better
    return Arrival(line, *told(line.reason, detail, shown.way.kinds if shown.way else ()), findings)


def _sampled(samples: Samples, chosen: str) -> Sampled | None:
    if not samples:
        return None
    event, at = next(((event, at) for event, at in samples if event.id == chosen), samples[0])
    payload = Payload.of_body(event.data)
    return Sampled(event, at, payload, json_bytes.indented(payload.value) if payload.is_json else payload.text)


def _suggested(engine: Engine, trigger_id: str, samples: Samples) -> Sequence[Suggested]:
    in_force, counts = _in_force(engine, trigger_id), Counter(event.type for event, _ in samples)
    return [
        _of_type(event_type, counts[event_type], schema, in_force.get(event_type))
        for event_type, schema in sorted(suggest(samples).items())
    ]


def _of_type(
    event_type: str, count: int, schema: Mapping[str, object], before: Mapping[str, object] | None
) -> Suggested:
    part = outline(schema)
    return Suggested(
        type=event_type,
        count=count,
        part=part,
        as_tree=size(part) <= MOST_FIELDS,
        text=json_bytes.indented(schema)[:SHOWN_TEXT],
        changes=None if before is None else differences(before, schema)[:MOST_FIELDS],
    )


def _in_force(engine: Engine, trigger_id: str) -> Mapping[str, Mapping[str, object]]:
    live = engine.published.now().by_id.get(trigger_id)
    found = live.schemas if live else {}
    return {name: schema for name, (schema, _) in found.items() if isinstance(schema, Mapping)}
