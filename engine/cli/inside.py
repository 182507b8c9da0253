"""Open the data folder in this process and speak to its API there, when nobody serves it."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.app import build_resting
from engine.cli.client import Transport
from engine.cli.served import SERVER
from engine.logs import configure
from engine.path.access import local_token
from engine.settings import Settings
from web.application import create_application
from web.inside import Inside


@contextmanager
def inside(settings: Settings) -> Iterator[tuple[Transport, str]]:
    """Build an engine that runs nothing, and give the way to its API with the token for it.

    Looking must not run what a server left: its settings may be others than those of this shell.
    """
    configure(settings.log_format, quiet=True)
    with build_resting(settings) as engine:
        # A server that was killed could not take it away, and its address may be somebody else's now.
        (settings.data / SERVER).unlink(missing_ok=True)
        yield Inside(create_application(engine)), local_token(settings)
