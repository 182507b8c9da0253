"""Triggers, their samples and their schemas."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict, NotFound, nearest
from engine.store import changes
from engine.store.ledger import EVENT_COLUMNS, EVENT_SOURCE
from engine.store.rows import Event, Trigger
from engine.store.tables import event_keys, samples, schemas, signatures, triggers
from engine.store.trigger_tables import latest, silences


def add(connection: Connection, trigger: Trigger) -> None:
    """Write a new trigger.

    Raises:
        Conflict: its name is taken (409).
    """
    try:
        connection.execute(insert(triggers).values(trigger._asdict()))
    except IntegrityError as error:
        raise Conflict(f"there is a trigger {trigger.name!r} already: choose another name") from error
    changes.note(connection)


def find(connection: Connection, name: str) -> Trigger:
    """Return the trigger with that id or name.

    Raises:
        NotFound: there is none (404).
    """
    wanted = select(triggers).where(or_(triggers.c.id == name, triggers.c.name == name))
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no trigger {name!r}{nearest(name, connection.scalars(select(triggers.c.name)))}")
    return Trigger(**row)


def all_of(connection: Connection) -> list[Trigger]:
    """Return every trigger, by name."""
    return [Trigger(**row) for row in connection.execute(select(triggers).order_by(triggers.c.name)).mappings()]


def names_from(connection: Connection, stem: str) -> set[str]:
    """Return the names of triggers that are this slug, or this slug and a hyphen and more."""
    wanted = select(triggers.c.name).where(or_(triggers.c.name == stem, triggers.c.name.like(f"{stem}-%")))
    return set(connection.scalars(wanted))


def change(connection: Connection, trigger_id: str, values: Mapping[str, object], now: datetime) -> None:
    """Set columns of a trigger."""
    changed = update(triggers).where(triggers.c.id == trigger_id).values(**values, updated_at=now)
    connection.execute(changed)
    changes.note(connection)


def remove(connection: Connection, trigger_id: str) -> None:
    """Delete a trigger with what makes its deliveries unique; the ledger keeps what it received."""
    for table in (samples, schemas, event_keys, signatures, silences, latest):
        connection.execute(delete(table).where(table.c.trigger_id == trigger_id))
    connection.execute(delete(triggers).where(triggers.c.id == trigger_id))
    changes.note(connection)


def samples_of(connection: Connection, trigger_id: str, limit: int, newest: str = "") -> list[tuple[Event, datetime]]:
    """Return the trigger's samples with when they were captured, newest first.

    newest: the event id of the first one to return, which leaves out what came after it; none where it is no sample.
    """
    wanted = select(*EVENT_COLUMNS, samples.c.captured_at).select_from(
        EVENT_SOURCE.join(samples, samples.c.event_id == EVENT_COLUMNS[0])
    )
    of_trigger = samples.c.trigger_id == trigger_id
    place = samples.c.captured_at, samples.c.event_id
    wanted = wanted.where(of_trigger).order_by(*(column.desc() for column in place)).limit(limit)
    if newest:
        wanted = wanted.where(tuple_(*place) <= select(*place).where(of_trigger, place[1] == newest).scalar_subquery())
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    return [(Event(**row), captured_at) for row in rows for captured_at in (row.pop("captured_at"),)]


def add_schema(connection: Connection, trigger_id: str, event_type: str, schema: object, now: datetime) -> int:
    """Write the next version of the trigger's schema for an event type, and return its number."""
    last = select(func.max(schemas.c.version)).where(schemas.c.trigger_id == trigger_id, schemas.c.type == event_type)
    version = (connection.scalar(last) or 0) + 1
    row = {"trigger_id": trigger_id, "type": event_type, "version": version, "schema": schema, "created_at": now}
    connection.execute(insert(schemas).values(row))
    changes.note(connection)
    return version


def schemas_of(connection: Connection) -> Mapping[str, Mapping[str, object]]:
    """Return the newest schema of every trigger and event type: {trigger id: {type: schema}}."""
    found: dict[str, dict[str, object]] = {}
    for row in connection.execute(select(schemas).order_by(schemas.c.version)):
        found.setdefault(row.trigger_id, {})[row.type] = row.schema
    return found
