"""What vendors ask an address before they send anything, and what the connectors that ship answer."""

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from engine.app import CONNECTORS
from engine.authentication.request import Inbound
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.definitions.handshake import NO_SNIFFING, Brought
from engine.definitions.handshake_signed import SignedEcho
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Reply
from engine.errors import Rejected

SHIPPED = read_connectors(CONNECTORS)
URL = "https://hooks.example.com/webhooks/4k1s2v6d"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = "a-secret-that-both-sides-know-0123456789"
JSON = {"content-type": "application/json"}


def asking(method: str, headers: Mapping[str, str], *, query: str = "", body: bytes = b"") -> Inbound:
    return Inbound(
        method=method,
        url=f"{URL}?{query}" if query else URL,
        path="/webhooks/4k1s2v6d",
        query=query,
        headers={name: (value,) for name, value in headers.items()},
        body=body,
        address="192.0.2.7",
        received_at=NOW,
    )


@dataclass(frozen=True)
class Asked:
    """A vendor's question, and the answer that it wants."""

    connector: str
    signed: bool
    request: Inbound
    expected: Reply
    #: A request that looks alike and is no question.
    other: Inbound
    brought: Brought | None = None
    secrets: Mapping[str, list[str]] = field(default_factory=dict)


def text(value: bytes) -> Reply:
    return Reply(200, (TEXT_TYPE, NO_SNIFFING), value)


def json(value: str) -> Reply:
    return Reply(200, (JSON_TYPE,), value.encode())


EMPTY = Reply(200, (TEXT_TYPE,), b"")
PLAIN_TOKEN = "qgg8vlvZRS6UYooatFL8Aw"
ENCRYPTED = hmac.digest(KEY.encode(), PLAIN_TOKEN.encode(), "sha256").hex()
CRC = b64encode(hmac.digest(KEY.encode(), b"MDBhOTA2MzktZTU", "sha256")).decode()
HUB = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
HOOK_SECRET = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81"
NOTION = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
SYNC = b'{"type": "sync"}'
VALIDATION = b'[{"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "c1"}}]'
#: Whether the vendor proves its question.
PROVEN, UNPROVEN = True, False
ALLOWED = (("WebHook-Allowed-Origin", "eventgrid.azure.net"), ("WebHook-Allowed-Rate", "*"), ("Allow", "POST"))
PREFLIGHT = asking("OPTIONS", {"webhook-request-origin": "eventgrid.azure.net", "webhook-request-rate": "120"})


def post(body: bytes, **headers: str) -> Inbound:
    return asking("POST", {**JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}, body=body)


def get(query: str, **headers: str) -> Inbound:
    return asking("GET", {name.replace("_", "-"): value for name, value in headers.items()}, query=query)


def questions() -> Iterator[Asked]:
    yield Asked("okta", UNPROVEN, get("", x_okta_verification_challenge="q1"), json('{"verification":"q1"}'), get(""))
    yield Asked(
        "slack",
        PROVEN,
        post(b'{"type": "url_verification", "challenge": "q1"}'),
        text(b"q1"),
        post(b'{"type": "event_callback", "challenge": "q1"}'),
    )
    yield Asked(
        "zoom",
        PROVEN,
        post(b'{"event": "endpoint.url_validation", "payload": {"plainToken": "%s"}}' % PLAIN_TOKEN.encode()),
        json(f'{{"plainToken":"{PLAIN_TOKEN}","encryptedToken":"{ENCRYPTED}"}}'),
        post(b'{"event": "meeting.started", "payload": {"plainToken": "a"}}'),
        secrets={"secret_token": [KEY]},
    )
    yield Asked(
        "x-twitter",
        UNPROVEN,
        get("crc_token=MDBhOTA2MzktZTU&nonce=1"),
        json(f'{{"response_token":"sha256={CRC}"}}'),
        get("token=MDBhOTA2MzktZTU"),
        secrets={"consumer_secret": [KEY]},
    )
    for name in ("meta", "whatsapp"):
        yield Asked(
            name, UNPROVEN, get(HUB + KEY), text(b"1158201444"), get("hub.challenge=1"), secrets={"verify_token": [KEY]}
        )
    for name in ("dropbox", "nylas"):
        yield Asked(name, UNPROVEN, get("challenge=q1%2B"), text(b"q1+"), get("q=1"))
    yield Asked("trello", UNPROVEN, asking("HEAD", {}), EMPTY, asking("OPTIONS", {}))
    yield Asked("mailchimp", UNPROVEN, get("apikey=x"), EMPTY, asking("OPTIONS", {}))
    yield Asked(
        "ms-graph",
        UNPROVEN,
        asking("POST", {"content-type": "text/plain; charset=utf-8"}, query="validationToken=Validation%3A+Token"),
        text(b"Validation: Token"),
        post(b'{"value": []}'),
    )
    yield Asked("azure-event-grid", PROVEN, post(VALIDATION), json('{"validationResponse":"c1"}'), post(b"[]"))
    for name in ("azure-event-grid", "cloudevents"):
        yield Asked(name, UNPROVEN, PREFLIGHT, Reply(200, ALLOWED, b""), asking("OPTIONS", {}))
    yield Asked(
        "twitch",
        PROVEN,
        post(b'{"challenge": "q1"}', twitch_eventsub_message_type="webhook_callback_verification"),
        text(b"q1"),
        post(b'{"challenge": "q1"}', twitch_eventsub_message_type="notification"),
    )
    yield Asked("front", PROVEN, post(SYNC, x_front_challenge="q1"), text(b"q1"), post(SYNC))
    yield Asked(
        "terraform-cloud",
        PROVEN,
        post(b'{"notifications": [{"trigger": "verification"}]}'),
        EMPTY,
        post(b'{"notifications": [{"trigger": "run:created"}]}'),
    )
    yield Asked(
        "asana",
        UNPROVEN,
        asking("POST", {"x-hook-secret": HOOK_SECRET}),
        Reply(200, (("X-Hook-Secret", HOOK_SECRET),), b""),
        asking("POST", {"x-hook-signature": HOOK_SECRET}),
        brought=Brought("hook_secret", HOOK_SECRET),
    )
    yield Asked(
        "notion",
        UNPROVEN,
        post(b'{"verification_token": "%s"}' % NOTION.encode()),
        Reply(200, (), b""),
        post(b'{"verification_token": "%s", "type": "page.created"}' % NOTION.encode()),
        brought=Brought("verification_token", NOTION),
    )


