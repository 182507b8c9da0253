"""Our own client."""

import sys
from pathlib import Path

import pytest

from tests.bench.children import Launch, free_port, started, wait_until
from tests.bench.client import give
from tests.bench.finding import ID
from tests.bench.request import RUN_LENGTH, Target, answers, new_run
from tests.bench.sink import ID_HEADER, Arrivals
from tests.serving import eventually

SINK = Path(__file__).with_name("sink.py")


@pytest.fixture
def target(tmp_path):
    """What writes down each finding that is sent."""
    port, file = free_port(), tmp_path / "arrivals"
    file.touch()
    with started([Launch([sys.executable, str(SINK), str(port), str(file)])], tmp_path) as family:
        wait_until(lambda: answers(port, "/"), family, seconds=30, what="the sink answers")
        yield Target(port, "/", {ID_HEADER: ID})


@pytest.mark.parametrize("number", [1, 3, 50])
def test_so_many_findings_are_given_as_were_asked_for_and_each_once(target, tmp_path, number):
    run = new_run()

    taken = give(target, run=run, connections=8, number=number)

    def arrived():
        lines = (tmp_path / "arrivals").read_text().splitlines()
        return sorted(identity for identity, *_ in map(str.split, lines) if identity.startswith(run))

    assert len(taken) == number
    eventually(lambda: len(arrived()) >= number)  # the sink answers first
    assert arrived() == sorted(taken)
    assert Arrivals(tmp_path / "arrivals", run_length=RUN_LENGTH).of(run).keys() == taken
