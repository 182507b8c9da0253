"""The rows of the five seed systems that a connector answers for, each test named by its row."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.authentication.request import Inbound
from engine.authentication.way import Way
from engine.definitions.catalog import read_connectors
from engine.definitions.connector import Connector
from engine.definitions.drafts import EventDraft
from engine.errors import Rejected
from engine.words import Reason

CONNECTORS = read_connectors(Path(__file__).parents[2] / "connectors")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def delivery(connector: Connector, event_type: str | None = None) -> Inbound:
    sample = connector.sample(event_type)
    return Inbound(
        method="POST",
        url="https://hooks.example.com/webhooks/4k1s2v6d",
        path="/webhooks/4k1s2v6d",
        query="",
        headers={name.lower(): (value,) for name, value in sample.headers.items()},
        body=sample.body,
        address="192.0.2.7",
        received_at=NOW,
    )


def draft(connector: Connector, request: Inbound) -> EventDraft:
    (found,) = connector.events(request, connector.read(request))
    return found


def refusal(way: Way, request: Inbound, secret: str) -> Reason | None:
    try:
        way.prove(request, {name: [secret] for name in way.secrets})
    except Rejected as rejected:
        return rejected.reason
    return None


def test_000_r1_an_address_that_blazelock_cannot_reach_is_warned_of() -> None:
    assert CONNECTORS["blazelock"].url_warning("http://localhost:8080")
    assert CONNECTORS["blazelock"].url_warning("https://hooks.example.com") is None


def test_000_r4_three_attempts_of_one_event_have_one_key() -> None:
    blazelock = CONNECTORS["blazelock"]
    attempts = [delivery(blazelock)._replace(received_at=NOW + timedelta(minutes=late)) for late in (0, 1, 3)]
    signed = [blazelock.way().sign(attempt, {"webhook_secret": "a secret of Blazelock"}) for attempt in attempts]

    assert len({each.first("x-blazelock-webhook-signature") for each in signed}) == 3
    assert len({draft(blazelock, each).key for each in signed}) == 1


def test_000_r8_the_secret_before_a_regeneration_is_refused() -> None:
    way = CONNECTORS["blazelock"].way()
    signed = way.sign(delivery(CONNECTORS["blazelock"]), {"webhook_secret": "before"})

    assert refusal(way, signed, "before") is None
    assert refusal(way, signed, "after") is Reason.WRONG_PROOF


def test_001_r1_a_secret_with_another_prefix_or_cut_off_is_warned_of() -> None:
    (spec,) = CONNECTORS["securecodinghub"].way().secrets.values()

    assert spec.warning("scs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert spec.warning("whsec_MfKQ9r8GKYqrTwjU")
    assert spec.warning("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") is None


def test_001_r2_the_recipe_needs_confirmation_and_can_be_written_out() -> None:
    securecodinghub = CONNECTORS["securecodinghub"]
    found = {"scheme": "hmac", "secret": "signing_secret", "signature": {"header": "X-Signature"}}

    assert not securecodinghub.manifest.confirmed
    assert securecodinghub.way("signature", found).kinds == ("hmac",)


@pytest.mark.parametrize("kind", ["assignment.created", "assignment.completed", "sarif.ingested", "certificate.issued"])
def test_001_r3_each_type_of_event_has_its_name(kind: str) -> None:
    securecodinghub = CONNECTORS["securecodinghub"]

    assert (
        draft(securecodinghub, delivery(securecodinghub, f"securecodinghub.{kind}")).type == f"securecodinghub.{kind}"
    )


def test_002_r7_the_same_body_has_the_same_key() -> None:
    detectify = CONNECTORS["detectify"]
    request = delivery(detectify)

    assert draft(detectify, request).key == hashlib.sha256(request.body).hexdigest()
    assert draft(detectify, request._replace(body=request.body + b" ")).key != draft(detectify, request).key


def test_002_r9_both_generations_of_proof_pass_on_one_trigger() -> None:
    detectify = CONNECTORS["detectify"]
    request, secret = delivery(detectify), "a secret for Detectify"
    either = detectify.way("either")

    for way in ("shared_secret", "signature"):
        assert refusal(either, detectify.way(way).sign(request, {"shared_secret": secret}), secret) is None
    assert refusal(either, request, secret) is Reason.MISSING_PROOF


def test_003_r1_wink_makes_the_token_of_256_bits_and_its_scheme_has_no_case() -> None:
    service = CONNECTORS["bearer-scan"]
    (spec,) = service.way().secrets.values()
    token = spec.generate()

    request = delivery(service).with_header("Authorization", f"BEARER {token}")

    assert service.secret_made_by_us(spec.name)
    assert len(token) >= 43
    assert refusal(service.way(), request, token) is None


def test_003_r2_a_sender_without_token_is_asked_for_one() -> None:
    assert CONNECTORS["bearer-scan"].way().challenge == "Bearer"


def test_003_r3_success_is_exactly_200_with_its_message() -> None:
    accepted = CONNECTORS["bearer-scan"].accepted

    assert accepted.status == 200
    assert accepted.body == b'{"message":"Scan results received successfully."}'


def test_003_r7_each_status_of_a_scan_is_an_event_of_its_own() -> None:
    service = CONNECTORS["bearer-scan"]
    drafts = [draft(service, delivery(service, kind)) for kind in service.manifest.types]

    assert len({each.key for each in drafts}) == 3
    assert {each.type for each in drafts} == set(service.manifest.types)


@pytest.mark.parametrize("name", ["blink", "custom"])
def test_004_r2_the_key_proves_the_sender_in_the_full_url_and_in_the_header(name: str) -> None:
    way, request, key = CONNECTORS[name].way("api_key"), delivery(CONNECTORS[name]), "2bWcXkqJ9rT4vY7zA1dF3gH5jK8mN0pQ"

    assert refusal(way, request.with_parameter("apikey", key), key) is None
    assert refusal(way, request.with_header("BLINK-API-KEY", key), key) is None
    assert (
        refusal(way, request.with_parameter("apikey", key).with_parameter("apikey", key), key) is Reason.REPEATED_PROOF
    )
    assert way.secret_parameters == ("apikey",)


def test_004_r3_the_signature_covers_the_url_with_its_query_and_the_key_in_it_proves_nothing() -> None:
    way, key = CONNECTORS["custom"].way("signature", "blink"), "2bWcXkqJ9rT4vY7zA1dF3gH5jK8mN0pQ"
    signed = way.sign(delivery(CONNECTORS["custom"]).with_parameter("team", "red"), {"api_key": key})

    assert refusal(way, signed, key) is None
    assert refusal(way, signed._replace(url=signed.url.replace("red", "blue")), key) is Reason.WRONG_PROOF
    assert refusal(way, delivery(CONNECTORS["custom"]).with_parameter("apikey", key), key) is Reason.MISSING_PROOF
    assert way.secret_parameters == ()


def test_004_r7_the_default_is_the_api_key() -> None:
    assert CONNECTORS["custom"].way() == CONNECTORS["custom"].way("api_key")
