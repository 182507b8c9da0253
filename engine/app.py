"""The composition root: it makes one running Wink from its settings, and nothing else does."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from secrets import token_urlsafe

import structlog

import engine as package
from engine.actions.documents import Documents
from engine.actions.guard import Guard
from engine.actions.registry import Client, build_actions, specs_of
from engine.clock import Clock
from engine.definitions.catalog import read_connectors
from engine.errors import SettingsError
from engine.executors.bell import Bell
from engine.executors.embedded import Embedded
from engine.executors.resting import Resting
from engine.executors.worker import Worker
from engine.finder.recogniser import Recogniser
from engine.intake import Intake
from engine.lazy import load
from engine.lock import LOCK_FILE, hold
from engine.metrics import build_metrics
from engine.published import Published
from engine.runtime import Engine, Executor
from engine.secret_file import secret_in
from engine.settings import Settings
from engine.store import journal, sealed
from engine.store.presence import Company
from engine.store.secrets import cipher_from
from engine.store.store import Store, open_store

#: Connectors ship beside the package, in the wheel as in the repository.
CONNECTORS = Path(package.__file__).parent.parent / "connectors"

log = structlog.get_logger()

SECRET_KEY_FILE = "secret.key"  # noqa: S105 - the name of a file


@contextmanager
def build(
    settings: Settings, *, clock: Clock | None = None, reachable: Iterable[tuple[str, int]] = ()
) -> Iterator[Engine]:
    """Make an engine that works until the block ends; then it hands back what runs, and everything is closed.

    Without a broker it is the one process that may work on the database, so what a dead one had is taken over at once.
    With one it receives, and workers run what it rings for.

    reachable: hosts with their ports that steps may call although they are private, such as the examples' sink.

    Raises:
        AlreadyRunning: another process uses the data folder, or the database and not as this one does.
        SettingsError: a setting is wrong, or the database was made with another key or by a newer Wink.
    """
    guard = Guard(settings.allow_private_addresses, frozenset(reachable))
    url = _broker(settings)
    executor = Embedded(settings.threads) if url is None else Bell(url)
    with _alone(settings), _working(settings, clock, guard, executor) as engine:
        yield engine


@contextmanager
def build_worker(settings: Settings, room: int, *, clock: Clock | None = None) -> Iterator[Worker]:
    """Make a worker that runs what others have received, until the block ends; room: runs in memory at once.

    Raises:
        SettingsError: as for :func:`build`, or there is no broker.
    """
    url = _broker(settings)
    if url is None:
        raise SettingsError("a worker needs the broker that it is rung by: set WINK_BROKER_URL")
    worker = Worker(url, settings.threads, room)
    with _working(settings, clock, Guard(settings.allow_private_addresses), worker):
        yield worker


@contextmanager
def build_resting(settings: Settings) -> Iterator[Engine]:
    """Make an engine that takes deliveries and shows what there is, and runs nothing: a server does, when it starts.

    Raises:
        AlreadyRunning, SettingsError: as for :func:`build`.
    """
    with _alone(settings), _composed(settings, None, Guard(), Resting()) as engine:
        yield engine


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep others, but for workers, from the data folder."""
    _make_folder(settings)
    with hold(settings.data / LOCK_FILE):
        yield


@contextmanager
def _working(settings: Settings, clock: Clock | None, guard: Guard, executor: Executor) -> Iterator[Engine]:
    with _composed(settings, clock, guard, executor) as engine:
        if settings.broker_url is None and (left := engine.store.write(journal.end_leases, engine.clock.now())):
            log.info("runs.taken_over", runs=left)
        engine.store.write(sealed.ask_all)
        engine.executor.start(engine)
        try:
            yield engine
        finally:
            engine.executor.stop()


@contextmanager
def _composed(settings: Settings, clock: Clock | None, guard: Guard, executor: Executor) -> Iterator[Engine]:
    _make_folder(settings)
    company = Company.ALONE if settings.broker_url is None else Company.SHARED
    address, cipher = settings.database_url.get_secret_value(), cipher_from(secret_key(settings))
    store = open_store(address, cipher, company, works=isinstance(executor, Worker))
    with closing(store):
        engine = _compose(settings, clock or store.clock, guard, executor, store)
        with closing(engine.documents):
            yield engine


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the data folder cannot be made ({error}): see WINK_DATA") from error


def _broker(settings: Settings) -> str | None:
    """Return the address of the broker; None where there is none.

    Raises:
        SettingsError: there is one, and a database that machines cannot share.
    """
    if settings.broker_url is None:
        return None
    if not settings.database_url.get_secret_value().startswith("postgresql"):
        raise SettingsError(
            "WINK_BROKER_URL is for many processes on one PostgreSQL: set WINK_DATABASE_URL to postgresql://.."
        )
    return settings.broker_url.get_secret_value()


def _compose(settings: Settings, clock: Clock, guard: Guard, executor: Executor, store: Store) -> Engine:
    connectors = read_connectors(CONNECTORS)
    actions = build_actions(partial(_connect, guard, settings), connectors)
    published = Published(store, connectors, specs_of(actions), clock)
    return Engine(
        settings=settings,
        store=store,
        connectors=connectors,
        recogniser=Recogniser(connectors),
        guard=guard,
        documents=Documents(partial(_text_at, guard), clock),
        actions=actions,
        published=published,
        intake=Intake(store.writer.delay, int(settings.max_body)),
        executor=executor,
        metrics=build_metrics(),
        clock=clock,
    )


def _connect(guard: Guard, settings: Settings) -> Client:
    client: Client = load("engine.actions.client:HttpClient")(guard, max_body=settings.max_output)
    return client


def _text_at(guard: Guard, address: str) -> str:
    return str(load("engine.actions.texts:get_text")(guard, address))


def secret_key(settings: Settings) -> str:
    """Return the secret key: the setting, or the one that was made at the first start and kept for its owner alone."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return secret_in(settings.data / SECRET_KEY_FILE, lambda: token_urlsafe(32))
