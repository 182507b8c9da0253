"""The command line as a person uses it: in a folder of its own, without settings of the machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from engine.cli import main

Wink = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Be in an empty folder, with no setting made."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WINK_")]:
        monkeypatch.delenv(name)
    yield tmp_path
    structlog.reset_defaults()


@pytest.fixture
def wink(home: Path) -> Wink:
    """Return what runs ``wink`` with the words given."""

    def run(*words: str, **options: object) -> Result:
        return CliRunner().invoke(main, words, prog_name="wink", catch_exceptions=False, **options)

    return run
