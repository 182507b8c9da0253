"""A trigger that is silent for longer than is normal is told of once, and starts what waits for that."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from engine.app import build
from engine.errors import Invalid, NotFound
from engine.path import silence
from engine.path.publish import pause, publish, resume
from engine.path.setup import delete
from engine.path.shown import show
from engine.path.silence import judged
from engine.settings import Settings
from engine.store import silences, tables, trigger_tables
from engine.store.rows import Run, SilenceRow
from engine.store.store import open_store
from engine.words import Held, Outcome
from tests.engines import MovableClock, deliver, trigger, workflow
from tests.serving import eventually

pytestmark = pytest.mark.usefixtures("quick_sweeps")

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

TELLS = """
name: Tell of a silence
on: {silence: t}
inputs: {asset: {type: string, default: www}}
steps: [{id: say, uses: core.set, with: {values: {trigger: "${{ trigger.name }}", asset: "${{ inputs.asset }}"}}}]
outputs: {said: "${{ steps.say.output }}"}
"""


@pytest.fixture
def clock():
    return MovableClock()


@pytest.fixture
def wink(tmp_path, clock, database_url):
    """Return what starts a Wink on a folder, a database and with a clock of the test."""
    return lambda: build(Settings.load({}, tmp_path, threads=2, database_url=database_url), clock=clock)


def runs(engine) -> list[Run]:
    with engine.store.reading() as connection:
        return [Run(**row) for row in connection.execute(select(tables.runs).order_by(tables.runs.c.id)).mappings()]


def row_of(engine) -> SilenceRow | None:
    return next(iter(engine.store.read(silences.all_of)), None)


def raised(engine) -> SilenceRow | None:
    row = row_of(engine)
    return row if row is not None and row.raised_at is not None else None


def looked(engine, clock) -> bool:
    """Wait until the executor has looked after now: it sweeps every two seconds, and notes it each minute."""
    row = row_of(engine)
    return row is not None and (row.raised_at is not None or row.seen_at >= clock.now() - MINUTE)


def keep(engine):
    """Look as another process would."""
    return [engine.store.submit(silences.keep, each).result() for each in silence.changes(engine, engine.clock.now())]


def seen_just_now(engine, clock, length):
    """Let time pass at once, as if somebody had been there all along."""
    clock.advance(length)
    seen = update(trigger_tables.silences).values(seen_at=clock.now() - timedelta(seconds=70))
    engine.store.write(lambda connection: connection.execute(seen).rowcount)


def test_000_r10_when_deliveries_stop_the_silence_is_raised_after_its_bound_and_starts_a_run(wink, clock):
    with wink() as engine, capture_logs() as logs:
        trigger(engine, silence="6h")
        workflow(engine, TELLS)
        deliver(engine)
        eventually(lambda: row_of(engine))
        heard = engine.clock.now()

        seen_just_now(engine, clock, 6 * HOUR + 5 * MINUTE)
        row = eventually(lambda: raised(engine))
        (run,) = eventually(lambda: [run for run in runs(engine) if run.outcome is Outcome.SUCCEEDED])
        gauge = eventually(lambda: engine.metrics.registry.get_sample_value("wink_silent_triggers"))

    assert heard - MINUTE < row.since <= heard
    assert run.outputs == {"said": {"trigger": "t", "asset": "www"}}
    assert (run.event_id, run.trigger_id) == (None, row.trigger_id)
    assert gauge == 1
    assert [each["trigger"] for each in logs if each["event"] == "trigger.silent"] == ["t"]


def test_000_r10_a_silence_is_no_error_and_the_next_delivery_ends_it(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        eventually(lambda: row_of(engine))
        seen_just_now(engine, clock, 7 * HOUR)
        eventually(lambda: raised(engine))
        silent = show(engine, "t")

        taken = deliver(engine)

        eventually(lambda: not raised(engine))
        assert (silent.state, show(engine, "t").silent_since) == ("published", None)
        assert silent.silent_since is not None
        assert taken.delivery.status == 202


def test_one_silence_is_raised_once_however_often_anybody_looks(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        workflow(engine, TELLS)
        eventually(lambda: row_of(engine))
        seen_just_now(engine, clock, 7 * HOUR)
        eventually(lambda: raised(engine))

        clock.advance(DAY)
        assert keep(engine) == []
    with wink() as engine:
        assert keep(engine) == []
        clock.advance(DAY)
        assert keep(engine) == []
        assert raised(engine)
        assert len(runs(engine)) == 1


def test_each_further_silence_is_raised_again(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        workflow(engine, TELLS)
        eventually(lambda: row_of(engine))
        for number in (1, 2):
            seen_just_now(engine, clock, 7 * HOUR)
            eventually(lambda: raised(engine))
            deliver(engine, b'{"n": %d}' % number)
            eventually(lambda: not raised(engine))

        assert len(runs(engine)) == 2


def test_of_two_processes_one_raises_a_silence(wink, clock, database_url, tmp_path):
    with wink() as engine:
        trigger(engine, silence="6h")
        workflow(engine, TELLS)
        eventually(lambda: row_of(engine))
        engine.executor.stop()
        seen_just_now(engine, clock, 7 * HOUR)
        (mine,), (other,) = (list(silence.changes(engine, clock.now())) for _ in range(2))
        further = open_store(engine.settings.database_url.get_secret_value(), engine.store.cipher)
        try:
            told = [engine.store.submit(silences.keep, mine).result(), further.submit(silences.keep, other).result()]
        finally:
            further.close()

        assert (len(mine.runs), len(other.runs)) == (1, 1)
        assert told == [True, False]
        assert [run.id for run in runs(engine)] == [mine.runs[0].id]


def test_a_run_that_was_written_with_the_silence_is_found_by_the_next_start(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        workflow(engine, TELLS)
        eventually(lambda: row_of(engine))
        engine.executor.stop()
        seen_just_now(engine, clock, 7 * HOUR)
        assert keep(engine) == [True]

    with wink() as engine:
        (run,) = eventually(lambda: [run for run in runs(engine) if run.outcome is Outcome.SUCCEEDED])
        assert run.outputs == {"said": {"trigger": "t", "asset": "www"}}


def test_refused_deliveries_do_not_end_a_silence_and_duplicates_do(wink, clock):
    with wink() as engine:
        shown = trigger(engine, silence="6h", dedup="body")
        deliver(engine)
        eventually(lambda: row_of(engine))
        seen_just_now(engine, clock, 7 * HOUR)
        eventually(lambda: raised(engine))
        assert deliver(engine, b"{").delivery.verdict == "rejected"
        assert keep(engine) == []

        assert deliver(engine).delivery.verdict == "duplicate"
        eventually(lambda: not raised(engine))
        assert show(engine, shown.trigger.id).silent_since is None


def test_time_in_which_wink_did_not_run_is_no_silence(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        workflow(engine, TELLS)
        eventually(lambda: row_of(engine))
    clock.advance(3 * DAY)

    with wink() as engine:
        eventually(lambda: looked(engine, clock))

        row = row_of(engine)
        assert row.raised_at is None
        assert clock.now() - row.since < MINUTE
        assert runs(engine) == []


def test_a_draft_and_a_paused_trigger_are_not_waited_for_and_a_published_one_is_from_then_on(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h", draft=True)
        clock.advance(DAY)
        assert keep(engine) == []
        published = clock.now()
        publish(engine, "t")
        since = eventually(lambda: row_of(engine)).since
        pause(engine, "t")
        eventually(lambda: row_of(engine) is None)
        clock.advance(DAY)
        resume(engine, "t", Held.RUN)

        assert since >= published
        assert eventually(lambda: row_of(engine)).since >= published + DAY
        assert runs(engine) == []


def test_a_deleted_trigger_is_not_waited_for(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        eventually(lambda: row_of(engine))

        delete(engine, "t")

        clock.advance(DAY)
        eventually(lambda: keep(engine) == [])  # a look that began before leaves a row until the next
        assert row_of(engine) is None
        with pytest.raises(NotFound):
            show(engine, "t")


def test_a_disabled_workflow_is_not_started_by_a_silence(wink, clock):
    with wink() as engine:
        trigger(engine, silence="6h")
        workflow(engine, TELLS.replace("silence: t", "silence: another"))
        eventually(lambda: row_of(engine))
        seen_just_now(engine, clock, 7 * HOUR)
        eventually(lambda: raised(engine))

        assert runs(engine) == []


@pytest.mark.parametrize("text", ["6", "soon", "1m", "4m59s", "367d", ""])
def test_a_bound_that_cannot_be_is_refused_by_its_field(wink, text):
    with wink() as engine, pytest.raises(Invalid) as refused:
        trigger(engine, silence=text)

    assert refused.value.field == "silence"


def row(since=timedelta(), seen=timedelta(), raised=None) -> SilenceRow:
    """Return a row with its times counted from noon."""
    return SilenceRow("trg_1", NOON + since, NOON + seen, None if raised is None else NOON + raised)


@pytest.mark.parametrize(
    ("before", "now", "heard", "after"),
    [
        # Watched all along: it is raised when the bound is over, not before.
        (row(seen=HOUR - MINUTE), HOUR, None, row(seen=HOUR, raised=HOUR)),
        (row(seen=HOUR - 2 * MINUTE), HOUR - MINUTE, None, row(seen=HOUR - MINUTE)),
        # A delivery that came meanwhile counts.
        (row(seen=HOUR - MINUTE), HOUR, HOUR / 2, row(HOUR / 2, HOUR)),
        # Nobody was there: that time does not count, and some is left at least.
        (row(seen=HOUR / 2), 3 * HOUR, None, row(2.5 * HOUR, 3 * HOUR)),
        (row(seen=HOUR - MINUTE), 9 * HOUR, None, row(8 * HOUR + 5 * MINUTE, 9 * HOUR)),
        # The clock was set back: the silence goes along with it, and is raised no earlier and hardly later.
        (row(2 * HOUR, 2.5 * HOUR), HOUR, None, row(HOUR / 2, HOUR)),
        (row(2 * HOUR, 2 * HOUR + MINUTE / 2), 2 * HOUR, None, row(2 * HOUR, 2 * HOUR)),
        # Raised: it stays so, also on a clock that was set, until something comes or a longer silence is normal.
        (row(seen=HOUR, raised=HOUR), 9 * HOUR, None, row(seen=9 * HOUR, raised=HOUR)),
        (row(2 * HOUR, 3 * HOUR, 3 * HOUR), HOUR, None, row(HOUR, HOUR, 3 * HOUR)),
        (row(seen=HOUR, raised=HOUR), 1.01 * HOUR, 1.01 * HOUR, row(1.01 * HOUR, 1.01 * HOUR)),
        (row(seen=HOUR / 4, raised=HOUR / 4), HOUR / 3, None, row(seen=HOUR / 3)),
    ],
)
def test_a_silence_is_judged_by_the_time_in_which_somebody_was_there(before, now, heard, after):
    at = None if heard is None else NOON + heard

    assert judged(before, HOUR, at, NOON + now) == after
