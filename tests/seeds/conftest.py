"""One server for the rows of all seed systems."""

from collections.abc import Iterator

import pytest

from tests.serving import Wink, serving


@pytest.fixture(scope="session")
def wink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wink]:
    # One proxy is trusted, so that a test can say from where it sends.
    with serving(tmp_path_factory.mktemp("seeds"), trusted_proxies="1") as wink:
        yield wink
        wink.ledger()
        assert "Traceback" not in wink.log()
