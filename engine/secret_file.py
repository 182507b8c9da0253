"""Secrets that this machine makes for itself: each in a file that its owner alone can read."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile


def secret_in(file: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file; it is made when there is none, or nothing in it, which would open to everybody.

    Of several processes that make one at once, all get that of the first.
    """
    return _read(file) or _write(file, make()) or _read(file)


def _read(file: Path) -> str:
    return file.read_text("utf-8").strip() if file.exists() else ""


def _write(file: Path, secret: str) -> str:
    """Write the file under another name first, with mode 0600: whatever crashes, there is all of it or nothing.

    Return nothing where another process has written it meanwhile.
    """
    with NamedTemporaryFile("w", dir=file.parent, delete=False) as draft:
        draft.write(f"{secret}\n")
        draft.flush()
        os.fsync(draft.fileno())
    if file.exists() and not _read(file):  # else it could be one that another process has just made
        file.unlink(missing_ok=True)
    try:
        file.hardlink_to(draft.name)  # unlike a new name, it takes nobody's place
    except FileExistsError:
        return ""
    finally:
        Path(draft.name).unlink()
    return secret
