"""Matches, runs and their journal: what makes a run go on after a crash, and never twice at once.

A run belongs to whoever raised its token last, until the lease ends. Everything that a worker writes is guarded by
the token that it read: zero rows changed means that another worker owns the run, and nothing of it is written.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from engine.store import bulk, database, latest, ledger, one_by_one, signals
from engine.store.columns import Moment
from engine.store.latest import Place
from engine.store.one_by_one import MadeWay
from engine.store.rows import CallbackRow, Entry, Event, Match, Run, Signal
from engine.store.signals import Opening, Spot
from engine.store.tables import callbacks, events, journal, matches, releases, runs, unfinished
from engine.store.waiting_tables import correlations
from engine.words import TRIGGER, Answer, Held, Outcome

#: How long a claim lasts unless it is renewed; a crash of one of many hosts delays its runs by this much.
LEASE = timedelta(seconds=30)

#: Nothing is received by so much later than now.
LATER = timedelta(minutes=1)

#: A run whose lease ran out this often takes its worker down each time: it fails instead of being claimed again.
DEATHS = 5


class Advance(NamedTuple):
    """One commit of a run's owner: journal entries, and how the run stands after them.

    token: as read by the claim; due_at: when a waiting run goes on; entries: inserted, or updated by (path, visit).
    opened: what steps begin to wait for, and runs that they start; signalled, given_up: paths of steps that go on with
    the signal that they waited for, and without it.
    """

    run_id: str
    token: int
    outcome: Outcome
    entries: tuple[Entry, ...]
    due_at: datetime | None = None
    finished_at: datetime | None = None
    error: Mapping[str, object] | None = None
    outputs: object = None
    opened: tuple[Opening, ...] = ()
    signalled: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    #: Whether another run may wait for its end.
    is_child: bool = False

    @property
    def ended(self) -> tuple[Spot, ...]:
        """The steps that wait no more."""
        return tuple((self.run_id, path) for path in (*self.signalled, *self.given_up))


class Matched(NamedTuple):
    """Everything that asking the workflows about one event led to.

    opened: as in :class:`Advance`; awaited: whether waiting steps have to be asked about the event, after this.
    """

    event_id: str
    matched_at: datetime
    matches: tuple[Match, ...]
    runs: tuple[Run, ...] = ()
    entries: tuple[Entry, ...] = ()
    opened: tuple[Opening, ...] = ()
    awaited: bool = False
    #: Where it stands by the order of its trigger; where a later one was there before, it is overtaken.
    place: Place | None = None


class Started(NamedTuple):
    """A run that no match started, with the journal that it begins with, and who is told of its end."""

    run: Run
    entries: tuple[Entry, ...] = ()
    callback: CallbackRow | None = None


class Claim(NamedTuple):
    """Ask for a run: lease is counted from now, where now is the database's own time on PostgreSQL."""

    run_id: str
    now: datetime


class Claimed(NamedTuple):
    """A run that is ours, with its journal so far, and what has come for steps of it that wait."""

    run: Run
    entries: tuple[Entry, ...]
    signals: tuple[Signal, ...] = ()
    #: Those that ended so that it can begin.
    made_way: tuple[MadeWay, ...] = ()
    #: What started it; None where that was no event, or one that is not there any more.
    event: Event | None = None


class NotClaimed(NamedTuple):
    """A run that is not ours, and what its claim ended all the same: itself, where its workflow says so."""

    made_way: tuple[MadeWay, ...]


def record_matches(connection: Connection, items: Sequence[Matched]) -> list[bool]:
    """Write answers, runs and first journal entries; False for an event that was matched before: nothing is written.

    Or is being matched by another process just now: where that fails, the sweep finds the event once more.

    False too for one that a later one has overtaken: of it, that alone is written.

    A run that begins here has no ``runs_per`` and none above it, so what it opens waits in no cycle of them.
    """
    wanted = [(item.event_id,) for item in items]
    ours = bulk.ids_of(connection, events, ("id",), wanted, database.unclaimed(connection, "matched_at IS NULL"))
    mine = [item for item in items if item.event_id in ours]
    late = latest.overtaken(connection, {item.event_id: item.place for item in mine if item.place is not None})
    written = [_overtaken(item, late[item.event_id]) if item.event_id in late else item for item in mine]
    bulk.update_rows(connection, events, ("id", "matched_at"), [(item.event_id, item.matched_at) for item in written])
    _insert(connection, matches, [match for item in written for match in item.matches])
    _insert(connection, runs, [run for item in written for run in item.runs])
    _insert(connection, journal, [entry for item in written for entry in item.entries])
    signals.begin_waiting(connection, [opening for item in written for opening in item.opened])
    _insert(connection, correlations, [(item.event_id,) for item in written if item.awaited])
    return [item.event_id in ours and item.event_id not in late for item in items]


