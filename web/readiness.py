"""How a process is, for what watches over Wink; ``wink serve`` and ``wink worker`` say the same."""

from typing import Literal

from prometheus_client import generate_latest
from pydantic import BaseModel

from engine.errors import StoreUnavailable
from engine.runtime import Engine
from engine.store import presence
from engine.store.backlog import Backlog, backlog
from engine.store.migrate import Tables, tables_of


class Ready(BaseModel):
    """What has to be there so that deliveries can be taken, and run.

    Without the database, or its migrations, the answer is 503. Without the broker, or without workers, deliveries are
    taken all the same, and are run later: then it is ``degraded``.
    """

    status: Literal["ok", "degraded"]
    database: Literal["ok"]
    #: newer: a newer Wink has changed the tables, and this one goes on with them.
    migrations: Literal["ok", "newer"]
    #: None where there is none.
    broker: Literal["ok", "unreachable"] | None
    #: How many there are; None where one process does all.
    workers: int | None
    #: Why it is degraded; None where it is not.
    reason: str | None
    #: For how many seconds the oldest event is unmatched, or the oldest run due; 0: nothing waits.
    oldest_due_seconds: float


def readiness(engine: Engine) -> Ready:
    """Return how the process is.

    Raises:
        StoreUnavailable: the database does not answer, or has the tables of an older Wink.
    """
    tables = engine.store.read(tables_of)
    if tables is Tables.OLDER:
        raise StoreUnavailable(
            "the tables are those of an older Wink: start this one anew, and it brings them up to date"
        )
    is_cut_off = engine.settings.broker_url is not None and not engine.executor.broker_answers
    workers = _workers(engine)
    reason = _reason(engine, workers, is_cut_off=is_cut_off)
    return Ready(
        status="degraded" if reason else "ok",
        database="ok",
        migrations="newer" if tables is Tables.NEWER else "ok",
        broker=None if engine.settings.broker_url is None else "unreachable" if is_cut_off else "ok",
        workers=workers,
        reason=reason,
        oldest_due_seconds=_backlog(engine).age(engine.clock.now()),
    )


def exposition(engine: Engine) -> bytes:
    """Return all metrics as Prometheus reads them; what is true of the whole Wink is looked up for it."""
    waits = _backlog(engine)
    engine.metrics.queued.set(waits.queued)
    engine.metrics.oldest.set(waits.age(engine.clock.now()))
    engine.metrics.workers.set(_workers(engine) or 0)
    return generate_latest(engine.metrics.registry)


def _workers(engine: Engine) -> int | None:
    return None if engine.settings.broker_url is None else engine.store.read(presence.workers)


def _reason(engine: Engine, workers: int | None, *, is_cut_off: bool) -> str | None:
    if engine.store.trouble:
        return engine.store.trouble
    if workers == 0:
        return "no worker is there, so what comes in waits: start `wink worker`"
    return "the broker does not answer, so workers find what comes in some seconds later" if is_cut_off else None


def _backlog(engine: Engine) -> Backlog:
    return engine.store.read(backlog, engine.clock.now(), engine.published.now().broken_ids)
