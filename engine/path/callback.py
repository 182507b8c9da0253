"""Tell whoever started a run that it has ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from engine.actions.action import Call
from engine.clock import rfc3339
from engine.errors import ActionFailed, Invalid, WinkError
from engine.lazy import load
from engine.redact import redact_text
from engine.runtime import Engine
from engine.store import callbacks, show
from engine.store.callbacks import Target, Told
from engine.store.rows import CallbackRow, Run

#: How long the other side may take to answer.
PATIENCE = timedelta(seconds=30)

#: Pauses after each failed attempt; after the last of them it is given up.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)

#: Failures that no further attempt mends.
_FINAL = frozenset({"http_4xx", "invalid", "refused"})

_ACTION = "http.post"

log = structlog.get_logger()


def prepared(engine: Engine, run: Run, url: str, headers: Mapping[str, str]) -> CallbackRow:
    """Return the callback of a run that is about to be written.

    Raises:
        Invalid: the address or a header cannot be sent (422).
    """
    try:
        request = load("engine.actions.compose:compose")("POST", {"url": url, "headers": headers, "json": None}, run.id)
    except ActionFailed as error:
        raise Invalid(str(error), "callback") from error
    port = "" if request.url.port is None else f":{request.url.port}"
    origin = f"{request.url.scheme}://{request.url.host_str}{port}"
    return callbacks.new(engine.store.cipher, run.id, Target(url, dict(headers)), origin, run.queued_at)


async def tell(engine: Engine, row: CallbackRow) -> Told:
    """Make one attempt that has been begun, and return what it came to; the key is the same for all of them."""
    run, now = engine.store.read(show.run, row.run_id), engine.clock.now()
    values: list[str] = []
    try:
        target = callbacks.opened(engine.store.cipher, row)
        values = list(target.headers.values())
        inputs = {"url": target.url, "headers": target.headers, "json": _body(run), "follow_redirects": False}
        await engine.actions[_ACTION].run(Call(inputs, f"{run.id}/callback", now, now + PATIENCE))
    except ActionFailed as error:
        return _failed(engine, row, redact_text(str(error), values), error)
    except WinkError as error:
        return _failed(engine, row, str(error), None)
    log.info("callback.delivered", run=run.id, attempts=row.attempts + 1)
    return Told(row.run_id, row.attempts + 1, None, engine.clock.now(), delivered=True, error=None)


def broken(engine: Engine, row: CallbackRow) -> Told:
    """Return what an attempt came to that Wink itself broke."""
    words = "Wink itself failed: its log at this time says more"
    return _failed(engine, row, words, ActionFailed("internal", words))


def _failed(engine: Engine, row: CallbackRow, words: str, failure: ActionFailed | None) -> Told:
    attempts, now = row.attempts + 1, engine.clock.now()
    again = failure is not None and failure.kind not in _FINAL and attempts <= len(PAUSES)
    next_at = _next(now, attempts, failure) if again else None
    log.warning("callback.failed", run=row.run_id, attempts=attempts, error=words, next_at=next_at)
    return Told(row.run_id, attempts, next_at, None if again else now, delivered=False, error=words)


def _next(now: datetime, attempts: int, failure: ActionFailed | None) -> datetime:
    """Return when the next attempt is due; later where the other side asks for it, within reason."""
    asked = failure.retry_after if failure and failure.retry_after else timedelta()
    return now + max(PAUSES[attempts - 1], min(asked, PAUSES[-1]))


def _body(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "workflow": run.workflow,
        "version": run.version,
        "outcome": run.outcome.value,
        "outputs": run.outputs,
        "error": run.error,
        "queued_at": rfc3339(run.queued_at),
        "started_at": None if run.started_at is None else rfc3339(run.started_at),
        "finished_at": None if run.finished_at is None else rfc3339(run.finished_at),
    }
