"""Try a condition: on one event, or on the last ones that a trigger received."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.language.condition import Condition, Judgement, compile_condition
from engine.path.scope import event_scope, parsed
from engine.path.trigger_spec import naming
from engine.runtime import Engine
from engine.store import ledger, search, triggers
from engine.store.rows import Event, Trigger
from engine.store.search import EventFilter, Span
from engine.words import Answer

#: Events whose data is in memory at once.
BATCH = 20


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
    judgement = condition.ask(event_scope(event, trigger, parsed(event)), engine.clock.now())
    reason = judgement.explanation.to_json().get("reason")
    return Tried(event.id, judgement.answer, str(reason) if reason else None)
