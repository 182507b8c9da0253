"""A request that is wrong in several ways gets the answer that comes first in the contract."""

import json

import pytest

from tests import signing
from tests.serving import Trigger, Wink
from tests.wire import JSON, Header, send

TOO_MUCH = b"x" * (5 * 1024 * 1024 + 1)
PNG: Header = ("Content-Type", "image/png")
SLACK = "slack-signing-secret"
CHALLENGE = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()


@pytest.fixture
def draft(wink: Wink) -> Trigger:
    """Return a trigger that is not published, and that takes one delivery an hour."""
    return wink.trigger(state="draft", rate="1/h")


@pytest.fixture
def spent(wink: Wink) -> Trigger:
    """Return a trigger whose rate is used up."""
    made = wink.trigger(rate="1/h")
    assert send(made.full_url, b"{}").status == 202
    return made


def test_404_before_405_413_and_415(wink: Wink) -> None:
    assert send(f"{wink.url}/webhooks/nobody", TOO_MUCH, [PNG], method="PUT").status == 404


def test_405_before_413_415_and_401(draft: Trigger) -> None:
    assert send(draft.base_url, TOO_MUCH, [PNG], method="PUT").status == 405


def test_413_before_415_and_401(draft: Trigger) -> None:
    assert send(draft.base_url, TOO_MUCH, [PNG]).status == 413


def test_415_before_401(draft: Trigger) -> None:
    assert send(draft.base_url, b"\x89PNG", [PNG]).status == 415


def test_401_before_a_signed_handshake(wink: Wink) -> None:
    slack = wink.trigger(connector="slack", secret=SLACK)

    answer = send(slack.base_url, CHALLENGE, signing.slack("another secret", CHALLENGE))

    assert (answer.status, answer.body) == (401, b'{"error":"unauthorized"}')


def test_401_before_409_429_and_400(draft: Trigger) -> None:
    assert send(draft.base_url, b"{", [JSON]).status == 401


def test_a_signed_handshake_before_409(wink: Wink) -> None:
    slack = wink.trigger(connector="slack", secret=SLACK, state="draft")

    assert send(slack.base_url, CHALLENGE, signing.slack(SLACK, CHALLENGE)).status == 200


def test_a_signed_handshake_before_429(wink: Wink) -> None:
    slack = wink.trigger(connector="slack", secret=SLACK, rate="1/h")
    event = b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention"}}'

    answers = [send(slack.base_url, body, signing.slack(SLACK, body)) for body in (event, CHALLENGE, event + b" ")]

    assert [answer.status for answer in answers] == [200, 200, 429]


def test_409_before_429_and_400(draft: Trigger) -> None:
    assert [send(draft.full_url, b"{").status for _ in range(2)] == [409, 409]


def test_429_before_400(spent: Trigger) -> None:
    assert send(spent.full_url, b"{").status == 429


def test_400_before_422(wink: Wink) -> None:
    strict = wink.trigger(on_mismatch="reject")
    wink.api("POST", f"/triggers/{strict.id}/listen", {"for": "2m"})
    send(strict.full_url, b'{"n": 1}')
    wink.api("POST", f"/triggers/{strict.id}/sample/apply")

    assert [send(strict.full_url, body).status for body in (b'{"n": "x"', b'{"n": "x"}')] == [400, 422]


def test_an_unproven_request_takes_nothing_from_the_rate(wink: Wink) -> None:
    slow = wink.trigger(rate="1/h")

    refused = [send(slow.base_url, b"{}").status for _ in range(3)]

    assert refused == [401, 401, 401]
    assert send(slow.full_url, b"{}").status == 202