def _overtaken(item: Matched, later: str) -> Matched:
    explanation = {"text": f"overtaken by {later}", "answer": Answer.NO.value}
    answer = Match(item.event_id, TRIGGER, "", Answer.NO, explanation, False, None, item.matched_at)  # noqa: FBT003
    return Matched(item.event_id, item.matched_at, (answer,))


def start_runs(connection: Connection, started: Sequence[Started]) -> list[None]:
    """Write runs that no match started (by hand, replayed, repeated), with the journal that they begin with."""
    _insert(connection, runs, [item.run for item in started])
    _insert(connection, journal, [entry for item in started for entry in item.entries])
    _insert(connection, callbacks, [item.callback for item in started if item.callback is not None])
    return [None] * len(started)


def release(connection: Connection, items: Sequence[Matched]) -> list[Matched]:
    """Decide about held matches, one an item, and write the runs that this starts; return those not decided before.

    A match that starts no run is skipped.
    """
    columns = [column.name for column in releases.columns]
    rows = [_decision(item) for item in items]
    new = database.insert(connection, releases).values([dict(zip(columns, row, strict=True)) for row in rows])
    decided = new.on_conflict_do_nothing().returning(releases.c.event_id, releases.c.workflow)
    ours = {tuple(key) for key in connection.execute(decided)} if rows else set()
    released = [item for item, row in zip(items, rows, strict=True) if row[:2] in ours]
    _insert(connection, runs, [run for item in released for run in item.runs])
    return released


def _decision(item: Matched) -> tuple[object, ...]:
    """Return a row of ``releases``."""
    (match,) = item.matches
    return item.event_id, match.workflow, Held.RUN if item.runs else Held.SKIP, match.run_id, item.matched_at


def advance(connection: Connection, items: Sequence[Advance]) -> list[bool]:
    """Write what the runs' owners did; False for an owner that lost its run: nothing of it is written."""
    held = dict(sorted((item.run_id, item.token) for item in items))  # of two tokens of one run, the later
    unfinished = database.locked(connection, "finished_at IS NULL")
    owned = bulk.ids_of(connection, runs, ("id", "token"), list(held.items()), unfinished)
    ours = [item.run_id in owned and item.token == held[item.run_id] for item in items]
    written = [item for item, is_ours in zip(items, ours, strict=True) if is_ours]
    _write_advances(connection, written)
    return ours


def claim(connection: Connection, claims: Sequence[Claim]) -> list[Claimed | NotClaimed | None]:
    """Take over runs that nobody owns: queued, due, or with a lease that ran out; None for any other.

    A run that several ask for in one batch goes to the first. One that took its worker down each time fails here, with
    the reason, and is not handed out; nor is one that another with its ``runs_per`` is before.
    """
    ids, now = [item.run_id for item in claims], claims[0].now
    made_way = _make_way(connection, ids, now)
    free = and_(runs.c.id.in_(ids), claimable(database.lease_clock(connection, now)))
    # What another process claims just now is not waited for.
    mine = connection.scalars(select(runs.c.id).where(free).with_for_update(skip_locked=True, of=runs)).all()
    owned = _take(connection, mine, now) if mine else {}
    entries = entries_of(connection, owned)
    came = signals.of_runs(connection, owned)
    started_by = {run.event_id for run in owned.values() if run.event_id is not None}
    found = ledger.events_of(connection, started_by) if started_by else {}
    claimed = {
        id_: Claimed(run, entries.get(id_, ()), came.get(id_, ()), made_way.pop(id_, ()), found.get(run.event_id or ""))
        for id_, run in owned.items()
    }
    ended = {id_: NotClaimed(ends) for id_, ends in made_way.items()}
    return [claimed.pop(id_, None) or ended.pop(id_, None) for id_ in ids]


