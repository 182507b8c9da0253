"""The processes that a measurement starts, what they use, and how they end.

Each child leads a session of its own, so that whatever it starts can be counted and ended with it.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if fields[_SESSION] == str(self.process.pid):
                    yield folder.name, fields


def _status(pid: str, line: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for words in map(str.split, Path(f"/proc/{pid}/status").read_text().splitlines()):
            if words[0] == f"{line}:":
                return int(words[1])
    return 0


@contextmanager
def started(launch: Launch, log: Path) -> Iterator[Child]:
    """Start a process, and end it with the block, however the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            launch.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | launch.environment,
            cwd=log.parent,
            start_new_session=True,
        )
    child = Child(process, log)
    try:
        yield child
    finally:
        child.stop()


def wait_until(true: Callable[[], bool], child: Child, *, seconds: float, what: str) -> None:
    """Wait until something holds, looking often.

    Raises:
        BenchError: it did not hold in time, or the process ended before; the message has the end of its log.
    """
    end = time.monotonic() + seconds
    while not true():
        if child.process.poll() is not None or time.monotonic() > end:
            last = "\n".join(child.log.read_text(errors="replace").splitlines()[-8:])
            raise BenchError(f"{what}: not within {seconds:.0f} s\n{last}")
        time.sleep(0.005)


def settle(child: Child, *, seconds: float) -> None:
    """Wait until a process rests, so that work left over is not charged to the next measurement."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = child.cpu_seconds()
        time.sleep(0.3)
        if child.cpu_seconds() - before < 0.03:
            return


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
