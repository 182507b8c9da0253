"""The vendor's own API, where it is asked wrongly."""

import pytest

from engine.emulation.api import answer
from tests.emulated import URL, vendor

ENDPOINTS = "/api/sch/org/webhooks"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", ENDPOINTS, b"{", 422),
        ("POST", ENDPOINTS, b"[]", 422),
        ("PATCH", f"{ENDPOINTS}/we_1", b'{"isActive": "yes"}', 422),
        ("PATCH", f"{ENDPOINTS}/we_1", b'{"isActive": false, "url": "http://localhost"}', 422),
        ("GET", f"{ENDPOINTS}/we_2", b"", 404),
        ("PUT", f"{ENDPOINTS}/we_1", b"", 404),
        ("GET", f"{ENDPOINTS}/we_1/secret", b"", 404),
        ("GET", "/api/elsewhere", b"", 404),
    ],
)
def test_what_it_does_not_take_is_told_in_words_and_changes_nothing(method, path, body, status) -> None:
    sender = vendor("securecodinghub")
    endpoint = sender.create(URL).endpoint

    told, said = answer(sender, method, path, body)

    assert told == status
    assert said["error"]
    assert list(sender.endpoints) == ["we_1"]
    assert (endpoint.url, endpoint.active) == (URL, True)


def test_a_vendor_whose_api_is_not_known_has_none() -> None:
    assert answer(vendor("blazelock"), "GET", ENDPOINTS)[0] == 404