def _take(connection: Connection, mine: Sequence[str], now: datetime) -> Mapping[str, Run]:
    dead = _fail_deadly(connection, mine, now)
    taking = update(runs).where(runs.c.id.in_(set(mine) - dead)).values(
        token=runs.c.token + 1,
        outcome=Outcome.RUNNING,
        deaths=runs.c.deaths + case((runs.c.outcome == Outcome.RUNNING, 1), else_=0),
        lease_until=database.lease_clock(connection, now, LEASE),
        started_at=func.coalesce(runs.c.started_at, literal(now, Moment)),
        due_at=None,
    )  # fmt: skip
    return {row["id"]: Run(**row) for row in connection.execute(taking.returning(*runs.columns)).mappings()}


def _make_way(connection: Connection, ids: Sequence[str], now: datetime) -> dict[str, tuple[MadeWay, ...]]:
    """End what has to end before the runs are claimed; return that by the run whose claim decided it."""
    made_way: dict[str, tuple[MadeWay, ...]] = {}
    for end in one_by_one.make_way(connection, ids):
        if _end(connection, end.run_id, now, end.outcome, {"step": None, "kind": "busy", "message": end.message}):
            made_way[end.asked] = (*made_way.get(end.asked, ()), end)
    return made_way


def _fail_deadly(connection: Connection, mine: Collection[str], now: datetime) -> frozenset[str]:
    """Fail those that took their workers down, and return them."""
    deadly = update(runs).where(runs.c.id.in_(mine), runs.c.outcome == Outcome.RUNNING, runs.c.deaths >= DEATHS - 1)
    message = (
        f"Each of {DEATHS} workers died while it had this run. Look at the last step that began, then run it again."
    )
    error = {"step": None, "kind": "worker_died", "message": message}
    dead = deadly.values(outcome=Outcome.FAILED, finished_at=now, error=error, token=runs.c.token + 1)
    ended = list(connection.scalars(dead.returning(runs.c.id)))
    _ended(connection, ended, now)
    return frozenset(ended)


