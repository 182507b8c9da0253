"""The ledger: deliveries and their events, written in one transaction, and what was only counted."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Table, and_, column, func, insert, literal, select, values

from engine.store import bulk, database
from engine.store.rows import Delivery, Event
from engine.store.tables import deliveries, event_keys, events, samples, signatures, tallies
from engine.words import Reason, Verdict

#: Where an event is read from: its data may be the body of its delivery.
EVENT_SOURCE = events.join(deliveries, deliveries.c.id == events.c.delivery_id)

#: The columns of :class:`engine.store.rows.Event`.
EVENT_COLUMNS = (
    *(column for column in events.c if column.name not in {"data", "starts"}),
    func.coalesce(events.c.data, deliveries.c.body).label("data"),
)

#: How many bytes of data it has.
OCTETS = func.coalesce(func.length(events.c.data), deliveries.c.size).label("octets")

#: (trigger id, event key) or (end of its window, trigger id, signature digest).
Key = tuple[object, ...]


class Fate(NamedTuple):
    """What is to become of an event.

    held: why its runs wait for a person; starts: False for a sample that starts nothing and takes no key; asks: False
    when nobody is to be asked about it.
    """

    held: Reason | None = None
    starts: bool = True
    asks: bool = True


class NewEvent(NamedTuple):
    """An event as a delivery brings it.

    key: the vendor's id, or None; data: JSON, or None when the delivery's body is it, byte for byte.
    """

    id: str
    key: str | None
    type: str
    source: str
    time: datetime
    data: bytes | None
    fate: Fate = Fate()


class Arrival(NamedTuple):
    """A delivery to write down.

    digest: SHA-256 of what was signed, kept until expires_at, where the proof signs a time; sample: its events
    are kept as samples.
    """

    delivery: Delivery
    events: tuple[NewEvent, ...] = ()
    digest: bytes | None = None
    expires_at: datetime | None = None
    sample: bool = False


class Recorded(NamedTuple):
    """What was written: the verdict may have become ``duplicate``, and then the ids are those of the first events."""

    verdict: Verdict
    reason: Reason
    event_ids: tuple[str, ...]
    fresh: tuple[NewEvent, ...] = ()


class Tally(NamedTuple):
    """Something that is counted and not kept; an empty trigger id stands for unknown addresses."""

    trigger_id: str
    hour: datetime
    verdict: Verdict
    reason: Reason


def record_arrivals(connection: Connection, arrivals: Sequence[Arrival]) -> list[Recorded]:
    """Write deliveries with their events; the second of a signature or an event key becomes a duplicate."""
    settled = settle(connection, arrivals)
    bulk.insert_rows(connection, deliveries, [row for row, _ in settled])
    return [recorded for _, recorded in settled]


def settle(connection: Connection, arrivals: Sequence[Arrival]) -> list[tuple[Delivery, Recorded]]:
    """Write the events of deliveries, and return what these are then: a second one is a duplicate."""
    replays = _claim_signatures(connection, arrivals)
    owners = _claim_keys(connection, [a for a in arrivals if a.delivery.id not in replays])
    fresh = {a.delivery.id: () if a.delivery.id in replays else _fresh(a, owners) for a in arrivals}
    _insert_events(connection, arrivals, fresh)
    firsts = _Firsts(connection, replays, owners)
    return [_settle(a, fresh[a.delivery.id], firsts) for a in arrivals]


def events_of(connection: Connection, event_ids: Collection[str]) -> dict[str, Event]:
    """Return the events with those ids: {id: event}."""
    wanted = select(*EVENT_COLUMNS).select_from(EVENT_SOURCE).where(events.c.id.in_(event_ids))
    return {row["id"]: Event(**row) for row in connection.execute(wanted).mappings()}


def heads_of(connection: Connection, event_ids: Collection[str]) -> dict[str, Event]:
    """Return the events with those ids without their data, which is empty here: {id: event}."""
    columns = [column for column in EVENT_COLUMNS if column.name != "data"]
    wanted = select(*columns, literal(b"").label("data")).select_from(events).where(events.c.id.in_(event_ids))
    return {row["id"]: Event(**row) for row in connection.execute(wanted).mappings()}


def octets_of(connection: Connection, event_ids: Collection[str]) -> dict[str, int]:
    """Return how many bytes of data the events have, without reading these: {id: number}."""
    wanted = select(events.c.id, OCTETS).select_from(EVENT_SOURCE).where(events.c.id.in_(event_ids))
    return {row.id: row.octets for row in connection.execute(wanted)}


def count(connection: Connection, tallied: Sequence[Tally]) -> list[None]:
    """Add one to each tally."""
    add(connection, [Counter(tallied)])
    return [None] * len(tallied)


def add(connection: Connection, counted: Sequence[Mapping[Tally, int]]) -> list[None]:
    """Add to each tally what was counted of it: {tally: number}."""
    total: Counter[Tally] = Counter()
    for numbers in counted:
        total.update(numbers)
    rows = [
        {"trigger_id": t.trigger_id, "hour": t.hour, "verdict": t.verdict, "reason": t.reason, "count": number}
        for t, number in sorted(total.items())  # sorted, so that two processes never wait for each other
    ]
    statement = database.insert(connection, tallies)
    statement = statement.on_conflict_do_update(
        index_elements=list(tallies.primary_key), set_={"count": tallies.c.count + statement.excluded.count}
    )
    connection.execute(statement, rows)
    return [None] * len(counted)


def _claim_signatures(connection: Connection, arrivals: Sequence[Arrival]) -> Mapping[str, str]:
    """Return for each replayed delivery the one that its signature was first accepted with."""
    signed = [(a.expires_at, a.delivery.trigger_id, a.digest, a.delivery.id) for a in arrivals if a.digest is not None]
    owners = _claim(connection, signatures, signed)
    firsts = ((delivery_id, owners.get(tuple(key), delivery_id)) for *key, delivery_id in signed) if owners else ()
    return {replay: first for replay, first in firsts if replay != first}


def _claim_keys(connection: Connection, arrivals: Sequence[Arrival]) -> Mapping[Key, str]:
    """Return for the event keys of the deliveries who owns each; nothing where all of them were free."""
    keys = [
        (a.delivery.trigger_id, e.key, e.id) for a in arrivals for e in a.events if e.key is not None and e.fate.starts
    ]
    return _claim(connection, event_keys, keys)


def _claim(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> dict[Key, str]:
    """Insert each row whose key is free, and return who owns each key; nothing where all of them were free.

    rows: the columns of a key, and last its owner. Twins in one batch are settled by order. Rows
    are sorted, so that two processes never wait for each other.
    """
    wanted = {row[:-1]: row for row in reversed(rows)}
    inserted = bulk.insert_rows(connection, table, [wanted[key] for key in sorted(wanted)], "ON CONFLICT DO NOTHING")
    if inserted == len(rows):
        return {}
    owners = {key: row[-1] for key, row in wanted.items()}
    if inserted < len(wanted):
        owners |= _owners(connection, table, list(wanted))
    return owners  # type: ignore[return-value]


def _owners(connection: Connection, table: Table, keys: Sequence[Key]) -> Iterator[tuple[Key, str]]:
    """Yield those of the keys that are taken, with their owners.

    They are joined, because SQLite looks through all of a table for a list of pairs.
    """
    columns = list(table.primary_key)
    for part in bulk.parts(keys):
        wanted = values(*(column(each.name, each.type) for each in columns)).data(part).cte()
        same = and_(*(each == wanted.c[each.name] for each in columns))
        for *key, owner in connection.execute(select(table).join(wanted, same)):
            yield tuple(key), owner


def _fresh(arrival: Arrival, owners: Mapping[Key, str]) -> tuple[NewEvent, ...]:
    if not owners:
        return arrival.events
    return tuple([event for event in arrival.events if _owner(arrival, event, owners) == event.id])


def _owner(arrival: Arrival, event: NewEvent, owners: Mapping[Key, str]) -> str:
    """Return the id of the event that has this one's key; its own where it takes none."""
    if event.key is None or not event.fate.starts:
        return event.id
    return owners.get((arrival.delivery.trigger_id, event.key), event.id)


