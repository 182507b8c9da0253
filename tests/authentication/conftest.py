from datetime import UTC, datetime

import pytest

from engine.authentication.request import Inbound


@pytest.fixture
def bare() -> Inbound:
    """Return a request without any proof."""
    return Inbound(
        method="POST",
        url="https://hooks.example.com/webhooks/4k1s2v6d",
        path="/webhooks/4k1s2v6d",
        query="",
        headers={},
        body=b'{"type":"ping"}',
        address="192.0.2.7",
        received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
