"""Steps of which nobody knows whether they happened before a crash, until a person has decided about each."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from engine.errors import Conflict, NotFound
from engine.store import show, signals
from engine.store.rows import Entry, Signal
from engine.store.tables import journal
from engine.words import Outcome


def of_run(connection: Connection, run_id: str) -> list[str]:
    """Return the paths of a run's steps that a person has to decide about, in the order in which they began."""
    wanted = select(journal.c.path).where(journal.c.run_id == run_id, journal.c.outcome == Outcome.INTERRUPTED)
    decided = {signal.path for signal in signals.of_runs(connection, [run_id]).get(run_id, ())}
    return [path for path in connection.scalars(wanted.order_by(journal.c.position)) if path not in decided]


def decide(connection: Connection, decided: Signal) -> None:
    """Write down what a person decided about a step; it goes on with that.

    Raises:
        NotFound: there is no such run, or it has no such step (404).
        Conflict: there is nothing to decide about the step, or not any more (409).
    """
    show.run(connection, decided.run_id)
    signals.lock(connection, [decided.run_id])
    entry = _entry(connection, decided)
    if entry.outcome is not Outcome.INTERRUPTED or not signals.post(connection, [decided])[0]:
        raise Conflict(_why_not(connection, entry))


def _entry(connection: Connection, decided: Signal) -> Entry:
    wanted = select(journal).where(journal.c.run_id == decided.run_id, journal.c.path == decided.path)
    row = connection.execute(wanted.order_by(journal.c.visit.desc()).limit(1)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"the run {decided.run_id} has no step {decided.path!r}")
    return Entry(**row)


def _why_not(connection: Connection, entry: Entry) -> str:
    came = signals.of_runs(connection, [entry.run_id]).get(entry.run_id, ())
    said = [signal.output for signal in came if signal.path == entry.path] or list(entry.resolutions or ())[-1:]
    if said and isinstance(said[0], Mapping):
        return f"the step {entry.path} was decided before, by {said[0]['by']}: {said[0]['decision']}"
    return f"there is nothing to decide about {entry.path}: its outcome is {entry.outcome}"
