"""Two processes that take runs in different orders never have two of one value, and never wait for each other."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random
from threading import Lock

import psycopg
import pytest
from sqlalchemy import select

from engine.ids import new_id
from engine.store import journal, show
from engine.store.journal import Advance, Claim, Claimed, Started
from engine.store.rows import Run
from engine.store.secrets import cipher_from
from engine.store.store import Store, open_store
from engine.store.tables import runs
from engine.words import Outcome, WhenBusy
from tests.hosts.conftest import at_once
from tests.serving import eventually

VALUES, EACH = "abcd", 25

#: Runs that are asked for at once.
SOME = 6


@pytest.fixture
def store(migrated_url):
    with closing(open_store(migrated_url, cipher_from("test"))) as opened:
        yield opened


@dataclass
class Watch:
    """Which run of each value has begun and not ended, as those know who have them; and which two have at once."""

    begun: dict[str | None, str] = field(default_factory=dict)
    at_once: list[tuple[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def begins(self, claimed: Claimed) -> None:
        run, ended = claimed.run, {end.run_id for end in claimed.made_way}
        with self._lock:
            other = self.begun.get(run.runs_per)
            if other is not None and other not in ended:
                self.at_once.append((other, run.id))
            self.begun[run.runs_per] = run.id

    def ends(self, run: Run) -> None:
        with self._lock:
            if self.begun.get(run.runs_per) == run.id:
                del self.begun[run.runs_per]


def _work(watch: Watch, store: Store, ids: Sequence[str]) -> None:
    """Ask for all that is left, some at a time, and end what is had, until all has ended."""
    lots = Random(1 if ids == sorted(ids) else 2)  # noqa: S311 - what failed fails again
    while left := store.read(_unfinished):
        asked = lots.sample([id_ for id_ in ids if id_ in left], min(SOME, len(left)))
        claims = [store.submit(journal.claim, Claim(id_, datetime.now(UTC))) for id_ in asked]
        for claimed in (claim.result() for claim in claims):
            if isinstance(claimed, Claimed):
                watch.begins(claimed)
                watch.ends(claimed.run)
                now = datetime.now(UTC)
                end = Advance(claimed.run.id, claimed.run.token, Outcome.SUCCEEDED, (), finished_at=now)
                store.submit(journal.advance, end)


def _unfinished(connection):
    return set(connection.scalars(select(runs.c.id).where(runs.c.finished_at.is_(None), runs.c.runs_per.is_not(None))))


@pytest.mark.parametrize("busy", WhenBusy)
def test_two_who_ask_in_different_orders_begin_one_of_a_value_and_never_block_each_other(
    store, migrated_url, queued, busy
):
    watch, run = Watch(), queued()
    ids = [_written(store, run._replace(runs_per=value, when_busy=busy)) for value in VALUES * EACH]
    before = _deadlocks(migrated_url)

    with closing(open_store(migrated_url, cipher_from("test"))) as other:
        at_once(partial(_work, watch, store, ids), partial(_work, watch, other, ids[::-1]))

    ended = Counter(store.read(show.run, id_).outcome for id_ in ids)
    assert (watch.at_once, ended.total()) == ([], len(ids))
    assert ended[Outcome.SUCCEEDED] >= len(VALUES)
    store.close()
    _await_alone(migrated_url)
    # One that takes another's place can meet with that one's last write: the writer tries again what this broke.
    assert busy is WhenBusy.REPLACE or _deadlocks(migrated_url) == before


def _written(store, run):
    made = run._replace(id=new_id("run"))
    store.submit(journal.start_runs, Started(made)).result()
    return made.id


def _deadlocks(url):
    """Return how many there ever were in the database, which other tests had before."""
    with psycopg.connect(url, autocommit=True) as server:
        wanted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return server.execute(wanted).fetchone()[0]


def _await_alone(url):
    """Wait until all sessions have ended: by then each has told of the deadlocks that it met with."""
    with psycopg.connect(url, autocommit=True) as server:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        eventually(lambda: server.execute(others).fetchone() == (0,))
