"""What came of killing a Wink at each of its commits."""

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

from tests.serving import ROOT
from tests.sink import Sink

#: Seconds that all the experiments with one workflow may take.
PATIENCE = 300


@dataclass(frozen=True)
class Experiment:
    """A Wink that was killed at a point, or lived, and what came of it after the next start.

    name: the point; runs: with their event, workflow, outcome and outputs; left, journal: the steps that were on disk
    when the next one started and in the end, by their keys: action, outcome and when they ended; calls: what reached
    the sink, (key, body).
    """

    name: str
    killed: bool
    acknowledged: Sequence[str]
    findings: Mapping[str, int]
    runs: Sequence[Mapping[str, object]]
    left: Mapping[str, Sequence[str]]
    journal: Mapping[str, Sequence[str]]
    calls: Sequence[tuple[str, object]]

    @property
    def outcomes(self) -> dict[str, str]:
        """How the runs of events ended, by their events."""
        return {str(run["event"]): str(run["outcome"]) for run in self.runs if run["event"]}

    @property
    def bodies(self) -> set[object]:
        return {body for _, body in self.calls}

    @property
    def keys(self) -> Counter[str]:
        """How often each Idempotency-Key came."""
        return Counter(key for key, _ in self.calls)


def experiments(folder: Path, database_url: str, sink: Sink, workflows: Mapping[str, str]) -> list[Experiment]:
    """Kill a Wink before and after each commit of the runs that one event leads to."""
    arguments = [str(folder), database_url, f"{sink.url}/{folder.name}", json.dumps(workflows)]
    program = [sys.executable, "-m", "tests.crash.laboratory", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = run(program, capture_output=True, text=True, timeout=PATIENCE, env=environ, cwd=ROOT, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    assert lines, done.stderr
    assert "Traceback" not in done.stderr + done.stdout, done.stderr + done.stdout
    return [Experiment(**line, calls=_calls(sink, f"/{folder.name}/{line['name']}")) for line in lines]


def _calls(sink: Sink, path: str) -> list[tuple[str, object]]:
    return [(call.key, json.loads(call.body)) for call in list(sink.calls) if f"{call.path}/".startswith(f"{path}/")]
