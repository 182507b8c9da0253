from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from engine.authentication.request import Inbound
from engine.definitions.bodies import compile_bodies
from engine.definitions.handshake import NO_SNIFFING
from engine.definitions.handshake_kinds import EchoSpec
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Reply

BODIES = compile_bodies({"application/json": "json"})
ASKING = Inbound(
    method="POST",
    url="https://hooks.example.com/webhooks/4k1s2v6d",
    path="/webhooks/4k1s2v6d",
    query="hub.challenge=q1",
    headers={"x-challenge": ("h1",)},
    body=b'{"type": "url_verification", "challenge": "b1"}',
    address="192.0.2.7",
    received_at=datetime(2026, 1, 2, tzinfo=UTC),
)
FROM_BODY: dict[str, object] = {"when": "body.type == 'url_verification'", "challenge": "body.challenge"}


def answer(request: Inbound, **spec: object) -> Reply | None:
    echo = EchoSpec.model_validate({"kind": "echo", "signed": True, **FROM_BODY, **spec}).compile(BODIES)
    answered = echo.answer(request, {})
    return answered.reply if answered else None


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, Reply(200, (TEXT_TYPE, NO_SNIFFING), b"b1")),
        ({"reply": "json", "name": "challenge"}, Reply(200, (JSON_TYPE,), b'{"challenge":"b1"}')),
        ({"reply": "header", "name": "X-Answer"}, Reply(200, (("X-Answer", "b1"),), b"")),
        ({"when": "true", "challenge": "query['hub.challenge']"}, Reply(200, (TEXT_TYPE, NO_SNIFFING), b"q1")),
        ({"when": "true", "challenge": "headers['x-challenge']"}, Reply(200, (TEXT_TYPE, NO_SNIFFING), b"h1")),
    ],
)
def test_a_challenge_is_sent_back(spec: dict[str, object], expected: Reply) -> None:
    assert answer(ASKING, **spec) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"challenge",
        b'{"type": "event_callback", "challenge": "b1"}',
        b'{"type": "url_verification"}',
        b'{"type": "url_verification", "challenge": ""}',
        b'{"type": "url_verification", "challenge": 7}',
        b'{"type": "url_verification", "challenge": "%s"}' % (b"x" * 1_025),
    ],
)
def test_any_other_body_is_no_handshake(body: bytes) -> None:
    assert answer(ASKING._replace(body=body)) is None


def test_a_challenge_cannot_add_a_header() -> None:
    request = ASKING._replace(body=b'{"type": "url_verification", "challenge": "a\\r\\nSet-Cookie: b=c"}')

    assert answer(request, reply="header", name="X-Answer") is None


@pytest.mark.parametrize("spec", [{"reply": "json"}, {"name": "challenge"}, {"when": "body.type =="}, {"signed": "no"}])
def test_a_mistake_in_a_handshake_is_found_when_it_is_read(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EchoSpec.model_validate({"kind": "echo", "signed": True, **FROM_BODY, **spec})
