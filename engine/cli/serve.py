"""``wink serve``: receive, run, and answer the API, in one process."""

import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import click
import structlog

from engine.app import build
from engine.cli.examples import EXAMPLES, make_examples
from engine.cli.options import FOLDER, data_option, load_settings
from engine.cli.served import announce
from engine.cli.welcome import welcome
from engine.lazy import load
from engine.logs import configure
from engine.path.access import Access
from engine.path.catalogue import mistakes_so_far
from engine.path.folder import Folder, watch
from engine.path.shown import Shown
from engine.path.users import make_first
from engine.runtime import Engine
from engine.settings import Settings
from web import server, sink
from web.built import read_manifest
from web.hooks import Application
from web.late import Late
from web.port import await_answer, check_free
from web.probes import with_probes
from web.rsgi import Front
from web.server import Address

#: Objects made before the collector looks through the young: every delivery makes some hundreds that end with it.
YOUNG = 20_000

log = structlog.get_logger()


@click.command()
@click.option("--host", help="Address to listen on. Default: WINK_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. Default: WINK_PORT, else 8080.")
@data_option
@click.option("--workflows", type=FOLDER, help="Folder of workflow files. Default: WINK_WORKFLOWS, else ./workflows.")
@click.option("--no-examples", is_flag=True, help="Make no example triggers, and start no sink for what they send.")
def serve(host: str | None, port: int | None, data: Path | None, workflows: Path | None, *, no_examples: bool) -> None:
    """Start Wink: receive deliveries, run workflows, and answer the API, until SIGTERM or Ctrl-C."""
    read_manifest()  # pages are made when somebody asks for one: that they cannot be is said now
    examples = False if no_examples else None
    settings = load_settings(host=host, port=port, data=data, workflows=workflows, examples=examples)
    configure(settings.log_format)
    signal.signal(signal.SIGTERM, _leave)
    address = Address(settings.host, settings.port)
    gc.set_threshold(YOUNG)
    with _prepared(settings, address) as (engine, behind, greet):
        _keep()
        greeted: Future[None] = Future()
        beside = Thread(target=_greet_beside, args=(greeted, greet, address), daemon=True)
        server.serve(Front(engine, behind), address, beside.start)
        if greeted.done():
            greeted.result()
    log.info("serve.stopped")


@contextmanager
def _prepared(settings: Settings, address: Address) -> Iterator[tuple[Engine, Application, Callable[[], None]]]:
    """Give an engine that works, its folder watched; the application behind its front; and what greets."""
    with ExitStack() as stack:
        engine = stack.enter_context(build(settings, reachable=_sink_of(settings)))
        check_free(address)
        if settings.examples:
            stack.enter_context(sink.open_sink())
        # Also of those that are not made, as in a cluster: their workflows are there to be read.
        folder = stack.enter_context(watch(engine, [spec.name for spec in EXAMPLES]))
        made = make_examples(engine) if settings.examples else ()
        access = Access.open(engine)  # makes the token of the commands, which are told now where the server is
        stack.enter_context(announce(settings.data, local_url(settings)))
        behind = with_probes(engine, access, Late(partial(_create, engine, folder)))
        yield engine, behind, partial(_greet, engine, made)


def _create(engine: Engine, folder: Folder) -> Application:
    """Make the API and the pages."""
    carry = load("engine.path.carry:over_address")
    application: Application = load("web.application:create_application")(engine, folder, carry=carry)
    _keep()
    return application


def _greet_beside(greeted: "Future[None]", greet: Callable[[], None], address: Address) -> None:
    """Greet once deliveries are taken: the server says that it is ready a moment too early. What fails ends it."""
    await_answer(address)
    try:
        greet()
        greeted.set_result(None)
    except Exception as error:  # noqa: BLE001 - it is raised when the server has stopped
        greeted.set_exception(error)
        os.kill(os.getpid(), signal.SIGTERM)


def _greet(engine: Engine, made: Sequence[Shown]) -> None:
    """Make the first administrator, and say where everything is; made: the examples' triggers."""
    # After all that could fail: a start that fails later would take the password along.
    welcome(engine, made, make_first(engine))
    tell_mistakes(engine)
    _keep()


def tell_mistakes(engine: Engine) -> None:
    """Say in the log which connectors in use have mistakes: the others cost memory once they are read."""
    # Those of the triggers and the workflows were asked for as these were read: no database may fail a greeting.
    for name, error in mistakes_so_far(engine).items():
        log.error("connector.broken", connector=name, error=error)


def _keep() -> None:
    """Never look again through what is there by now, as it lives as long as the server: that took 80 ms each second."""
    gc.collect()
    gc.freeze()


def _sink_of(settings: Settings) -> list[tuple[str, int]]:
    return [(sink.HOST, sink.PORT)] if settings.examples else []


def local_url(settings: Settings) -> str:
    """Return the address for this machine's own use, whatever the public one is."""
    return Settings.model_validate({"host": settings.host, "port": settings.port}).public_url


def _leave(*_: object) -> None:
    """End a start that is under way; once it serves, the server has its own way to stop."""
    raise SystemExit(0)
