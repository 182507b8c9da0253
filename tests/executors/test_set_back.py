"""The clock jumps while runs wait: nothing is lost or done twice, and no wait is longer than it was to be."""

from datetime import datetime, timedelta
from threading import Event

import pytest
from structlog.testing import capture_logs
from werkzeug import Response

from engine.executors.embedded import Embedded
from engine.path.start import start
from engine.runtime import Engine
from engine.store import approvals, schedules, show
from engine.store.rows import Run
from engine.store.search import RunFilter, Span, list_runs
from engine.words import Outcome
from tests.engines import deliver, ended, running, trigger, workflow
from tests.path.waiting import ASK, SCAN, begun, is_let_go, pass_time
from tests.serving import eventually
from tests.sink import open_sink

pytestmark = pytest.mark.usefixtures("quick_sweeps")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAITS = "name: Waits\non: {manual: true}\nsteps:\n  - {id: pause, uses: core.wait, with: {for: LENGTH}}\n"
HOURLY = 'name: Hourly\non: {schedule: {cron: "0 * * * *"}}\nsteps: [{uses: core.log, with: {message: hello}}]\n'


@pytest.fixture
def engine(tmp_path, database_url):
    with running(tmp_path, database_url=database_url) as engine:
        yield engine


def due_at(engine: Engine, run: Run) -> datetime | None:
    """Return until when a run waits, None while it is looked at."""
    found = engine.store.read(show.run, run.id)
    return found.due_at if found.outcome is Outcome.WAITING else None


def runs(engine: Engine) -> list[Run]:
    lines = engine.store.read(list_runs, RunFilter(), Span(limit=10)).items
    return [engine.store.read(show.run, line.id) for line in lines]


def set_back(engine: Engine, run: Run, length: timedelta) -> None:
    """Set the clock back by a day, and return when the run waits about so long again."""
    pass_time(engine, -DAY)
    eventually(lambda: is_let_go(engine, run.id) and _waits(engine, run, length))


def _waits(engine: Engine, run: Run, length: timedelta) -> bool:
    due = due_at(engine, run)
    return due is not None and abs(due - engine.clock.now() - length) < MINUTE


def test_a_wait_ends_in_time_when_the_clock_is_set_back(engine):
    workflow(engine, WAITS.replace("LENGTH", "1h"), "waits")
    run = begun(engine, "waits")

    set_back(engine, run, HOUR)

    pass_time(engine, HOUR)
    assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


def test_a_wait_until_a_moment_and_one_that_began_before_end_when_they_were_to(engine):
    moment = engine.clock.now() + 3 * DAY
    workflow(engine, WAITS.replace("for: LENGTH", f"until: '{moment.isoformat()}'"), "until")
    workflow(engine, WAITS.replace("LENGTH", "3d"), "before")
    workflow(engine, WAITS.replace("LENGTH", "1h"), "waits")
    before = begun(engine, "before")
    ends = before.due_at
    pass_time(engine, DAY)
    until, run = begun(engine, "until"), begun(engine, "waits")

    set_back(engine, run, HOUR)

    eventually(lambda: due_at(engine, until) == moment and due_at(engine, before) == ends)


def test_a_retry_is_made_in_time_when_the_clock_is_set_back(engine):
    dead = "{uses: http.post, with: {url: 'http://127.0.0.1:9/'}, retry: {attempts: 2, wait: 5m, when: [refused]}}"
    workflow(engine, f"name: Retry\non: {{manual: true}}\nsteps: [{dead}]\n", "retry")
    run = begun(engine, "retry")

    set_back(engine, run, 5 * MINUTE)
    pass_time(engine, 5 * MINUTE)

    assert ended(engine, run.id).error["kind"] == "refused"


