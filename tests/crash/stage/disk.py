"""A disk that can be filled to the last byte."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from subprocess import run

from tests.crash.stage.processes import is_root, tool
from tests.serving import SLOW

MEBIBYTE = b"\0" * 1024 * 1024


@dataclass(frozen=True)
class Disk:
    """A file system of its own below a folder."""

    folder: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no room on it until the block ends."""
        ballast = self.folder / "ballast"
        try:
            for size in (1024 * 1024, 4096, 1):
                self._fill(ballast, MEBIBYTE[:size])
            yield
        finally:
            ballast.unlink(missing_ok=True)

    def _fill(self, ballast: Path, portion: bytes) -> None:
        with ballast.open("ab", buffering=0) as file:
            try:
                while file.write(portion) == len(portion):
                    pass
            except OSError as error:
                if error.errno != ENOSPC:
                    raise


@contextmanager
def disk(folder: Path, mebibytes: int, user: str | None = None) -> Iterator[Disk | None]:
    """Mount a small disk until the block ends; None where nothing may be mounted."""
    folder.mkdir(parents=True)
    mount = [tool("mount"), "-t", "tmpfs", "-o", f"size={mebibytes}m", "wink-stage", str(folder)]
    if not is_root() or run(mount, capture_output=True, check=False, timeout=SLOW).returncode:
        yield None
        return
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield Disk(folder)
    finally:
        run([tool("umount"), "--lazy", str(folder)], check=True, capture_output=True, timeout=SLOW)
