"""Run everything in this process, on one event loop that walks all runs and waits for the outside world.

It advances each run as far as that goes without an effect and hands this to the store's writer; when it is on disk,
the run's tasks begin. So many runs share one commit, their state needs no lock, and no wait holds a thread.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

import structlog

from engine.errors import NotFound, StoreUnavailable
from engine.executors.answering import Answering
from engine.executors.arrivals import Arrivals, in_portions
from engine.executors.callbacks import Callbacks
from engine.executors.claims import Answer, Claims
from engine.executors.leases import Leases
from engine.executors.loop import Loop, failed
from engine.executors.outbox import Outbox
from engine.executors.room import Room
from engine.executors.rounds import ROOM, Rounds, in_turn
from engine.executors.schedules import Schedules
from engine.executors.set_back import SetBack
from engine.executors.silences import Silences
from engine.executors.tidying import Tidying
from engine.executors.uses import Uses
from engine.executors.waking import Waking
from engine.executors.weight import Weight
from engine.path.branches import Done, Task
from engine.path.doubt import warn
from engine.path.match import match
from engine.path.run import Progress, Walk
from engine.path.scope import parsed
from engine.path.step import perform
from engine.path.take import begin, take, untakable
from engine.published import Snapshot
from engine.runtime import Engine, Pending
from engine.store import journal, ledger
from engine.store.journal import Advance, Claimed, Matched
from engine.store.rows import EventWait, Run, Signal
from engine.store.signals import OVER, of_runs, post
from engine.store.turns import Due
from engine.words import Outcome

#: How often the sweep looks for what nobody rang for.
SWEEP = timedelta(seconds=2)

#: How old an unmatched event must be before the sweep takes it for lost on the way.
LOST = timedelta(seconds=5)

#: Runs that a log line names.
MOST_NAMED = 100

#: How long a stop waits for tasks that are under way.
GRACE = timedelta(seconds=8)

log = structlog.get_logger()


@dataclass(slots=True)
class Embedded:
    """The executor of a Wink on one machine, and the part of a worker that walks.

    threads: for what a coroutine cannot await; room: runs in memory at once, more stay queued on disk; spill: told when
    there is none for a new one.
    """

    threads: int
    room: int = ROOM
    spill: Callable[[], None] = lambda: None
    _engine: Engine = field(init=False)
    _loop: Loop = field(init=False)
    _set_back: SetBack = field(init=False)
    _answers: Outbox[Answering, Matched] = field(init=False)
    _advances: Outbox[Progress, Advance] = field(init=False)
    _schedules: Schedules = field(init=False)
    _silences: Silences = field(init=False)
    _callbacks: Callbacks = field(init=False)
    _waking: Waking = field(init=False)
    _arrivals: Arrivals = field(init=False)
    _owned: dict[str, Walk] = field(init=False, default_factory=dict)
    #: Runs that wait, or have ended, as soon as this is on disk; and those of them for which somebody rang meanwhile.
    _leaving: set[str] = field(init=False, default_factory=set)
    _rung_for: set[str] = field(init=False, default_factory=set)
    #: Events whose answers are not on disk yet.
    _matching: set[str] = field(init=False, default_factory=set)
    _tidying: Tidying = field(init=False)
    _rounds: Rounds = field(init=False)
    _leases: Leases = field(init=False)
    _claims: Claims = field(init=False)
    _weight: Weight = field(init=False)
    _stopping: bool = field(init=False, default=False)
    _has_room: Room = field(init=False, default_factory=Room)
    _uses: Uses = field(init=False)

    @property
    def broker_answers(self) -> None:
        """There is no broker here."""

    def start(self, engine: Engine) -> None:
        """Begin to work: first with what an earlier process left."""
        self._engine = engine
        pressed = engine.intake.is_pressed
        self._loop = Loop(engine.clock, self._flush, self._take_along, self.threads, pressed)
        self._arrivals = Arrivals(self._loop, self._match)
        self._weight = Weight(int(engine.settings.max_body))
        self._rounds = Rounds(self._loop, engine, self._owned, self._claim, self.room)
        self._claims = Claims(self._loop, engine, self._weight, self._claimed, self._rounds.fall_behind)
        self._answers = Outbox(self._loop, engine.store, journal.record_matches, attrgetter("matched"), self._matched)
        self._advances = Outbox(self._loop, engine.store, journal.advance, attrgetter("advance"), self._settled)
        self._schedules = Schedules(self._loop, engine, self._claim)
        self._silences = Silences(self._loop, engine, self._claim)
        self._set_back = SetBack(engine, self._schedules, self._owned)
        self._callbacks = Callbacks(self._loop, engine)
        self._waking = Waking(self._loop, engine, self._claim)
        self._tidying = Tidying(self._loop, engine)
        self._leases = Leases(self._loop, engine, self._owned)
        self._uses = Uses(engine)
        look = partial(self._look, timedelta())
        for deed in (self._set_back.meanwhile, look, self._sweep, self._leases.renew, self._tidying.tidy):
            self._loop.call(deed)
        self._loop.start("wink-walk")

    def stop(self) -> None:
        """Take no more work, let tasks under way end for some seconds, and hand back the runs that are left."""
        self._loop.call(self._begin_stop)
        if not self._loop.join(GRACE):
            log.warning("executor.tasks_left", tasks=self._loop.under_way, runs=sorted(self._owned)[:MOST_NAMED])
            self._loop.call(self._hand_back)
            self._loop.join(timedelta(seconds=1))

    def accept(self, events: Sequence[Pending]) -> None:
        """Match events that are on disk, unless too much waits already: then the sweep finds them."""
        self._arrivals.accept(events)

    def notify(self, run_id: str) -> None:
        """Claim a run and walk it."""
        self._loop.call(partial(self._claim, run_id))

    def look(self) -> None:
        """Claim what is due, of each workflow its share, as far as there is room."""
        self._loop.call(self._rounds.look)

    def await_room(self, patience: timedelta) -> bool:
        """Wait until there is room for another event, as :meth:`Room.wait` does; tell whether there is."""
        return self._has_room.wait(patience)

    def _flush(self) -> None:
        """Send what the deeds before led to; when stopping, end once nothing is under way."""
        self._claims.flush()
        held = len(self._owned) + len(self._claims) + len(self._arrivals)
        self._has_room.tell(runs=self.room - held, answers=len(self._matching))
        self._waking.flush()
        with suppress(StoreUnavailable):  # the sweep finds what was lost so
            if not self._answers.is_full:
                self._arrivals.flush()
        self._answers.flush()
        self._advances.flush()
        if self._stopping and not self._loop.under_way:
            self._hand_back()

    def _take_along(self, by: timedelta) -> None:
        """See to a clock that was set back; what does so needs the loop, which is made before it."""
        self._set_back.take_along(by)

    @property
    def _rests(self) -> bool:
        """Whether nothing is begun: at the end, or since somebody else works on the database who must not."""
        return self._stopping or self._engine.store.trouble is not None

    def _match(self, pending: Pending) -> None:
        if self._rests or pending.event.id in self._matching:
            return
        snapshot, now = self._engine.published.now(), self._engine.clock.now()
        if pending.event.trigger_id in snapshot.broken_ids:  # it waits on disk until its trigger is mended
            return
        try:
            self._answers.put(self._answered(pending, snapshot, now))
        except Exception:  # the sweep comes back to it; one broken event must not keep the others waiting
            log.exception("match.internal_error", event_id=pending.event.id)
        else:
            self._matching.add(pending.event.id)

    def _answered(self, pending: Pending, snapshot: Snapshot, now: datetime) -> Answering:
        answered = match(pending, snapshot, now)
        free = [start for start in answered.starts if start.run.finished_at is None and start.run.runs_per is None]
        octets = len(pending.event.data)
        room = self.room if self._weight.fits(octets) else 0
        chosen = set(in_turn(self._owned, [Due(start.run.id, start.run.workflow) for start in free], room))
        begun = [begin(self._engine, start) for start in free if start.run.id in chosen]
        for walk, _, _ in begun:  # none of them, when one breaks
            self._owned[walk.run.id] = walk
            self._weight.put(walk.run.id, octets // len(begun))
        self._leaving.update(run.id for _, run, _ in begun if run.outcome is not Outcome.RUNNING)
        self._rounds.behind |= len(free) > len(chosen)
        awaited = answered.is_let_through and snapshot.awaits(snapshot.by_id[pending.event.trigger_id])
        return Answering.of(pending.event.id, answered, begun, now, awaited=awaited)

    def _matched(self, item: Answering, *, ours: bool) -> None:
        self._matching.discard(item.matched.event_id)
        for answer in item.matched.matches if ours else ():
            self._engine.metrics.count(self._engine.metrics.answers, answer.answer)
        for run in item.matched.runs if ours else ():
            if run.runs_per is not None:
                self._claim(run.id)
            elif run.outcome is Outcome.QUEUED:
                self.spill()
        if ours and item.matched.awaited:
            self._waking.ask(item.matched.event_id)
        for progress in item.progresses:
            self._settled(progress, ours=ours)
        if not self._matching and not self._arrivals:
            self._catch_up()

    def _claim(self, run_id: str) -> None:
        if run_id in self._leaving:
            self._rung_for.add(run_id)
        elif run_id in self._owned:
            self._look_for_signals([run_id])
        if self._rests or run_id in self._owned:
            return
        if len(self._owned) + len(self._claims) >= self.room:
            self._rounds.fall_behind()
        else:
            self._claims.ask(run_id)

    def _claimed(self, run_id: str, answer: Answer) -> None:
        self._take(answer)
        if run_id not in self._owned and run_id not in self._leaving:
            self._weight.drop(run_id)
        self._catch_up()

    def _take(self, answer: Answer) -> None:
        if failed("run.claim_failed", answer):
            return
        claimed = answer.result()
        for end in claimed.made_way if claimed else ():
            self._engine.metrics.count(self._engine.metrics.runs, end.outcome)
            log.info("run.made_way", run=end.run_id, outcome=end.outcome, reason=end.message)
        if not isinstance(claimed, Claimed):
            return
        try:
            walk = take(self._engine, claimed)
        except NotFound as error:
            self._commit(Progress(untakable(self._engine, claimed, error), ()))
            return
        self._owned[claimed.run.id] = walk
        self._advance(walk, signals=claimed.signals)

    def _look_for_signals(self, run_ids: Collection[str]) -> None:
        """Bring runs that do something else meanwhile what has come for them; one with a step over time asks again."""
        found: Mapping[str, Sequence[Signal]] = {}
        with suppress(StoreUnavailable):
            found = self._engine.store.read(of_runs, run_ids)
        for run_id in run_ids:
            if run_id in found or self._owned[run_id].overdue:
                self._advance(self._owned[run_id], signals=found.get(run_id, ()))

    def _advance(self, walk: Walk, *done: tuple[Task, Done], signals: Sequence[Signal] = ()) -> None:
        try:
            progress = walk.advance(self._engine.clock.now(), done, signals)
        except Exception:  # its lease ends, and what claims it then finds the same journal
            log.exception("walk.internal_error", run=walk.run.id)
            self._let_go(walk.run.id)
        else:
            self._commit(progress)

    def _commit(self, progress: Progress) -> None:
        if progress.advance.outcome is not Outcome.RUNNING:
            self._leaving.add(progress.advance.run_id)
        self._advances.put(progress.without_tasks() if self._stopping else progress)

    def _settled(self, item: Progress, *, ours: bool) -> None:
        """Go on with a run whose state is on disk now, or let go of one that is not ours any more."""
        standing = item.advance
        walk = self._owned.get(standing.run_id)
        if walk is not None and walk.run.token > standing.token:  # it was claimed anew meanwhile
            walk = None
        elif not ours or standing.outcome is not Outcome.RUNNING:
            self._let_go(standing.run_id)
        if not ours:
            self._claim(standing.run_id)  # it may be that it was ours, and that a signal came for it
            return
        warn(standing.entries)
        self._begin_waiting(standing)
        if standing.finished_at is not None:
            self._look_behind(walk)
            self._engine.metrics.count(self._engine.metrics.runs, standing.outcome)
        elif standing.due_at is not None:
            self._rounds.expect(standing.due_at)
        elif walk is not None and walk.due_at is not None:
            self._loop.call_at(walk.due_at, partial(self._wake, standing.run_id))
        for task in item.tasks:
            attempt = perform(task, self._engine.clock.now, self._engine.published.connections)
            self._loop.spawn(attempt, partial(self._done, standing.run_id, task))

    def _look_behind(self, walk: Walk | None) -> None:
        """Look for the runs that wait for the end of this one, where one may."""
        if walk is not None and walk.run.runs_per is not None:
            self._loop.call(self._look)
        if walk is not None and walk.run.parent_path is not None:
            self._claim(walk.run.parent_id or "")

    def _begin_waiting(self, standing: Advance) -> None:
        """See to the events that steps wait for now, and to the runs that they started."""
        self._waking.begin([opening for opening in standing.opened if isinstance(opening, EventWait)])
        for child in standing.opened:
            if isinstance(child, Run):
                self._claim(child.id)

    def _let_go(self, run_id: str) -> None:
        self._owned.pop(run_id, None)
        self._weight.drop(run_id)
        self._leaving.discard(run_id)
        self._set_back.rests(run_id)
        if run_id in self._rung_for:
            self._rung_for.discard(run_id)
            self._loop.call(partial(self._claim, run_id))
        self._catch_up()

    def _catch_up(self) -> None:
        is_light = self._weight.total <= self._weight.most // 2
        if self._rounds.behind and is_light and len(self._owned) + len(self._claims) < self.room // 2:
            self._rounds.behind = False
            self._loop.call(self._look)

    def _wake(self, run_id: str) -> None:
        """End a wait of a run that does something else meanwhile; for what may have come, the first that says so."""
        walk, now = self._owned.get(run_id), self._engine.clock.now()
        if walk is None or run_id in self._leaving:  # what comes next, whoever claims it finds on disk
            return
        if walk.overdue:
            over = [Signal(run_id, path, None, OVER, now) for path in walk.overdue]
            self._loop.when_done(self._engine.store.send(post, over), lambda _: self._claim(run_id))
        else:
            self._advance(walk)

    def _done(self, run_id: str, task: Task, ended: asyncio.Task[Done]) -> None:
        if task.connection is not None:
            self._uses.note(task.connection)
        if walk := self._owned.get(run_id):
            self._advance(walk, (task, ended.result()))

    def _sweep(self) -> None:
        """Look around, and come again."""
        self._loop.call_at(self._engine.clock.now() + SWEEP, self._sweep)
        self._look()
        if not self._rests:
            self._look_for_signals(self._owned.keys() - self._leaving)
            self._schedules.look(SWEEP)
            self._silences.look()
            self._callbacks.look()
            self._waking.look()

    def _look(self, age: timedelta = LOST) -> None:
        """Look for runs, and events of at least that age, that nobody rang for."""
        engine, now, room = self._engine, self._engine.clock.now(), self.room - len(self._owned)
        if self._rests or room <= 0:
            return
        self._rounds.look()
        try:
            lost = engine.store.read(journal.unmatched, now - age, room, engine.published.now().broken_ids)
            if not (fresh := [event_id for event_id in lost if event_id not in self._arrivals]):
                return
            portion = next(in_portions(engine, fresh), [])
            events = engine.store.read(ledger.events_of, portion)
            engine.published.refresh()  # what they are to start may have been published after the last look
        except StoreUnavailable:
            return
        self._rounds.behind |= len(lost) == room or len(portion) < len(fresh)
        self._arrivals.accept([Pending(events[id_], parsed(events[id_])) for id_ in portion if id_ in events])

    def _begin_stop(self) -> None:
        self._stopping = self._schedules.stopping = self._tidying.stopping = True

    def _hand_back(self) -> None:
        """Give back the runs that are still ours, and end."""
        self._leases.hand_back()
        self._loop.end()
