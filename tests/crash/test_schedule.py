"""A Wink that is killed around the commit that starts a workflow by the clock: the time has one run, and it ends."""

import os
import signal
import sys
from pathlib import Path
from subprocess import run

import pytest

from tests.crash.scheduled import outcomes
from tests.serving import ROOT


@pytest.mark.parametrize("commit", [1, 2, 3])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_time_has_one_run_whenever_the_process_dies(tmp_path: Path, commit: int, moment: str) -> None:
    program = [sys.executable, "-m", "tests.crash.scheduled", str(tmp_path), str(commit), moment]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    done = run(program, capture_output=True, timeout=60, check=False, env=environ, cwd=ROOT)

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert outcomes(tmp_path) == ["succeeded"]