QUESTIONS = list(questions())
SIGNED_ECHOES = [
    (connector, each) for connector in SHIPPED.values() for each in connector.handshakes if isinstance(each, SignedEcho)
]

every_question = pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.connector)
every_signed_echo = pytest.mark.parametrize(
    ("connector", "echo"), SIGNED_ECHOES, ids=[connector.name for connector, _ in SIGNED_ECHOES]
)


@every_question
def test_the_vendor_hears_what_it_wants(asked: Asked) -> None:
    answer = SHIPPED[asked.connector].handshake(asked.request, asked.secrets, signed=asked.signed)

    assert answer is not None
    assert (answer.reply, answer.brought) == (asked.expected, asked.brought)


@every_question
def test_a_question_is_answered_at_its_own_time_alone(asked: Asked) -> None:
    """One that the vendor proves is not answered before that, and one that it does not prove not only after it."""
    assert SHIPPED[asked.connector].handshake(asked.request, asked.secrets, signed=not asked.signed) is None


@every_question
def test_what_looks_alike_is_no_question(asked: Asked) -> None:
    assert SHIPPED[asked.connector].handshake(asked.other, asked.secrets, signed=asked.signed) is None


@every_question
def test_the_words_for_the_ledger_hold_no_secret(asked: Asked) -> None:
    answer = SHIPPED[asked.connector].handshake(asked.request, asked.secrets, signed=asked.signed)

    assert answer is not None
    assert answer.words
    assert not any(secret in answer.words for secret in (KEY, HOOK_SECRET, NOTION, ENCRYPTED, CRC))


@pytest.mark.parametrize("token", ["", "wrong", KEY[:-1], KEY + "0", f"{KEY}&hub.verify_token=wrong"[-20:]])
@pytest.mark.parametrize("name", ["meta", "whatsapp"])
def test_who_does_not_know_the_verify_token_gets_no_challenge_back(name: str, token: str) -> None:
    with pytest.raises(Rejected):
        SHIPPED[name].handshake(get(HUB + token), {"verify_token": [KEY]}, signed=False)


@every_signed_echo
def test_no_delivery_is_accepted_with_what_a_question_gets(connector: Connector, echo: SignedEcho) -> None:
    """Ask for the signature of whatever can be a challenge, and send that as the proof of the same bytes."""
    for challenge in ("abc", "123", "true", "null", "0", "1e5", "aGVsbG8=", "e30=", "W10"):
        forged = _forged(connector, echo, challenge)

        assert forged is None or not _accepted(connector, forged)


@every_signed_echo
def test_no_sample_has_the_form_of_a_challenge(connector: Connector, echo: SignedEcho) -> None:
    requests = [asking("POST", JSON, body=sample.body) for sample in connector.samples.values()]

    assert not any(echo.may_have_signed(request) for request in requests)


def _forged(connector: Connector, echo: SignedEcho, challenge: str) -> Inbound | None:
    """Return a delivery whose body is the challenge, with the answer in the place of the signature."""
    way = connector.way()
    secrets = dict.fromkeys(way.secrets, KEY)
    signature = echo.signer.sign(challenge, asking("GET", {}), {name: [KEY] for name in way.secrets})
    dressed = way.sign(asking("POST", JSON, body=challenge.encode()), secrets)
    header = next((name for name, (value, *_) in dressed.headers.items() if "=" in value), None)
    if header is None:
        return None
    prefix = dressed.first(header).partition("=")[0]
    return dressed.with_header(header, f"{prefix}={signature}")


def _accepted(connector: Connector, request: Inbound) -> bool:
    try:
        connector.way().prove(request, {name: [KEY] for name in connector.way().secrets})
    except Rejected:
        return False
    return not connector.may_have_signed(request)
