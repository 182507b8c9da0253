"""Which event is the last of those with one key, by the order of their trigger: one that comes then is overtaken."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.sql.selectable import Select

from engine.store import database
from engine.store.trigger_tables import latest


class Place(NamedTuple):
    """Where an event stands: among those with its key, and how late."""

    trigger_id: str
    key: str
    position: float


def overtaken(connection: Connection, places: Mapping[str, Place]) -> dict[str, str]:
    """Let events take their places; return those that come too late, each with the later one: {event id: event id}.

    In the order of the keys, so that two processes never wait for each other.
    """
    in_order = sorted(places.items(), key=lambda item: item[1][:2])
    found = {event_id: _take_place(connection, place, event_id) for event_id, place in in_order}
    return {event_id: later for event_id, later in found.items() if later is not None}


def _take_place(connection: Connection, place: Place, event_id: str) -> str | None:
    """Make an event the last one with its key; where a later one is there already, return that one's id.

    Whoever comes second waits for the row, so that of two processes one is after the other.
    """
    statement = database.insert(connection, latest).values({**place._asdict(), "event_id": event_id})
    new = statement.excluded
    taking = statement.on_conflict_do_update(
        index_elements=list(latest.primary_key),
        set_={"position": new.position, "event_id": new.event_id},
        where=latest.c.position <= new.position,
    )
    if connection.scalar(taking.returning(latest.c.event_id)) is not None:
        return None
    same = latest.c.trigger_id == place.trigger_id, latest.c.key == place.key
    return connection.scalar(select(latest.c.event_id).where(*same))


def forget(connection: Connection, event_ids: Select[tuple[str]]) -> None:
    """Forget the places of events that are forgotten."""
    connection.execute(delete(latest).where(latest.c.event_id.in_(event_ids)))
