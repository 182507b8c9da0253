"""Whoever lost the database to a Wink that must not work beside it begins nothing until it has its share again."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg
import pytest

from engine.store import presence
from engine.store.presence import LOCK, Company
from tests.engines import LOGS, runs_of
from tests.serving import eventually

#: Who holds the lock of this database, or waits for it.
LOCKS = """
SELECT pid, granted FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND objid = %s
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    for name in ("PATIENCE", "PACE", "PAUSE"):
        monkeypatch.setattr(presence, name, 0.02)


@contextmanager
def _taken_over(url: str) -> Iterator[None]:
    """Take the lock alone, as a lone Wink does, the moment when all others have lost their connections."""
    with psycopg.connect(url, autocommit=True) as lone, psycopg.connect(url, autocommit=True) as server:
        taking = Thread(target=lone.execute, args=("SELECT pg_advisory_lock(%s)", [LOCK]))
        taking.start()
        eventually(lambda: (lone.info.backend_pid, False) in server.execute(LOCKS, [LOCK]).fetchall())
        for pid in (pid for pid, granted in server.execute(LOCKS, [LOCK]).fetchall() if granted):
            server.execute("SELECT pg_terminate_backend(%s)", [pid])
        taking.join()
        yield


def _done(worker):
    """Wait until the worker has done, and written, what it was asked for."""
    done = Event()
    worker._walker._loop.call(done.set)
    assert done.wait(5)
    worker.engine.store.write(lambda _: None)


def test_a_cluster_begins_nothing_while_a_lone_wink_has_its_database(hosts, worker, migrated_url):
    made = hosts.a.call("POST", "/triggers", {"name": "t"}).json
    hosts.a.call("PUT", "/workflows/w", data=LOGS, content_type="text/yaml")

    with _taken_over(migrated_url):
        for store in (worker.engine.store, hosts.a.engine.store):
            eventually(lambda store=store: store.trouble == Company.SHARED.value)
        (event,) = hosts.a.deliver(made["full_url"], {"n": 1}).json["events"]
        worker.hear("new", [event])
        _done(worker)
        ready = hosts.a.client.get("/readyz").json

        assert ready["status"] == "degraded"
        assert "a Wink without WINK_BROKER_URL" in ready["reason"]
        assert hosts.a.call("GET", f"/events/{event}").json["matched_at"] is None

    (run,) = runs_of(hosts.a.engine, event)
    assert run.outcome == "succeeded"
    assert hosts.a.client.get("/readyz").json["reason"] is None


def test_without_a_worker_it_is_said_that_one_is_missing(hosts):
    eventually(lambda: hosts.a.engine.executor.broker_answers)

    ready = hosts.a.client.get("/readyz").json

    assert (ready["status"], ready["workers"]) == ("degraded", 0)
    assert "wink worker" in ready["reason"]


def test_workers_are_counted(hosts, clocks):
    eventually(lambda: hosts.a.engine.executor.broker_answers)

    ready = hosts.a.client.get("/readyz").json

    assert (ready["status"], ready["workers"]) == ("ok", 2)