def test_people_are_asked_for_as_long_as_they_were_to_be(engine):
    workflow(engine, ASK.replace("MORE", "timeout: 30m, default: rejected"), "ask")
    run = begun(engine, "ask")

    set_back(engine, run, HOUR / 2)

    (asked,) = engine.store.read(approvals.of_run, run.id)
    assert asked.approval.expires_at - engine.clock.now() < HOUR / 2 + MINUTE
    pass_time(engine, HOUR / 2)
    assert ended(engine, run.id).outputs["answer"]["answer"] == "rejected"


def test_the_time_of_a_whole_run_is_over_in_time(engine):
    limited = ASK.replace("MORE", "quorum: 1").replace("steps:", "limits: {timeout: 2h}\nsteps:")
    workflow(engine, limited, "ask")
    run = begun(engine, "ask")

    set_back(engine, run, 2 * HOUR)
    pass_time(engine, 2 * HOUR)

    assert ended(engine, run.id).error["kind"] == "timeout"


def test_an_event_counts_that_comes_after_the_clock_was_set_back(engine):
    trigger(engine)
    workflow(engine, SCAN, "scan")
    run = begun(engine, "scan", {"scan": "s1"})
    set_back(engine, run, HOUR)

    deliver(engine, b'{"scan": "s1", "state": "completed", "found": 3}')

    assert ended(engine, run.id).outputs == {"found": 3}


def test_what_nobody_rang_for_is_found_all_the_same(engine, monkeypatch):
    workflow(engine, WAITS.replace("LENGTH", "1ms"), "waits")
    pass_time(engine, -DAY)
    monkeypatch.setattr(Embedded, "notify", lambda *_: None)

    run = start(engine, "waits", {})

    assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


def test_a_schedule_goes_on_and_no_time_has_two_runs(tmp_path):
    with running(tmp_path) as engine:
        workflow(engine, HOURLY, "hourly")
        next_at = engine.store.read(schedules.next_times, ["hourly"])["hourly"]

        pass_time(engine, DAY)
        eventually(lambda: [run for run in runs(engine) if run.finished_at is not None])
        pass_time(engine, -DAY)

        eventually(lambda: engine.store.read(schedules.next_times, ["hourly"])["hourly"] == next_at)
        pass_time(engine, DAY)
        eventually(lambda: engine.store.read(schedules.next_times, ["hourly"])["hourly"] == next_at + DAY)
        assert len(runs(engine)) == 1


def test_a_wait_ends_in_time_when_the_clock_was_set_back_while_nobody_was_there(tmp_path):
    """On SQLite: PostgreSQL's own clock says what is due there, and a test cannot move it."""
    with running(tmp_path) as engine:
        pass_time(engine, DAY)
        workflow(engine, WAITS.replace("LENGTH", "1h"), "waits")
        run = begun(engine, "waits")

    with running(tmp_path) as engine:
        eventually(lambda: (due := due_at(engine, run)) and abs(due - engine.clock.now() - HOUR) < MINUTE)
        pass_time(engine, HOUR)

        assert ended(engine, run.id).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("times", [1, 2])
def test_a_wait_beside_a_step_that_is_under_way_ends_in_time(tmp_path, times):
    with open_sink() as sink, running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        branches = f"""
  - id: both
    parallel:
      - {{id: one, steps: [{{uses: core.wait, with: {{for: 1h}}}}]}}
      - {{id: two, steps: [{{uses: http.post, with: {{url: '{sink.url}/slow', body: b}}}}]}}
"""
        workflow(engine, f"name: Both\non: {{manual: true}}\nsteps:{branches}", "both")
        with sink.closed():
            run = start(engine, "both", {})
            eventually(lambda: sink.at("/slow"))
            for _ in range(times):
                set_back_amid(engine)

        eventually(lambda: (due := due_at(engine, run)) and abs(due - engine.clock.now() - HOUR) < MINUTE)
        pass_time(engine, HOUR)
        assert ended(engine, run.id).outcome is Outcome.SUCCEEDED
        assert len(sink.at("/slow")) == 1


