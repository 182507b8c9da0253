"""``wink serve``: receive, run, and answer the API, in one process."""

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import click

from engine.app import build
from engine.cli.examples import EXAMPLES, make_examples
from engine.cli.options import FOLDER, data_option, load_settings
from engine.cli.served import announce
from engine.cli.welcome import welcome
from engine.logs import configure
from engine.path.folder import watch
from engine.path.users import make_first
from engine.settings import Settings
from web import server, sink
from web.application import create_application
from web.port import await_answer, check_free
from web.rsgi import Front
from web.server import Address

#: Objects made before the collector looks through the young: every delivery makes some hundreds that end with it.
YOUNG = 20_000


@click.command()
@click.option("--host", help="Address to listen on. Default: WINK_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. Default: WINK_PORT, else 8080.")
@data_option
@click.option("--workflows", type=FOLDER, help="Folder of workflow files. Default: WINK_WORKFLOWS, else ./workflows.")
@click.option("--no-examples", is_flag=True, help="Make no example triggers, and start no sink for what they send.")
def serve(host: str | None, port: int | None, data: Path | None, workflows: Path | None, *, no_examples: bool) -> None:
    """Start Wink: receive deliveries, run workflows, and answer the API, until SIGTERM or Ctrl-C."""
    examples = False if no_examples else None
    settings = load_settings(host=host, port=port, data=data, workflows=workflows, examples=examples)
    configure(settings.log_format)
    signal.signal(signal.SIGTERM, _leave)
    address = Address(settings.host, settings.port)
    with _prepared(settings, address) as (front, greet):
        gc.collect()
        gc.freeze()  # what lives as long as the server is never looked through again: that took 80 ms each second
        gc.set_threshold(YOUNG)
        server.serve(front, address, Thread(target=_greet, args=(address, greet), daemon=True).start)


@contextmanager
def _prepared(settings: Settings, address: Address) -> Iterator[tuple[Front, Callable[[], None]]]:
    """Give what serves an engine that works, its folder watched, and what to do once it listens."""
    with ExitStack() as stack:
        engine = stack.enter_context(build(settings, reachable=_sink_of(settings)))
        check_free(address)
        if settings.examples:
            stack.enter_context(sink.open_sink())
        coming = [spec.name for spec in EXAMPLES] if settings.examples else ()
        folder = stack.enter_context(watch(engine, coming))
        made = make_examples(engine) if settings.examples else ()
        front = Front(engine, create_application(engine, folder))
        # Last: a start that fails after it would take the password along.
        password = make_first(engine)
        stack.enter_context(announce(settings.data, local_url(settings)))
        yield front, partial(welcome, engine, made, password)


def _sink_of(settings: Settings) -> list[tuple[str, int]]:
    return [(sink.HOST, sink.PORT)] if settings.examples else []


def local_url(settings: Settings) -> str:
    """Return the address for this machine's own use, whatever the public one is."""
    return Settings.model_validate({"host": settings.host, "port": settings.port}).public_url


def _greet(address: Address, greet: Callable[[], None]) -> None:
    """Greet once a connection is taken: the server says that it is ready a moment too early."""
    await_answer(address)
    greet()


def _leave(*_: object) -> None:
    """End a start that is under way; once it serves, the server has its own way to stop."""
    raise SystemExit(0)
