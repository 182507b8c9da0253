from datetime import UTC, datetime

import jsonschema
import pytest
from pydantic import ValidationError

from engine.authentication.request import Inbound
from engine.definitions.connector import Connector, build_connector
from engine.definitions.handshake import NO_SNIFFING
from engine.definitions.manifest import Manifest, connector_schema
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Reply
from engine.definitions.sample import Sample
from engine.errors import Invalid, NotFound, Rejected

KEY = {"scheme": "shared_secret", "secret": "key", "places": [{"query": "apikey"}]}
SIGNATURE = {"scheme": "hmac", "secret": "key", "signature": {"header": "X-Signature"}}
HOME = {"scheme": "network", "networks": ["192.0.2.0/24"]}
ECHO = {"kind": "echo", "signed": True, "when": "true", "challenge": "query.challenge"}
REQUEST = Inbound(
    method="POST",
    url="https://hooks.example.com/webhooks/4k1s2v6d",
    path="/webhooks/4k1s2v6d",
    query="challenge=abc",
    headers={"content-type": ("application/json",)},
    body=b'{"type": "ping"}',
    address="192.0.2.7",
    received_at=datetime(2026, 1, 2, tzinfo=UTC),
)


MANIFEST = {
    "name": "acme",
    "title": "Acme",
    "category": "other",
    "source": "https://example.com/docs/webhooks",
    "checked": "2026-01-02",
    "auth": {"key": [KEY], "signature": {"recipes": {"plain": [SIGNATURE], "at-home": [HOME, SIGNATURE]}}},
    "event": {"type": "acme.${{ body.type }}"},
    "types": {"acme.ping": {"title": "Ping", "sample": "ping"}, "acme.pong": {"title": "Pong"}},
}


def connector(**changes: object) -> Connector:
    samples = {"ping": Sample("POST", {}, "", b'{"type": "ping"}')}
    return build_connector(Manifest.model_validate({**MANIFEST, **changes}), samples=samples)


@pytest.mark.parametrize(
    "mistake",
    [
        {"titel": "Acme"},
        {"auth": {}},
        {"auth": {"key": [{**KEY, "places": [{"header": "X-Key", "prefx": "a"}]}]}},
        {"auth": {"key": [{"scheme": "hmca"}]}},
        {"body": {"application/json": "yaml"}},
        {"limits": {"answer_within": 15}},
        {"reply": {"accepted": "fine"}},
        {"confirmed_by": [{"package": "stripe"}]},
        {"handshake": {**ECHO, "methods": ["BREW"]}},
        {"reply": {"refused": {"status": 200, "text": ""}}},
    ],
)
def test_the_published_schema_refuses_what_the_loader_refuses(mistake: dict[str, object]) -> None:
    manifest = {**MANIFEST, **mistake}

    assert not jsonschema.Draft202012Validator(connector_schema()).is_valid(manifest)
    with pytest.raises(ValidationError):
        Manifest.model_validate(manifest)


def test_the_published_schema_accepts_what_the_loader_accepts() -> None:
    jsonschema.Draft202012Validator.check_schema(connector_schema())

    jsonschema.Draft202012Validator(connector_schema()).validate(MANIFEST)


def test_the_first_way_and_the_first_recipe_are_the_defaults() -> None:
    acme = connector()

    assert acme.way().name == "key"
    assert acme.way("signature").kinds == ("hmac",)
    assert acme.way("signature", "at-home").kinds == ("network", "hmac")


@pytest.mark.parametrize("recipe", [SIGNATURE, [SIGNATURE], [HOME, SIGNATURE]])
def test_a_recipe_can_be_written_out(recipe: object) -> None:
    assert "hmac" in connector().way("signature", recipe).kinds


@pytest.mark.parametrize(
    "recipe",
    [
        KEY,
        [SIGNATURE, KEY],
        [{"any_of": [[SIGNATURE], [KEY]]}],
        {"scheme": "none", "because": "there is no reason at all"},
        {"scheme": "basic"},
        HOME,
        {"scheme": "hmac"},
        7,
        [],
    ],
)
def test_a_recipe_in_which_the_key_travels_is_refused(recipe: object) -> None:
    with pytest.raises(Invalid):
        connector().way("signature", recipe)


def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(NotFound, match="there are key, signature"):
        connector().way("bearer")
    with pytest.raises(NotFound, match="there are plain, at-home"):
        connector().way("signature", "spicy")
    with pytest.raises(NotFound, match=r"there are acme\.ping"):
        connector().sample("acme.pong")
    with pytest.raises(Invalid, match="takes no recipe"):
        connector().way("key", "plain")


def test_a_delivery_becomes_events() -> None:
    acme = connector()

    (draft,) = acme.events(REQUEST, acme.read(REQUEST))

    assert draft.type == "acme.ping"
    assert draft.whole_body


