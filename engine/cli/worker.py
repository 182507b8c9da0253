"""``wink worker``: run what ``wink serve`` receives, on any number of machines."""

import gc
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import click
import structlog

from engine.app import build_worker
from engine.cli.options import data_option, load_settings
from engine.executors.rounds import ROOM
from engine.logs import configure
from engine.settings import Settings
from engine.store.database import place_of
from web.probes import open_probes, take_address

log = structlog.get_logger()


@click.command("worker")
@click.option(
    "--concurrency", type=click.IntRange(1), default=ROOM, show_default=True, help="Runs in memory at once, at most."
)
@click.option("--host", help="Address to answer on with --metrics-port. Default: WINK_HOST, else 127.0.0.1.")
@click.option(
    "--metrics-port", type=click.IntRange(1, 65535), help="Answer /metrics, /healthz and /readyz on this port."
)
@data_option
def work(concurrency: int, host: str | None, metrics_port: int | None, data: Path | None) -> None:
    """Run what other machines receive: they share WINK_DATABASE_URL, WINK_BROKER_URL and WINK_SECRET_KEY.

    Start as many as you like. SIGTERM or Ctrl-C ends one: what it runs then, others go on with.
    """
    settings = load_settings(host=host, data=data)
    configure(settings.log_format)
    _on_signal(_leave)
    with ExitStack() as stack:
        # First: no work may begin where the start fails.
        server = None if metrics_port is None else stack.enter_context(take_address(settings.host, metrics_port))
        worker = stack.enter_context(build_worker(settings, concurrency))
        if server is not None:
            stack.enter_context(open_probes(worker.engine, server))
        log.info("worker.connected", **_places(settings, metrics_port))
        gc.collect()
        gc.freeze()  # what is there by now lives as long as the worker
        _on_signal(lambda *_: worker.leave())
        worker.listen()


def _places(settings: Settings, metrics_port: int | None) -> dict[str, str]:
    """Return where a worker finds what it works with, without what lets it in, and where it is looked at."""
    broker = urlsplit(settings.broker_url.get_secret_value() if settings.broker_url else "")
    metrics = "nowhere: give --metrics-port"
    if metrics_port is not None:
        metrics = Settings.model_validate({"host": settings.host, "port": metrics_port}).public_url + "/metrics"
    return {
        "database": place_of(settings.database_url.get_secret_value()),
        "broker": f"{broker.hostname}:{broker.port}" if broker.port else str(broker.hostname),
        "metrics": metrics,
    }


def _on_signal(handler: Callable[..., None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def _leave(*_: object) -> None:
    """End a start that is under way; once it listens, the worker has its own way to stop."""
    raise SystemExit(0)