def test_a_retry_of_a_step_that_fails_after_the_clock_was_set_back_waits_as_long_as_it_was_to(tmp_path, httpserver):
    over = Event()
    httpserver.expect_request("/").respond_with_handler(lambda _: (over.wait(20), Response(status=503))[1])
    with running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        step = f"uses: http.post, with: {{url: '{httpserver.url_for('/')}', body: b}}, retry: {{attempts: 2, wait: 5m}}"
        workflow(engine, f"name: Fails\non: {{manual: true}}\nsteps: [{{{step}}}]\n", "fails")
        run = start(engine, "fails", {})
        eventually(lambda: not is_let_go(engine, run.id))
        set_back_amid(engine)

        over.set()

        eventually(lambda: due_at(engine, run))
        looked = engine.store.read(show.run, run.id).token
        eventually(lambda: engine.store.read(show.run, run.id).token > looked)
        eventually(lambda: is_let_go(engine, run.id) and _waits(engine, run, 5 * MINUTE))
        assert len(httpserver.log) == 1


def set_back_amid(engine: Engine) -> None:
    """Set the clock back by a day, and return when another run was taken along."""
    workflow(engine, WAITS.replace("LENGTH", "1h"), "waits")
    set_back(engine, begun(engine, "waits"), HOUR)


def test_a_run_that_ends_is_not_kept_in_mind(tmp_path):
    with open_sink() as sink, running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        workflow(engine, f"name: Slow\non: {{manual: true}}\nsteps:\n{sink.step('/slow', 'run.id')}", "slow")
        with sink.closed():
            run = start(engine, "slow", {})
            eventually(lambda: sink.at("/slow"))
            set_back_amid(engine)
            assert run.id in engine.executor._set_back._amid

        eventually(lambda: not engine.executor._set_back._amid)


def test_a_clock_that_was_set_back_while_nobody_was_there_is_told(tmp_path):
    with running(tmp_path) as engine:
        pass_time(engine, DAY)
        workflow(engine, WAITS.replace("LENGTH", "1h"), "waits")
        begun(engine, "waits")

    with capture_logs() as lines, running(tmp_path):
        eventually(lambda: "clock.set_back" in [line["event"] for line in lines])


@pytest.mark.parametrize("change", ["store.set_back.set_back", "store.schedules.take_turns"])
def test_what_cannot_be_taken_along_is_told(tmp_path, monkeypatch, change):
    def broken(*_):
        raise ValueError("broken")

    with running(tmp_path) as engine:
        workflow(engine, HOURLY, "hourly")
        begin = engine.store.read(schedules.next_times, ["hourly"])["hourly"]
        pass_time(engine, DAY)
        eventually(lambda: engine.store.read(schedules.next_times, ["hourly"])["hourly"] > begin)
        eventually(lambda: engine.executor._loop._seen > begin)  # else it sees neither jump
        monkeypatch.setattr(f"engine.{change}", broken)

        with capture_logs() as lines:
            pass_time(engine, -DAY)
            eventually(lambda: [line for line in lines if line["event"].endswith("write_failed")])


def test_what_is_due_when_the_clock_jumps_ahead_is_done_once_and_what_is_under_way_goes_on(tmp_path):
    with open_sink() as sink, running(tmp_path, allow_private_addresses="127.0.0.1/32") as engine:
        then = WAITS.replace("LENGTH", "1h") + sink.step("/then", "run.id")
        workflow(engine, then, "then")
        workflow(engine, f"name: Slow\non: {{manual: true}}\nsteps:\n{sink.step('/slow', 'run.id')}", "slow")
        waiting = begun(engine, "then")
        with sink.closed():
            slow = start(engine, "slow", {})
            eventually(lambda: sink.at("/slow"))
            pass_time(engine, DAY)
            eventually(lambda: sink.at("/then"))

        assert {ended(engine, run.id).outcome for run in (waiting, slow)} == {Outcome.SUCCEEDED}
        assert (len(sink.at("/slow")), len(sink.at("/then"))) == (1, 1)
