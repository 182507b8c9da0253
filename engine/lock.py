"""One process at a time for a data folder: an exclusive lock that ends with its holder, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import AlreadyRunning

#: Name of the lock in the data folder.
LOCK_FILE = "wink.lock"


@contextmanager
def hold(file: Path) -> Iterator[None]:
    """Hold the lock until the block ends.

    Raises:
        AlreadyRunning: another process holds it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise AlreadyRunning(
            f"process {holder or 'unknown'} uses the data folder {file.parent} already: "
            "stop it first, or give this one its own with --data"
        ) from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
