from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from engine.authentication.request import Inbound

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def bare() -> Inbound:
    """Return a request without any proof."""
    return inbound({}, b'{"type":"ping"}')


def inbound(headers: Mapping[str, str], body: bytes) -> Inbound:
    return Inbound(
        method="POST",
        url="https://hooks.example.com/webhooks/4k1s2v6d",
        path="/webhooks/4k1s2v6d",
        query="",
        headers={name: (value,) for name, value in headers.items()},
        body=body,
        address="192.0.2.7",
        received_at=NOW,
    )
