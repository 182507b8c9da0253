"""Which server works on the data folder, and how to speak to it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import AlreadyRunning, WinkError
from engine.lock import LOCK_FILE, hold
from engine.settings import Settings

SERVER = "serve.json"
TOKEN = "cli.token"  # noqa: S105 - the name of a file

#: Names the Wink to speak to when it is not the one on the data folder.
URL = "WINK_URL"


@dataclass(frozen=True, slots=True)
class Served:
    """A Wink that can be called."""

    url: str
    token: str = field(repr=False)


def look_for_server(settings: Settings, environ: Mapping[str, str]) -> Served | None:
    """Return the server to speak to; None when nobody works on the data folder.

    Raises:
        AlreadyRunning: a process works on it and does not serve.
    """
    token = settings.api_token.get_secret_value() if settings.api_token else ""
    if url := environ.get(URL):
        return Served(url.rstrip("/"), token)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with hold(settings.data / LOCK_FILE):
            return None
    except AlreadyRunning:
        file = settings.data / SERVER
        if not file.exists():
            raise
        return Served(_url(file), token or read_token(settings.data))


def read_token(data: Path) -> str:
    """Return the token of the command line, which whoever may read the data folder may use.

    Raises:
        WinkError: it cannot be read.
    """
    try:
        return (data / TOKEN).read_text("utf-8").strip()
    except OSError as error:
        words = f"{data / TOKEN} cannot be read ({error.strerror}): set WINK_API_TOKEN, or become its owner"
        raise WinkError(words) from error


@contextmanager
def announce(data: Path, url: str) -> Iterator[None]:
    """Tell other commands of this user where the server is, until the block ends."""
    file = data / SERVER
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump({"url": url}, handle)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _url(file: Path) -> str:
    try:
        return str(json.loads(file.read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError) as error:
        raise WinkError(f"{file} cannot be read: stop the server, and start it again") from error
