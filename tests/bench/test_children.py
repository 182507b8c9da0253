"""The processes that a measurement starts."""

import sys
from pathlib import Path

import pytest

from tests.bench.children import BenchError, Launch, services_cpu_seconds, started, wait_until

SLEEPS = Launch([sys.executable, "-c", "import time; time.sleep(60)"])
FAILS = Launch([sys.executable, "-c", "raise SystemExit('no such table')"])


def test_all_processes_of_a_system_end_with_the_block(tmp_path):
    with started([SLEEPS, SLEEPS], tmp_path) as family:
        before = [child.process.poll() for child in family.children]

    assert before == [None, None]
    assert all(child.process.returncode for child in family.children)


def test_each_process_has_a_log_of_its_own_also_when_it_is_started_again(tmp_path):
    with started([SLEEPS, SLEEPS], tmp_path), started([SLEEPS], tmp_path):
        logs = {file.name for file in tmp_path.iterdir()}

    assert logs == {"log-0", "log-1", "log-2"}


def test_a_worker_that_ended_is_told_with_its_last_words(tmp_path):
    with started([SLEEPS, FAILS], tmp_path) as family, pytest.raises(BenchError, match="it ended\nno such table"):
        wait_until(lambda: False, family, seconds=30, what="it works")


def test_only_processes_of_these_names_are_services():
    ours = Path("/proc/self/comm").read_text().strip()

    assert services_cpu_seconds([ours]) > 0
    assert services_cpu_seconds(["nobody is called so"]) == 0
