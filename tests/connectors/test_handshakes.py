"""What vendors ask an address before they send anything, and what the connectors that ship answer."""

from datetime import UTC, datetime

import pytest

from engine.app import CONNECTORS
from engine.authentication.request import Inbound
from engine.definitions.catalog import read_connectors
from engine.definitions.reply import JSON_TYPE, Reply

SHIPPED = read_connectors(CONNECTORS)


def asking(method: str, headers: dict[str, str]) -> Inbound:
    return Inbound(
        method=method,
        url="https://hooks.example.com/webhooks/4k1s2v6d",
        path="/webhooks/4k1s2v6d",
        query="",
        headers={name: (value,) for name, value in headers.items()},
        body=b"",
        address="192.0.2.7",
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


def test_okta_hears_its_challenge_before_any_proof():
    request = asking("GET", {"x-okta-verification-challenge": "q1"})

    assert SHIPPED["okta"].handshake(request, signed=False) == Reply(200, (JSON_TYPE,), b'{"verification":"q1"}')


@pytest.mark.parametrize(
    ("method", "headers"), [("POST", {"x-okta-verification-challenge": "q1"}), ("GET", {}), ("GET", {"x-other": "q1"})]
)
def test_any_other_request_is_no_handshake_of_okta(method, headers):
    assert SHIPPED["okta"].handshake(asking(method, headers), signed=False) is None
