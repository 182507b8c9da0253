"""Try a condition: on one event, or on the last ones that a trigger received."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import ExpressionError
from engine.language.condition import Condition, Judgement, compile_condition
from engine.path.scope import Scope, event_scope, parsed
from engine.path.trigger_spec import naming
from engine.runtime import Engine
from engine.store import ledger, search, triggers
from engine.store.rows import Event, Trigger
from engine.store.search import EventFilter, Span
from engine.words import Answer

#: Events whose data is in memory at once.
BATCH = 20

_UNREADABLE = compile_condition("null")


@dataclass(frozen=True, slots=True)
class Tried:
    """What a condition says about one event; reason: why, where it is unknown."""

    event_id: str
    answer: Answer
    reason: str | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a condition would have answered, newest event first."""

    answers: Mapping[Answer, int]
    events: Sequence[Tried]


@dataclass(frozen=True, slots=True)
class Changed:
    """An event about which a condition says something else than the one in force."""

    event: Event
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a condition would have answered, and where that is not what the one in force says, newest event first."""

    answers: Mapping[Answer, int]
    changed: Sequence[Changed]

    @property
    def total(self) -> int:
        """How many events were asked about."""
        return sum(self.answers.values())


def evaluate(engine: Engine, condition: object, event: Mapping[str, object]) -> tuple[Condition, Judgement]:
    """Ask a condition about an event as expressions see it, ``{type, data, ..}``.

    Raises:
        Invalid: the condition cannot be read; the field is ``condition`` (422).
    """
    compiled = _compiled(condition)
    return compiled, compiled.ask({"event": event, "trigger": {}}, engine.clock.now())


def backtest(engine: Engine, name: str, condition: object, last: int) -> Backtest:
    """Ask a condition about the last events of a trigger; nothing runs.

    Raises:
        NotFound: there is no such trigger (404).
        Invalid: the condition cannot be read; the field is ``condition`` (422).
    """
    compiled, trigger = _compiled(condition), engine.store.read(triggers.find, name)
    tried = [_try(engine, compiled, event, trigger) for event in _last(engine, trigger, last)]
    return Backtest(Counter(each.answer for each in tried), tried)


def compare(engine: Engine, trigger: Trigger, condition: Condition | None, last: int) -> Comparison:
    """Ask a condition about the last events of a trigger, and beside it the one in force; None says yes to all.

    A condition in force that cannot be read any more counts as unknown.
    """
    in_force, answers, changed = _in_force(trigger), Counter[Answer](), []
    for event in _last(engine, trigger, last):
        scope = event_scope(event, trigger, parsed(event))
        before, after = _answer(engine, in_force, scope), _answer(engine, condition, scope)
        answers[after] += 1
        if before is not after:
            changed.append(Changed(event._replace(data=b""), before, after))
    return Comparison(answers, changed)


def example_of(engine: Engine, trigger: Trigger) -> Event | None:
    """Return the event that shows what a condition says: the newest sample, or else the newest event."""
    samples = engine.store.read(triggers.samples_of, trigger.id, 1)
    return samples[0][0] if samples else next(_last(engine, trigger, 1), None)


def ask(engine: Engine, condition: Condition, trigger: Trigger, event: Event) -> Judgement:
    """Ask a condition about an event of a trigger, as when the event came."""
    return condition.ask(event_scope(event, trigger, parsed(event)), engine.clock.now())


def _in_force(trigger: Trigger) -> Condition | None:
    if trigger.condition is None:
        return None
    try:
        return compile_condition(trigger.condition)
    except ExpressionError:
        return _UNREADABLE


def _answer(engine: Engine, condition: Condition | None, scope: Scope) -> Answer:
    return Answer.YES if condition is None else condition.ask(scope, engine.clock.now()).answer


def _compiled(condition: object) -> Condition:
    with naming("condition"):
        return compile_condition(condition)


def _last(engine: Engine, trigger: Trigger, last: int) -> Iterator[Event]:
    page = engine.store.read(search.list_events, EventFilter(trigger_id=trigger.id), Span(limit=last))
    ids = [line.id for line in page.items]
    for start in range(0, len(ids), BATCH):
        found = engine.store.read(ledger.events_of, ids[start : start + BATCH])
        yield from (found[event_id] for event_id in ids[start : start + BATCH] if event_id in found)


def _try(engine: Engine, condition: Condition, event: Event, trigger: Trigger) -> Tried:
    judgement = ask(engine, condition, trigger, event)
    reason = judgement.explanation.to_json().get("reason")
    return Tried(event.id, judgement.answer, str(reason) if reason else None)
