"""Programs of a stage: each is killed, stopped and continued by its own id, with whatever it started."""

import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from subprocess import STDOUT, Popen

from tests.serving import SLOW


class Missing(Exception):
    """This machine lacks what a fault needs; the message says what."""


def tool(name: str, folders: str = "/usr/sbin:/sbin") -> str:
    """Return where a program is; folders: where to look before PATH, the last match of a pattern first.

    Raises:
        Missing: it is nowhere.
    """
    places = [place for folder in folders.split(":") for place in sorted(glob(folder), reverse=True)]  # noqa: PTH207
    found = shutil.which(name, path=":".join(places)) or shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not installed")
    return found


def is_root() -> bool:
    return os.geteuid() == 0


def family(process_id: int) -> list[int]:
    """Return a process and all below it: a parent before its children."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            child, parent = int(status.parent.name), int(status.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(child)
    found = [process_id]
    for parent in found:
        found.extend(children.get(parent, ()))
    return found


def tell_all(process_id: int, number: signal.Signals) -> None:
    """Send a signal to a process and to all below it."""
    for each in family(process_id):
        with suppress(ProcessLookupError):
            os.kill(each, number)


@contextmanager
def frozen(process: Popen[bytes]) -> Iterator[None]:
    """Let a process, and all below it, stand still until the block ends; one that does so already is left alone."""
    if _is_still(process.pid):
        yield
        return
    tell_all(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        tell_all(process.pid, signal.SIGCONT)


def _is_still(process_id: int) -> bool:
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@dataclass
class Program:
    """What is started with the same words each time; its log lies in its folder."""

    words: Sequence[str]
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    process: Popen[bytes] | None = None

    def start(self) -> None:
        environ = {**os.environ, **self.environ}
        with (self.folder / f"{Path(self.words[0]).name}.log").open("ab") as log:
            self.process = Popen(
                self.words, cwd=self.folder, env=environ, stdout=log, stderr=STDOUT, user=self.user, process_group=0
            )

    def kill(self) -> None:
        """End it, and all that it started, as a power cut does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)  # so that it starts no more while its children are looked for
            tell_all(self.process.pid, signal.SIGKILL)
            self.process.wait(SLOW)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None
