"""The processes that a measurement starts, what they use, and how they end.

Each child leads a session of its own, so that whatever it starts can be counted and ended with it.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")

#: Fields of /proc/<pid>/stat after the name in brackets: session; and user, system, and both of ended children.
_SESSION = 3
_TIMES = slice(11, 15)


class BenchError(Exception):
    """The measurement cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a process is started."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Child:
    """A process that was started here, and all that it started."""

    process: subprocess.Popen[bytes]
    log: Path

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have used so far."""
        return sum(sum(map(int, fields[_TIMES])) for _, fields in self._members()) / _TICKS

    def memory(self, line: str) -> float:
        """Return what its processes hold, in MB; line: ``VmRSS`` for now, ``VmHWM`` for the most so far."""
        return sum(_status(pid, line) for pid, _ in self._members()) / 1024

    def kill(self) -> None:
        """End all of it at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _members(self) -> Iterator[tuple[str, list[str]]]:
        for pid, _, fields in _processes():
            if fields[_SESSION] == str(self.process.pid):
                yield pid, fields


@dataclass(frozen=True, slots=True)
class Family:
    """The processes of one system: the first is the one that answers."""

    children: Sequence[Child]

    def cpu_seconds(self) -> float:
        """Return the processor time that all of them have used so far."""
        return sum(child.cpu_seconds() for child in self.children)

    def memory(self, line: str) -> float:
        """Return what all of them hold, in MB; line: as :meth:`Child.memory` takes it."""
        return sum(child.memory(line) for child in self.children)

    def kill(self) -> None:
        """End all of them at once, as a power cut would."""
        for child in self.children:
            child.kill()


def services_cpu_seconds(names: Sequence[str]) -> float:
    """Return the processor time of this machine's processes of these names, which were not started here."""
    return sum(sum(map(int, fields[_TIMES])) for _, name, fields in _processes() if name in names) / _TICKS


def _processes() -> Iterator[tuple[str, str, list[str]]]:
    """Yield pid, name, and what /proc/<pid>/stat says after the name, of every process."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            before, _, after = (folder / "stat").read_text().rpartition(")")
            yield folder.name, before.partition("(")[2], after.split()


def _status(pid: str, line: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for words in map(str.split, Path(f"/proc/{pid}/status").read_text().splitlines()):
            if words[0] == f"{line}:":
                return int(words[1])
    return 0


@contextmanager
def started(launches: Sequence[Launch], folder: Path) -> Iterator[Family]:
    """Start processes, each with its log in the folder, and end them with the block, however the block ends."""
    with ExitStack() as stack:
        yield Family([stack.enter_context(_started(launch, folder)) for launch in launches])


@contextmanager
def _started(launch: Launch, folder: Path) -> Iterator[Child]:
    log = folder / f"log-{len(list(folder.glob('log-*')))}"
    with log.open("ab") as output:
        process = subprocess.Popen(
            launch.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | launch.environment,
            cwd=folder,
            start_new_session=True,
        )
    child = Child(process, log)
    try:
        yield child
    finally:
        child.stop()


def wait_until(true: Callable[[], bool], family: Family, *, seconds: float, what: str, pause: float = 0.005) -> None:
    """Wait until something holds, looking again after so many seconds of a pause.

    Raises:
        BenchError: it did not hold in time, or a process ended before; the message has the end of its log.
    """
    end = time.monotonic() + seconds
    while not true():
        ended = [child for child in family.children if child.process.poll() is not None]
        if ended or time.monotonic() > end:
            child = (ended or family.children)[0]
            last = "\n".join(child.log.read_text(errors="replace").splitlines()[-8:])
            raise BenchError(f"{what}: {'it ended' if ended else f'not within {seconds:.0f} s'}\n{last}")
        time.sleep(pause)


def settle(family: Family, *, seconds: float) -> None:
    """Wait until a system rests, so that work left over is not charged to the next measurement."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = family.cpu_seconds()
        time.sleep(0.3)
        if family.cpu_seconds() - before < 0.03:
            return


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
