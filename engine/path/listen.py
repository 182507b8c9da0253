"""Listen for a sample, look at it, and make its schema the trigger's."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from engine.clock import rfc3339
from engine.definitions.inference import infer
from engine.definitions.schema import check_schema
from engine.errors import Invalid, NotFound
from engine.path.scope import parsed
from engine.runtime import Engine
from engine.store import triggers
from engine.store.rows import Event

#: Samples that a schema is inferred from: the newest ones.
SAMPLES = 50

#: Longest time to listen.
LONGEST = timedelta(hours=24)

Schema = Mapping[str, object]
#: Events with when they were captured.
Samples = Sequence[tuple[Event, datetime]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sample:
    """A captured event, and the schema that it and the others of its type suggest."""

    event: Event
    captured_at: datetime
    schema: Schema


def listen(engine: Engine, name: str, length: timedelta) -> datetime:
    """Take authentic deliveries as samples for some time, and return until when.

    Raises:
        NotFound: there is no such trigger (404).
        Invalid: nobody listens that long, or not at all (422).
    """
    if not timedelta() < length <= LONGEST:
        raise Invalid("listen for some time, at most 24h", "for")
    trigger = engine.store.read(triggers.find, name)
    until = engine.clock.now() + length
    _set(engine, trigger.id, until)
    log.info("trigger.listening", trigger=trigger.name, until=rfc3339(until))
    return until


def stop_listening(engine: Engine, name: str) -> None:
    """Take no more samples.

    Raises:
        NotFound: there is no such trigger (404).
    """
    _set(engine, engine.store.read(triggers.find, name).id, None)


def sample_of(engine: Engine, name: str) -> Sample:
    """Return the newest sample of a trigger.

    Raises:
        NotFound: there is no such trigger, or it has none yet (404).
    """
    found = _samples(engine, name)
    event, captured_at = found[0]
    return Sample(event, captured_at, suggest(found)[event.type])


def apply(engine: Engine, name: str, newest: str = "") -> Mapping[str, Schema]:
    """Make what the samples suggest the trigger's schemas, and return them: {event type: schema}.

    newest: the event id of the last sample that the person saw, where there is one: what came after it is left out.

    Raises:
        NotFound: there is no such trigger, or it has no sample yet, or not that one (404).
        Invalid: a sample makes a schema that is too large to check every event with (422).
    """
    suggested = suggest(_samples(engine, name, newest))
    for schema in suggested.values():
        check_schema(schema)
    trigger, now = engine.store.read(triggers.find, name), engine.clock.now()
    for event_type, schema in suggested.items():
        engine.store.write(triggers.add_schema, trigger.id, event_type, schema, now)
    engine.published.refresh()
    log.info("trigger.schema_applied", trigger=trigger.name, types=sorted(suggested))
    return suggested


def schemas_of(engine: Engine, name: str) -> Mapping[str, object]:
    """Return the trigger's schemas: {event type: schema}.

    Raises:
        NotFound: there is no such trigger (404).
    """
    trigger = engine.store.read(triggers.find, name)
    return engine.store.read(triggers.schemas_of).get(trigger.id, {})


def _set(engine: Engine, trigger_id: str, until: datetime | None) -> None:
    engine.store.write(triggers.change, trigger_id, {"listening_until": until}, engine.clock.now())
    engine.published.refresh()


def captured(engine: Engine, name: str, newest: str = "") -> Samples:
    """Return the samples of a trigger with when they were captured, newest first.

    newest: the event id of the first one to return; empty: whichever is the newest.

    Raises:
        NotFound: there is no such trigger (404).
    """
    return engine.store.read(triggers.samples_of, engine.store.read(triggers.find, name).id, SAMPLES, newest)


def suggest(samples: Samples) -> Mapping[str, Schema]:
    """Return the schemas that samples suggest: {event type: schema}."""
    by_type: dict[str, list[object]] = defaultdict(list)
    for event, _ in samples:
        by_type[event.type].append(parsed(event))
    return {event_type: infer(values) for event_type, values in by_type.items()}


def _samples(engine: Engine, name: str, newest: str = "") -> Samples:
    found = captured(engine, name, newest)
    if not found and newest:
        raise NotFound("the samples that you looked at are gone: look at what came in since, and apply that")
    if not found:
        raise NotFound(f"{name} has no sample yet: listen, and let the vendor send something")
    return found