def test_a_body_that_was_no_json_is_not_kept_as_json() -> None:
    acme = connector(body={"text/plain": "text"})
    request = REQUEST.with_header("content-type", "text/plain")

    (draft,) = acme.events(request, acme.read(request))

    assert draft.data == '{"type": "ping"}'
    assert not draft.whole_body


def test_a_content_type_that_the_vendor_does_not_use_is_not_read() -> None:
    acme = connector()

    assert acme.accepts("application/json; charset=utf-8")
    assert not acme.accepts("text/html")
    with pytest.raises(Rejected):
        acme.read(REQUEST.with_header("content-type", "text/html"))


@pytest.mark.parametrize("signed", [True, False])
def test_a_handshake_is_answered_before_or_after_the_proof_as_the_manifest_says(*, signed: bool) -> None:
    acme = connector(handshake={**ECHO, "signed": signed})

    answer = acme.handshake(REQUEST, {}, signed=signed)
    assert answer is not None
    assert answer.reply == Reply(200, (TEXT_TYPE, NO_SNIFFING), b"abc")
    assert acme.handshake(REQUEST, {}, signed=not signed) is None
    assert connector().handshake(REQUEST, {}, signed=signed) is None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({}, Reply(202)),
        ({"accepted": 200}, Reply(200)),
        ({"accepted": {"status": 200, "text": ""}}, Reply(200, (TEXT_TYPE,), b"")),
        ({"accepted": {"status": 200, "json": {"ok": True}}}, Reply(200, (JSON_TYPE,), b'{"ok":true}')),
        (
            {"accepted": {"status": 200, "text": "<Response/>", "type": "text/xml"}},
            Reply(200, (("content-type", "text/xml"),), b"<Response/>"),
        ),
    ],
)
def test_the_vendor_hears_what_it_insists_on(reply: object, expected: Reply) -> None:
    assert connector(reply=reply).accepted == expected


def test_a_trigger_can_override_what_makes_two_events_the_same() -> None:
    acme = connector().with_dedup("body.type")

    (draft,) = acme.events(REQUEST, {"type": "ping"})

    assert draft.key == "ping"
    with pytest.raises(Invalid):
        acme.with_dedup("body.")


def test_it_is_known_who_makes_a_secret() -> None:
    assert connector(setup={"secret": {"name": "key", "made_by": "us"}}).secret_made_by_us("key")
    assert connector(setup={}).secret_made_by_us("key")
    assert not connector(setup={"secret": [{"name": "key", "made_by": "them"}]}).secret_made_by_us("key")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/x",
        "https://[::1]/x",
        "https://[fe80::1]/x",
        "https://hooks.localhost/x",
        "https://hooks/x",
    ],
)
def test_an_address_that_the_vendor_cannot_reach_is_warned_of(url: str) -> None:
    assert connector(setup={"public_url": True}).url_warning(url)
    assert connector().url_warning(url) is None


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/x", "https://8.8.8.8/x", "https://[2001:4860:4860::8888]/x"]
)
def test_a_public_address_is_fine(url: str) -> None:
    assert connector(setup={"public_url": True}).url_warning(url) is None


def test_the_sample_is_that_of_the_type_or_the_first() -> None:
    assert connector().sample() == connector().sample("acme.ping")


def test_events_are_drawn_from_the_request_as_it_is_and_nothing_is_kept() -> None:
    acme = connector()

    first = acme.events(REQUEST, {"type": "a"})
    second = acme.events(REQUEST._replace(body=b"{}"), {"type": "b"})

    assert [draft.type for draft in (*first, *second)] == ["acme.a", "acme.b"]


def test_a_refusal_is_as_the_vendor_insists_and_401_all_the_same() -> None:
    assert connector().refused is None
    assert connector(reply={"refused": {"text": ""}}).refused == Reply(401, (TEXT_TYPE,), b"")


@pytest.mark.parametrize("type_", ["text/xml\r\nX-A: b", "xml", "text/xml; a=b"])
def test_a_content_type_of_a_reply_is_one(type_: str) -> None:
    with pytest.raises(ValidationError):
        connector(reply={"accepted": {"status": 200, "text": "<a/>", "type": type_}})


def test_a_signed_handshake_comes_by_a_method_of_deliveries() -> None:
    with pytest.raises(ValidationError):
        connector(handshake={**ECHO, "methods": ["GET"]})


def test_of_several_handshakes_the_first_that_knows_the_request_answers() -> None:
    other = {**ECHO, "when": "query.other == 'x'"}

    answer = connector(handshake=[other, ECHO]).handshake(REQUEST, {}, signed=True)

    assert answer is not None
    assert answer.reply.body == b"abc"


def test_what_a_handshake_needs_is_a_secret_of_every_way() -> None:
    token = {**ECHO, "signed": False, "token": {"secret": "verify_token", "given": "query.token"}}

    acme = connector(handshake=token)

    assert list(acme.way("key").secrets) == ["key", "verify_token"]
    assert acme.hidden("query") == {"token"}
