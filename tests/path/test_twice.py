"""Two processes answer the same step in the same moment: one answer counts, and the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from threading import Barrier

import pytest

from engine.errors import Conflict
from engine.path import wake
from engine.runtime import Engine
from engine.store import approvals, event_waits, signals
from engine.store.rows import Vote
from engine.store.secrets import cipher_from
from engine.store.store import Store, open_store
from engine.words import Decision
from tests.engines import ended, running, trigger, workflow
from tests.path.test_approve import asked
from tests.path.test_wait_for_event import tell
from tests.path.waiting import SCAN, begun

#: What all processes on one database have in common.
KEY = "the key of every process"

#: How often two meet: the moments in which it matters are short.
ROUNDS = 5


@pytest.fixture
def stores(database_url):
    """Return two stores on one database, which are two processes to it."""
    with ExitStack() as opened:
        yield [opened.enter_context(closing(open_store(database_url, cipher_from(KEY)))) for _ in range(2)]


def at_once(stores: list[Store], *deeds: Callable[[Store], object]) -> list[object]:
    """Do something with each store in the same moment, and return what each gave, or the conflict that it met."""
    start = Barrier(len(deeds))

    def do(store: Store, deed: Callable[[Store], object]) -> object:
        start.wait()
        try:
            return deed(store)
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, stores, deeds))


def vote(engine: Engine, approval_id: str, name: str, decision: Decision) -> Callable[[Store], object]:
    return lambda store: store.write(approvals.vote, Vote(approval_id, name, decision, {}, engine.clock.now()))


def test_of_two_decisions_at_once_one_counts_and_the_other_is_refused(tmp_path, database_url, stores):
    with running(tmp_path, database_url=database_url, secret_key=KEY) as engine:
        both = [asked(engine) for _ in range(ROUNDS)]
        engine.executor.stop()
        for _, approval in both:
            yes, no = (vote(engine, approval.id, f"user:{one}", one) for one in (Decision.APPROVED, Decision.REJECTED))
            said = at_once(stores, yes, no)
            assert sorted(type(one).__name__ for one in said) == ["Approval", "Conflict"]

    with running(tmp_path, database_url=database_url, secret_key=KEY) as engine:
        for run, approval in both:
            decided = engine.store.read(approvals.find, approval.id)
            assert ended(engine, run.id).outputs["answer"]["answer"] == decided.approval.decision
            assert len(decided.votes) == 1


def test_the_same_voter_at_once_in_two_places_has_one_vote(tmp_path, database_url, stores):
    with running(tmp_path, database_url=database_url, secret_key=KEY) as engine:
        for _ in range(ROUNDS):
            _, approval = asked(engine, "quorum: 2")
            ayes = [vote(engine, approval.id, "user:ann", Decision.APPROVED) for _ in stores]
            said = at_once(stores, *ayes)

            assert sorted(type(one).__name__ for one in said) == ["Approval", "Conflict"]
            assert engine.store.read(approvals.find, approval.id).approval.decision is None


def correlate(engine: Engine, event_id: str) -> Callable[[Store], object]:
    """Return the write of a process that has asked the waiting steps about the event."""
    found = [wake.correlate(engine, event_id, event_waits.Spot())]
    return lambda store: store.write(event_waits.correlate, found)


def look_back(engine: Engine, _event_id: str) -> Callable[[Store], object]:
    """Return the write of a process that has looked through what came before."""
    waits = engine.store.read(event_waits.not_looked_back, engine.clock.now() + timedelta(days=1), 10)
    found = wake.look_back(engine, waits)
    return lambda store: store.write(event_waits.look_back, found)


@pytest.mark.parametrize("others", [(correlate, correlate), (look_back, look_back), (correlate, look_back)])
def test_an_event_that_two_find_at_once_ends_the_step_once(tmp_path, database_url, stores, others):
    with running(tmp_path, database_url=database_url, secret_key=KEY) as engine:
        trigger(engine)
        workflow(engine, SCAN, "scan")
        run = begun(engine, "scan", {"scan": "s1"})
        engine.executor.stop()
        event_id = tell(engine, "s1", found=1)

        told = at_once(stores, *(find(engine, event_id) for find in others))

        assert sorted(told) == [[[]], [[run.id]]]
        assert len(engine.store.read(signals.of_runs, [run.id])[run.id]) == 1

    with running(tmp_path, database_url=database_url, secret_key=KEY) as engine:
        assert ended(engine, run.id).outputs == {"found": 1}
