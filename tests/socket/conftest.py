"""One server for all of these tests; when they are done, every request that they made is accounted for."""

from collections.abc import Iterator

import pytest

from tests.serving import Wink, serving


@pytest.fixture(scope="session")
def wink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wink]:
    with serving(tmp_path_factory.mktemp("socket")) as wink:
        yield wink
        wink.ledger()
        assert "Traceback" not in wink.log()