def claimable(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Say which runs may be claimed at the time."""
    return or_(
        and_(runs.c.outcome == Outcome.QUEUED, one_by_one.free),
        and_(runs.c.outcome.in_(signals.STANDING), or_(runs.c.due_at <= now, signals.signalled)),
        and_(runs.c.outcome == Outcome.RUNNING, runs.c.lease_until <= now),
    )


def unmatched(connection: Connection, before: datetime, limit: int, without: Collection[str] = ()) -> list[str]:
    """Return the ids of events received before then that no workflow was asked about yet, oldest first.

    without: ids of triggers whose events have to wait. Much later than then: the clock was set back since.
    """
    old = or_(events.c.received_at < before, events.c.received_at > before + LATER)
    wanted = select(events.c.id).where(events.c.matched_at.is_(None), old)
    if without:
        wanted = wanted.where(events.c.trigger_id.not_in(without))
    return list(connection.scalars(wanted.order_by(events.c.id).limit(limit)))


def renew(connection: Connection, owned: Mapping[str, int], now: datetime) -> None:
    """Extend the leases of runs that are still ours: {run id: token}."""
    rows = [{"key": run_id, "held": token} for run_id, token in sorted(owned.items())]
    until = database.lease_clock(connection, now, LEASE)
    guard = update(runs).where(runs.c.id == bindparam("key"), runs.c.token == bindparam("held"), unfinished)
    connection.execute(guard.values(lease_until=until), rows)


def end_leases(connection: Connection, now: datetime) -> int:
    """End every lease: the only process that could hold one is gone. Return how many runs it left behind."""
    running = update(runs).where(unfinished, runs.c.outcome == Outcome.RUNNING)
    return connection.execute(running.values(lease_until=now)).rowcount


def hand_back(connection: Connection, owned: Mapping[str, int]) -> None:
    """Queue runs again that stop before their end through no fault of theirs: {run id: token}."""
    rows = [{"key": run_id, "held": token} for run_id, token in sorted(owned.items())]
    guard = update(runs).where(runs.c.id == bindparam("key"), runs.c.token == bindparam("held"), unfinished)
    connection.execute(guard.values(outcome=Outcome.QUEUED, lease_until=None), rows)


def cancel(connection: Connection, run_id: str, now: datetime) -> bool:
    """End a run at once; raising the token makes its owner's next write void. False if it has ended already."""
    return _end(connection, run_id, now, Outcome.CANCELLED)


def _end(
    connection: Connection, run_id: str, now: datetime, outcome: Outcome, error: Mapping[str, object] | None = None
) -> bool:
    guard = update(runs).where(runs.c.id == run_id, unfinished)
    ended = guard.values(outcome=outcome, token=runs.c.token + 1, finished_at=now, lease_until=None, error=error)
    if not connection.execute(ended).rowcount:
        return False
    begun = update(journal).where(journal.c.run_id == run_id, journal.c.finished_at.is_(None))
    connection.execute(begun.values(outcome=Outcome.CANCELLED, finished_at=now))
    _ended(connection, [run_id], now)
    return True


def _ended(connection: Connection, run_ids: Sequence[str], now: datetime) -> None:
    """See to what hangs on runs that were ended from outside: what they waited for, and who waits for them."""
    if not run_ids:
        return
    wanted = select(journal.c.run_id, journal.c.path).where(journal.c.run_id.in_(run_ids), journal.c.uses.is_not(None))
    _end_waiting(connection, [(row.run_id, row.path) for row in connection.execute(wanted)], now)
    signals.tell_parents(connection, run_ids)


def _end_waiting(connection: Connection, spots: Collection[Spot], now: datetime) -> None:
    """Forget what steps waited for; runs that nobody but them waits for are cancelled."""
    signals.end_waiting(connection, spots, now)
    _cancel_awaited(connection, spots, now)


def _cancel_awaited(connection: Connection, spots: Collection[Spot], now: datetime) -> None:
    for run_id in signals.awaited_runs(connection, spots) if spots else ():
        message = "the step that waited for it has ended without it"
        _end(connection, run_id, now, Outcome.CANCELLED, {"step": None, "kind": "cancelled", "message": message})


def entries_of(connection: Connection, run_ids: Collection[str]) -> Mapping[str, tuple[Entry, ...]]:
    """Return the journals of the runs, in the order in which the steps began."""
    found: dict[str, list[Entry]] = defaultdict(list)
    wanted = select(journal).where(journal.c.run_id.in_(run_ids)).order_by(journal.c.run_id, journal.c.position)
    for row in connection.execute(wanted).mappings() if run_ids else ():
        found[row["run_id"]].append(Entry(**row))
    return {run_id: tuple(entries) for run_id, entries in found.items()}


#: What of a run its owner's commits change, after the key.
_STANDING = ("id", "outcome", "due_at", "finished_at", "error", "outputs")

_UPSERT = "ON CONFLICT (run_id, path, visit) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}"
    for name in ("outcome", "attempts", "finished_at", "due_at", "input", "output", "error", "resolutions")
)


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    bulk.insert_rows(connection, table, rows)


def _write_advances(connection: Connection, items: Sequence[Advance]) -> None:
    """Write the last standing of each run, the last state of each journal entry, and what follows for other runs."""
    last = {item.run_id: item for item in items}
    rows = [(i.run_id, i.outcome, i.due_at, i.finished_at, i.error, i.outputs) for i in last.values()]
    bulk.update_rows(connection, runs, _STANDING, rows)
    entries = {(entry.run_id, entry.path, entry.visit): entry for item in items for entry in item.entries}
    bulk.insert_rows(connection, journal, list(entries.values()), _UPSERT)
    opened = [opening for item in items for opening in item.opened]
    signals.begin_waiting(connection, opened)
    _break_cycles(connection, [opening for opening in opened if isinstance(opening, Run)])
    for item in items:
        if item.ended:
            now = item.finished_at or max(e.finished_at or e.started_at for e in item.entries)
            signals.end_waiting(connection, item.ended, now)
            _cancel_awaited(connection, [(item.run_id, path) for path in item.given_up], now)
    if told := [item.run_id for item in items if item.finished_at is not None and item.is_child]:
        signals.tell_parents(connection, told)


def _break_cycles(connection: Connection, children: Sequence[Run]) -> None:
    """Fail new runs that would wait by ``runs_per`` for the end of one that waits for theirs."""
    for child in children:
        if above := one_by_one.cycle_above(connection, child):
            message = f"it would wait for the end of {above}, which waits for it: both have one value of `runs_per`"
            error = {"step": None, "kind": "busy", "message": message}
            _end(connection, child.id, child.queued_at, Outcome.FAILED, error)