def _insert_events(
    connection: Connection, arrivals: Sequence[Arrival], fresh: Mapping[str, tuple[NewEvent, ...]]
) -> None:
    rows = [_event_values(a.delivery, event) for a in arrivals for event in fresh[a.delivery.id]]
    bulk.insert_rows(connection, events, rows)
    kept = [
        {"event_id": e.id, "trigger_id": a.delivery.trigger_id, "captured_at": a.delivery.received_at}
        for a in arrivals
        if a.sample
        for e in fresh[a.delivery.id]
    ]
    if kept:
        connection.execute(insert(samples), kept)


class _Firsts:
    """Looks up what a duplicate repeats; nothing is asked unless there is a duplicate."""

    def __init__(self, connection: Connection, replays: Mapping[str, str], owners: Mapping[Key, str]) -> None:
        self._connection = connection
        self._replays = replays
        self._owners = owners

    def of_replay(self, delivery_id: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the first delivery with that signature and its events, or None when this is no replay."""
        first = self._replays.get(delivery_id)
        if first is None:
            return None
        found = select(events.c.id).where(events.c.delivery_id == first).order_by(events.c.id)
        return first, tuple(self._connection.scalars(found))

    def event_ids(self, arrival: Arrival) -> tuple[str, ...]:
        """Return the ids of the delivery's events, an earlier event's where its key was taken."""
        return tuple([_owner(arrival, event, self._owners) for event in arrival.events])

    def delivery_of(self, event_id: str) -> str | None:
        """Return the delivery that brought the event; None when retention has taken it."""
        return self._connection.scalar(select(events.c.delivery_id).where(events.c.id == event_id))


def _settle(arrival: Arrival, fresh: tuple[NewEvent, ...], firsts: _Firsts) -> tuple[Delivery, Recorded]:
    row = arrival.delivery
    if replayed := firsts.of_replay(row.id):
        first, event_ids = replayed
        return _duplicate(row, first, Reason.SIGNATURE_SEEN, event_ids)
    event_ids = firsts.event_ids(arrival)
    if arrival.events and not fresh:
        first_delivery = firsts.delivery_of(event_ids[0])
        return _duplicate(row, first_delivery, Reason.EVENT_SEEN, event_ids)
    if row.event_count != len(fresh):
        row = row._replace(event_count=len(fresh))
    return row, Recorded(row.verdict, row.reason, event_ids, fresh)


def _duplicate(
    row: Delivery, first: str | None, reason: Reason, event_ids: tuple[str, ...]
) -> tuple[Delivery, Recorded]:
    row = row._replace(verdict=Verdict.DUPLICATE, reason=reason, duplicate_of=first, event_count=0)
    return row, Recorded(row.verdict, row.reason, event_ids)


def _event_values(delivery: Delivery, event: NewEvent) -> tuple[object, ...]:
    """Return the event's values in the order of the table's columns."""
    return (
        event.id,
        delivery.trigger_id,
        delivery.id,
        event.key,
        event.type,
        event.source,
        event.time,
        delivery.received_at,
        event.data,
        event.fate.held,
        event.fate.starts,
        None if event.fate.asks else delivery.received_at,
    )
