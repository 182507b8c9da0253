"""What hosts may still do by a rate that they share: a bucket for all of them, from which each takes portions.

A bucket is one moment, when it will be full again: what is taken moves it on. A row whose moment has passed says
nothing more than none does. Source: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from engine.rate import Portion, Rate
from engine.store import database
from engine.store.trigger_tables import rates


class Wanted(NamedTuple):
    """A portion that is asked for: of which bucket, by which rate, how many at most, and the host's time."""

    key: str
    rate: Rate
    most: int
    now: datetime


def take(connection: Connection, wanted: Sequence[Wanted]) -> list[Portion]:
    """Take portions, each as large as there is; by key, so that two hosts never wait for each other."""
    taken = {index: _take(connection, one) for index, one in sorted(enumerate(wanted), key=lambda item: item[1].key)}
    return [taken[index] for index in range(len(wanted))]


def _take(connection: Connection, wanted: Wanted) -> Portion:
    key, clock = wanted.key, database.lease_clock(connection, wanted.now)
    connection.execute(database.insert(connection, rates).values(key=key, full_at=clock).on_conflict_do_nothing())
    same = rates.c.key == key
    full_at, now = connection.execute(select(rates.c.full_at, clock).where(same).with_for_update()).one()
    each = wanted.rate.per / wanted.rate.count
    full_at = min(max(full_at, now), now + wanted.rate.per)  # another rate emptied it, or the clock was set back
    free = wanted.rate.per - (full_at - now)
    number = min(wanted.most, free // each)
    if number > 0:
        connection.execute(update(rates).where(same).values(full_at=full_at + number * each))
        return Portion(number)
    return Portion(0, wanted.most * each - free)


def forget(connection: Connection, now: datetime) -> None:
    """Delete the buckets that are full."""
    connection.execute(delete(rates).where(rates.c.full_at < database.lease_clock(connection, now)))
