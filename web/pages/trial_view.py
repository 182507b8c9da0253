"""What became of a test event, as four ticks: received, parsed, matched, run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from engine.definitions.connector import Connector
from engine.errors import NotFound
from engine.path.shown import Shown
from engine.runtime import Engine
from engine.store import show
from engine.store.rows import Delivery
from engine.store.show import EventHistory
from engine.words import TRIGGER, UNFINISHED, Answer, Outcome, Verdict
from web.pages.reason_words import told, words_of

#: Events of one delivery that are looked at.
MOST_EVENTS = 20

#: What to send: the newest sample of the trigger, else one of the connector's by its type.
LAST = "last sample"


@dataclass(frozen=True, slots=True)
class Tick:
    """One stage; tone: good, bad, attention, active (not decided yet) or quiet (not reached)."""

    name: str
    tone: str
    words: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class TrialView:
    """A test event, and what can be sent."""

    #: Id of the delivery that was sent; empty before.
    sent: str
    ticks: Sequence[Tick]
    #: Pairs of what to send and its words.
    choices: Sequence[tuple[str, str]]
    chosen: str
    problem: str

    @property
    def settled(self) -> bool:
        """Whether nothing can change any more."""
        return all(tick.tone != "active" for tick in self.ticks)


def trial_view(
    engine: Engine, shown: Shown, asked: Mapping[str, str], *, has_sample: bool, problem: str = ""
) -> TrialView:
    """Return the view; asked: ``sent``, the delivery to tell about, and ``what`` was chosen to be sent."""
    choices = list(_choices(engine.connectors.get(shown.trigger.connector), has_sample=has_sample))
    chosen = asked.get("what") or (choices[0][0] if choices else "")
    sent = asked.get("sent", "")
    return TrialView(sent, ticks_of(engine, shown, sent), choices, chosen, problem)


def ticks_of(engine: Engine, shown: Shown, sent: str) -> Sequence[Tick]:
    """Return the four stages of a delivery of the trigger; none where there is no such delivery."""
    try:
        delivery = engine.store.read(show.delivery, sent) if sent else None
    except NotFound:
        return ()
    if delivery is None or delivery.trigger_id != shown.trigger.id:
        return ()
    ids = engine.store.read(show.event_ids_of, delivery.id)
    found = [engine.store.read(show.event_history, event_id) for event_id in islice(ids, MOST_EVENTS)]
    return list(_ticks(shown, delivery, found))


def _choices(connector: Connector | None, *, has_sample: bool) -> Iterator[tuple[str, str]]:
    if has_sample:
        yield LAST, "The last sample"
    for name, kind in connector.manifest.types.items() if connector else ():
        if kind.sample:
            yield name, f"{kind.title} ({name})"


def _ticks(shown: Shown, delivery: Delivery, found: Sequence[EventHistory]) -> Iterator[Tick]:
    refused = delivery.verdict is Verdict.REJECTED
    words = f"answered {delivery.status}"
    if refused:
        why, detail = told(delivery.reason, delivery.detail, shown.way.kinds if shown.way else ())
        words = f"refused with {delivery.status}: {why}" + (f" ({detail})" if detail else "")
    yield Tick("Received", "bad" if refused else "good", words, f"/deliveries/{delivery.id}")
    if refused or not found:
        why = "" if refused else f"no new event: {words_of(delivery.reason)}"
        yield Tick("Parsed", "quiet" if refused else "attention", why)
        yield from (Tick(name, "quiet", "") for name in ("Matched", "Run"))
        return
    types = ", ".join(dict.fromkeys(history.event.type for history in found))
    yield Tick("Parsed", "good", types, f"/events/{found[0].event.id}")
    yield _matched(delivery, found)
    yield _run(found)


def _matched(delivery: Delivery, found: Sequence[EventHistory]) -> Tick:
    answers = list(chain.from_iterable(history.matches for history in found))
    yes = [match for match in answers if match.workflow != TRIGGER and match.answer is Answer.YES]
    if delivery.verdict is Verdict.SAMPLED:
        return Tick("Matched", "quiet", "taken as a sample, which starts nothing: Apply publishes the trigger")
    if yes:
        names = ", ".join(dict.fromkeys(match.workflow for match in yes))
        return Tick("Matched", "good", f"{names}{' (held)' if any(match.held for match in yes) else ''}")
    if any(history.event.matched_at is None for history in found):
        return Tick("Matched", "active", "the workflows are being asked")
    own = next((match for match in answers if match.workflow == TRIGGER and match.answer is not Answer.YES), None)
    if own is not None:
        return Tick("Matched", "attention", f"the condition says {own.answer}", f"/events/{own.event_id}")
    if any(match.workflow != TRIGGER for match in answers):
        return Tick("Matched", "attention", "every workflow said no or unknown", f"/events/{found[0].event.id}")
    return Tick("Matched", "attention", "no workflow waits for the events of this trigger yet", "/workflows")


def _run(found: Sequence[EventHistory]) -> Tick:
    runs = list(chain.from_iterable(history.runs for history in found))
    if not runs:
        waits = any(history.event.matched_at is None for history in found)
        return Tick("Run", "active" if waits else "quiet", "")
    link = f"/runs/{runs[0].id}"
    words = ", ".join(f"{run.workflow} {run.outcome}" for run in runs)
    if any(run.outcome in UNFINISHED for run in runs):
        waiting = all(run.outcome in {Outcome.WAITING, Outcome.INTERRUPTED} for run in runs if run.finished_at is None)
        return Tick("Run", "attention" if waiting else "active", words, link)
    return Tick("Run", "good" if all(run.outcome is Outcome.SUCCEEDED for run in runs) else "bad", words, link)
