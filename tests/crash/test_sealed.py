"""A Wink that is killed around any commit of a late proof: the next one goes on, and each genuine event runs once."""

import json
import os
import sys
from subprocess import run

import pytest

from tests.crash.experiments import PATIENCE
from tests.serving import ROOT

pytestmark = pytest.mark.timeout(PATIENCE)


def test_whenever_the_process_dies_each_genuine_event_runs_once_and_in_order(tmp_path, database_url):
    program = [sys.executable, "-m", "tests.crash.sealed", str(tmp_path), database_url]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = run(program, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environ, cwd=ROOT)

    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    assert sum(line["killed"] for line in lines) >= 10, done.stderr
    for line in lines:
        expected = {"scans": ["scan_1", "scan_2", "scan_3"], "runs": [1, 1, 1], "sealed": 2, "findings": {}}
        assert line == {"name": line["name"], "killed": line["killed"], **expected}
