"""Steps of code in a whole engine: what a run keeps of them, and that none of it outlives what it belongs to."""

import subprocess
import sys
from textwrap import indent

import pytest

from engine.path.replay import cancel
from engine.store import journal, show
from engine.words import Outcome
from tests.engines import deliver, running, runs_of, trigger, workflow
from tests.sandboxes import sandboxes
from tests.serving import eventually

SPINS = "def main(n):\n    print('spinning')\n    while True: pass\n"


def of_code(code: str, more: str = "") -> str:
    given = f"    with:\n      inputs: {{n: '${{{{ event.data.n }}}}'}}\n      code: |\n{indent(code, ' ' * 8)}\n"
    return f"name: W\non: {{trigger: t}}\nsteps:\n  - id: work\n    uses: core.code\n{more}{given}"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a step of code for an event, and gives its entry of the journal."""

    def once(code: str, more: str = ""):
        with running(tmp_path) as engine:
            trigger(engine)
            workflow(engine, of_code(code, more))
            (end,) = runs_of(engine, deliver(engine).event_ids[0])
            return engine.store.read(journal.entries_of, [end.id])[end.id][0]

    return once


def test_the_journal_keeps_the_result_and_what_was_printed(run):
    entry = run("def main(n):\n    print('n is', n)\n    return {'twice': 2 * n}")

    assert entry.output == {"result": {"twice": 2}, "printed": "n is 1\n"}


def test_the_journal_of_a_step_that_failed_has_the_line_and_what_was_printed(run):
    entry = run("def main(n):\n    print('so far')\n    raise ValueError('no')")

    assert entry.outcome is Outcome.FAILED
    assert entry.error == {"step": "work", "kind": "failed", "message": "line 3: ValueError: no"}
    assert entry.output == {"printed": "so far\n"}


def test_a_timeout_of_the_step_is_kept(run):
    entry = run(SPINS, "    timeout: 1s\n")

    assert (entry.outcome, entry.error["kind"]) == (Outcome.FAILED, "timeout")


def test_a_cancelled_run_ends_at_once_and_its_code_soon_after(tmp_path):
    with running(tmp_path) as engine:
        trigger(engine)
        workflow(engine, of_code(SPINS))
        (event,) = deliver(engine).event_ids
        eventually(sandboxes)
        (run,) = engine.store.read(show.event_history, event).runs

        assert cancel(engine, run.id).outcome is Outcome.CANCELLED

        eventually(lambda: not sandboxes())


def test_an_engine_that_stops_leaves_no_process(tmp_path):
    with running(tmp_path) as engine:
        trigger(engine)
        workflow(engine, of_code(SPINS))
        deliver(engine)
        eventually(sandboxes)

    assert sandboxes() == []


def test_code_ends_by_itself_when_its_wink_was_killed():
    script = (
        "import asyncio\nfrom datetime import timedelta\nfrom engine.actions.sandbox import Sandbox\n"
        f"asyncio.run(Sandbox().run({SPINS!r}, {{'n': 1}}, within=timedelta(seconds=60)))"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as wink:
        (left,) = eventually(lambda: sandboxes(wink.pid))
        wink.kill()

    eventually(lambda: not is_alive(left))


def is_alive(pid: int) -> bool:
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and "Z" not in state
