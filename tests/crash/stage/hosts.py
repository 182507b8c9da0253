"""The hosts of a stage: servers and workers, each with a data folder, a log and a clock of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.crash.stage.processes import Program
from tests.serving import ROOT, SLOW, WINK, Wink, eventually


def clock_off_by(seconds: int) -> Mapping[str, str]:
    """Return the variables under which the clock of a Wink is off by so much."""
    return {"PYTHONPATH": f"{Path(__file__).parent / 'clock'}:{ROOT}", "TEST_CLOCK_OFF": str(seconds)}


@dataclass
class Worker(Wink):
    """A ``wink worker``: as a server it can be started, killed, stopped and frozen, but nothing asks it."""

    def start(self) -> None:
        """Start it, and return when it works."""
        starts = self.log().count("worker.ready")
        program = Program([*WINK, "worker"], self.folder, self._environ())
        program.start()
        self.process = program.process
        eventually(lambda: self.log().count("worker.ready") > starts, within=SLOW)

    def log(self) -> str:
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))


def folder_of(stage: Path, name: str) -> Path:
    """Make the folder of a host."""
    folder = stage / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
