"""The command line as a person uses it: in a folder of its own, without settings of the machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
import structlog
from click.testing import CliRunner, Result
from werkzeug.serving import WSGIRequestHandler, make_server

from engine.app import build
from engine.cli import main
from engine.cli.examples import make_examples
from engine.cli.served import announce
from engine.logs import configure
from engine.path.folder import watch
from engine.runtime import Engine
from engine.settings import LogFormat, Settings
from web.application import create_application
from web.hooks import Application
from web.sink import HOST, PORT, Sink, open_sink

EXAMPLES = Path(__file__).parents[2] / "workflows"

Wink = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Be in an empty folder, with no setting made."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WINK_")]:
        monkeypatch.delenv(name)
    configure(LogFormat.CONSOLE, quiet=True)
    yield tmp_path
    structlog.reset_defaults()


@pytest.fixture
def wink(home: Path) -> Wink:
    """Return what runs ``wink`` with the words given."""

    def run(*words: str, **options: object) -> Result:
        return CliRunner().invoke(main, words, prog_name="wink", catch_exceptions=False, **options)

    return run


@dataclass(frozen=True)
class Running:
    """A Wink that serves its data folder from a thread of the tests, with the examples and their sink."""

    engine: Engine
    sink: Sink
    url: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve the examples, once for all tests of a module; their sink has a port of its own."""
    home = tmp_path_factory.mktemp("running")
    with ExitStack() as stack:
        sink = stack.enter_context(open_sink(0))
        copy_examples(home / "workflows", sink)
        settings = Settings.load({}, home)
        engine = stack.enter_context(build(settings, reachable=[(HOST, sink.port)]))
        folder = stack.enter_context(watch(engine))
        make_examples(engine)
        url = stack.enter_context(listening(create_application(engine, folder)))
        stack.enter_context(announce(settings.data, url))
        yield Running(engine, sink, url)


@pytest.fixture
def served(running: Running, wink: Wink, monkeypatch: pytest.MonkeyPatch) -> Wink:
    """Return what runs ``wink`` beside the Wink that serves."""
    monkeypatch.setenv("WINK_DATA", str(running.engine.settings.data))
    return wink


def copy_examples(folder: Path, sink: Sink) -> None:
    """Copy the examples, with the address of this sink in them."""
    folder.mkdir()
    for file in EXAMPLES.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text().replace(f"http://{HOST}:{PORT}", sink.url))


@contextmanager
def listening(application: Application) -> Iterator[str]:
    """Serve an application from a thread, and give its URL."""
    server = make_server(HOST, 0, application, threaded=True, request_handler=Silent)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://{HOST}:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Silent(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        pass
