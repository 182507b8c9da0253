"""The composition root: it makes one running Wink from its settings, and nothing else does."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

import structlog

import engine as package
from engine.actions.client import HttpClient
from engine.actions.documents import Documents, get_text
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.clock import Clock, SystemClock
from engine.definitions.catalog import read_connectors
from engine.errors import SettingsError
from engine.executors.embedded import Embedded
from engine.executors.resting import Resting
from engine.finder.recogniser import Recogniser
from engine.intake import Intake
from engine.lock import LOCK_FILE, hold
from engine.metrics import build_metrics
from engine.published import Published
from engine.runtime import Engine, Executor
from engine.secret_file import secret_in
from engine.settings import Settings
from engine.store import journal, sealed
from engine.store.secrets import cipher_from
from engine.store.store import open_store

#: Connectors ship beside the package, in the wheel as in the repository.
CONNECTORS = Path(package.__file__).parent.parent / "connectors"

log = structlog.get_logger()

SECRET_KEY_FILE = "secret.key"  # noqa: S105 - the name of a file


@contextmanager
def build(
    settings: Settings, *, clock: Clock | None = None, reachable: Iterable[tuple[str, int]] = ()
) -> Iterator[Engine]:
    """Make an engine that works until the block ends; then it hands back what runs, and everything is closed.

    It is the one process that may work on the data folder, so what a dead one had is taken over at once.

    reachable: hosts with their ports that steps may call although they are private, such as the examples' sink.

    Raises:
        AlreadyRunning: another process uses the data folder.
        SettingsError: a setting is wrong, or the database was made with another key or by a newer Wink.
    """
    guard = Guard(settings.allow_private_addresses, frozenset(reachable))
    with _composed(settings, clock or SystemClock(), guard, Embedded(settings.threads)) as engine:
        if left := engine.store.write(journal.end_leases, engine.clock.now()):
            log.info("runs.taken_over", runs=left)
        engine.store.write(sealed.ask_all)
        engine.executor.start(engine)
        try:
            yield engine
        finally:
            engine.executor.stop()


@contextmanager
def build_resting(settings: Settings) -> Iterator[Engine]:
    """Make an engine that takes deliveries and shows what there is, and runs nothing: a server does, when it starts.

    Raises:
        AlreadyRunning, SettingsError: as for :func:`build`.
    """
    with _composed(settings, SystemClock(), Guard(), Resting()) as engine:
        yield engine


@contextmanager
def _composed(settings: Settings, clock: Clock, guard: Guard, executor: Executor) -> Iterator[Engine]:
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the data folder cannot be made ({error}): see WINK_DATA") from error
    with hold(settings.data / LOCK_FILE):
        engine = _compose(settings, clock, guard, executor)
        try:
            yield engine
        finally:
            engine.documents.close()
            engine.store.close()


def _compose(settings: Settings, clock: Clock, guard: Guard, executor: Executor) -> Engine:
    connectors = read_connectors(CONNECTORS)
    actions = build_actions(HttpClient(guard, max_body=settings.max_output), connectors)
    store = open_store(settings.database_url.get_secret_value(), cipher_from(secret_key(settings)))
    published = Published(store, connectors, {name: action.spec for name, action in actions.items()}, clock)
    return Engine(
        settings=settings,
        store=store,
        connectors=connectors,
        recogniser=Recogniser(connectors),
        guard=guard,
        documents=Documents(get_text(guard), clock),
        actions=actions,
        published=published,
        intake=Intake(store.writer.delay, int(settings.max_body)),
        executor=executor,
        metrics=build_metrics(),
        clock=clock,
    )


def secret_key(settings: Settings) -> str:
    """Return the secret key: the setting, or the one that was made at the first start and kept for its owner alone."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return secret_in(settings.data / SECRET_KEY_FILE, lambda: token_urlsafe(32))
