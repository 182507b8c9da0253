"""Wink dies in these tests: each module has a server and its data, and a sink that outlives them."""

from collections.abc import Iterator

import pytest

from tests.serving import Wink, serving
from tests.sink import Sink, open_sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with open_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wink]:
    with serving(tmp_path_factory.mktemp("crash")) as wink:
        yield wink


@pytest.fixture
def wink(server: Wink) -> Wink:
    """Return the module's server, started again where a test has left it dead."""
    if server.process is None or server.process.poll() is not None:
        server.start()
    return server
