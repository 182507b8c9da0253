"""Secrets that this machine makes for itself: each in a file that its owner alone can read."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile


def secret_in(file: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file; it is made when there is none, or nothing in it, which would open to everybody."""
    kept = file.read_text("utf-8").strip() if file.exists() else ""
    return kept or _write(file, make())


def _write(file: Path, secret: str) -> str:
    """Write the file under another name first, with mode 0600: whatever crashes, there is all of it or nothing."""
    with NamedTemporaryFile("w", dir=file.parent, delete=False) as draft:
        draft.write(f"{secret}\n")
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(file)
    return secret
