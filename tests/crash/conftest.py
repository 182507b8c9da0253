"""Wink dies in these tests: each has a data folder of its own, and a sink that outlives every server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Wink, serving
from tests.sink import Sink, open_sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with open_sink() as sink:
        yield sink


@pytest.fixture
def wink(tmp_path: Path) -> Iterator[Wink]:
    with serving(tmp_path) as wink:
        yield wink
