"""The hosts of a stage: servers and workers, each with a data folder, a log and a clock of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

from tests.crash.stage.processes import Missing, Program
from tests.serving import WINK, Wink

#: Debian's place of what lies to a program about the time, and only to that.
LIAR = "/usr/lib/*/faketime/libfaketime.so.1"


def clock_off_by(seconds: int) -> Mapping[str, str]:
    """Return the variables under which a program's clock is off by so much; how long things take stays true.

    Raises:
        Missing: there is nothing that does so.
    """
    found = glob(LIAR)  # noqa: PTH207 - a pattern from the root
    if not found:
        raise Missing("libfaketime is not installed")
    return {"LD_PRELOAD": found[0], "FAKETIME": f"{seconds:+}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@dataclass
class Worker(Wink):
    """A ``wink worker``: as a server it can be started, killed, stopped and frozen, but nothing asks it."""

    program: Program = field(init=False)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.program = Program([*WINK, "worker"], self.folder, self._environ())
        self.program.start()
        self.process = self.program.process

    def log(self) -> str:
        return next(self.folder.glob("*.log")).read_text(errors="replace")


def folder_of(stage: Path, name: str) -> Path:
    """Make the folder of a host."""
    folder = stage / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
