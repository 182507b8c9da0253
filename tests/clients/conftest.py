"""A server for the vendors' packages to sign for, the processes that hold them, and what they confirmed.

The packages are in an environment of their own, which ``python3 dev.py test clients`` makes: without it, only the
tests that need none of them are collected.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from tests.clients.confirmations import report
from tests.clients.entries import HERE, Peer, started
from tests.serving import Wink, serving

#: The Python and the Node of the environment, as ``dev.py`` names them.
PYTHON, NODE = os.environ.get("TEST_CLIENTS_PYTHON"), os.environ.get("TEST_CLIENTS_NODE")

collect_ignore = [] if PYTHON else ["test_packages.py", "test_senders.py"]

CONFIRMED: dict[str, set[str]] = defaultdict(set)


@pytest.fixture(scope="session")
def wink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wink]:
    with serving(tmp_path_factory.mktemp("clients")) as wink:
        yield wink
        wink.ledger()


@pytest.fixture(scope="session")
def peers() -> Iterator[Mapping[str, Peer]]:
    """Return the process of each registry's packages, by the registry's name."""
    # Both load their packages at once.
    python, node = started(PYTHON, str(HERE / "python")), started(NODE, str(HERE / "node/main.mjs"))
    yield {"PyPI": next(python), "npm": next(node)}
    for each in (python, node):
        next(each, None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep of every entry's tests how they ended."""
    result = yield
    entry = getattr(item, "callspec", None) and item.callspec.params.get("entry")
    if entry:
        CONFIRMED[entry].add(result.outcome)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of every vendor by what it was confirmed, unless only some were asked for."""
    if CONFIRMED and not terminalreporter.stats.get("deselected"):
        terminalreporter.section("confirmed vendors")
        terminalreporter.write_line(report(CONFIRMED))
