"""A network of its own for one program, with one cable to it: pulled, nothing comes through and nobody is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from os import getpid
from subprocess import run

from tests.crash.stage.processes import Missing, is_root, tool
from tests.serving import SLOW

_numbers = count()


@dataclass(frozen=True)
class Cable:
    """One end is here and one in the other network; far: the address there."""

    name: str
    far: str

    @property
    def inside(self) -> list[str]:
        """Words that run a command in the other network."""
        return [tool("ip"), "netns", "exec", self.name]

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Let nothing through until the block ends."""
        _ip("-n", self.name, "link", "set", "far", "down")  # the far end: here, nothing would lead there any more
        try:
            yield
        finally:
            _ip("-n", self.name, "link", "set", "far", "up")


@contextmanager
def cable() -> Iterator[Cable | None]:
    """Make a network and lead a cable to it until the block ends; None where no network may be made."""
    number = getpid() * 4 + next(_numbers)
    # 198.18.0.0/15 is for measurements between networks. Source: RFC 2544, appendix C.2.2
    near, far = (f"198.18.{number // 64 % 256}.{number % 64 * 4 + end}" for end in (1, 2))
    line = Cable(f"wk{number % 0xFFFFFF:x}", far)
    try:
        may = is_root() and _ip("netns", "add", line.name)
    except Missing:
        may = False
    if not may:
        yield None
        return
    try:
        _ip("link", "add", f"{line.name}h", "type", "veth", "peer", "name", "far", "netns", line.name)
        _ip("addr", "add", f"{near}/30", "dev", f"{line.name}h")
        _ip("link", "set", f"{line.name}h", "up")
        for words in (
            ["addr", "add", f"{far}/30", "dev", "far"],
            ["link", "set", "far", "up"],
            ["link", "set", "lo", "up"],
        ):
            _ip("-n", line.name, *words)
        yield line
    finally:
        _ip("link", "del", f"{line.name}h")
        _ip("netns", "del", line.name)


def _ip(*words: str) -> bool:
    return run([tool("ip"), *words], capture_output=True, check=False, timeout=SLOW).returncode == 0
