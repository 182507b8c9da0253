from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.request import Inbound
from engine.authentication.way import Way, compile_way
from engine.errors import Invalid, Rejected
from engine.words import Reason

KEY = {"scheme": "shared_secret", "secret": "key", "places": [{"header": "X-Key"}]}
SIGNATURE = {"scheme": "hmac", "secret": "signing", "signature": {"header": "X-Signature"}}
TIMED = {
    "scheme": "hmac",
    "secret": "signing",
    "signature": {"header": "X-Signature", "list": ",", "prefix": "v1="},
    "signs": "{timestamp}.{body}",
    "timestamp": {"element": "t="},
}
HOME = {"scheme": "network", "networks": ["192.0.2.0/24"]}
SECRETS = {"key": ["the key of the trigger"], "signing": ["the signing secret"]}
BARE = Inbound("POST", "https://hooks.example.com/", "/", "", {}, b"", "192.0.2.7", datetime(2026, 1, 2, tzinfo=UTC))
NEWEST = {name: values[0] for name, values in SECRETS.items()}


def refusal(way: Way, request: Inbound) -> Reason | None:
    try:
        way.prove(request, SECRETS)
    except Rejected as rejected:
        return rejected.reason
    return None


def test_every_scheme_of_a_way_must_pass(bare: Inbound) -> None:
    way = compile_way("both", [KEY, SIGNATURE])

    assert refusal(way, way.sign(bare, NEWEST)) is None
    assert refusal(way, compile_way("key", [KEY]).sign(bare, NEWEST)) is Reason.MISSING_PROOF
    assert refusal(way, compile_way("signature", [SIGNATURE]).sign(bare, NEWEST)) is Reason.MISSING_PROOF


def test_one_alternative_is_enough(bare: Inbound) -> None:
    way = compile_way("either", [{"any_of": [[KEY], [SIGNATURE]]}])

    assert refusal(way, compile_way("key", [KEY]).sign(bare, NEWEST)) is None
    assert refusal(way, compile_way("signature", [SIGNATURE]).sign(bare, NEWEST)) is None
    assert refusal(way, bare) is Reason.MISSING_PROOF


def test_of_alternatives_the_one_that_was_tried_says_why(bare: Inbound) -> None:
    way = compile_way("either", [{"any_of": [[KEY], [SIGNATURE]]}])

    wrong = way.sign(bare, {"signing": "the signing secret"})._replace(body=b"other")

    assert refusal(way, wrong) is Reason.WRONG_PROOF


def test_an_alternative_without_a_secret_leaves_the_others(bare: Inbound) -> None:
    way = compile_way("either", [{"any_of": [[KEY], [SIGNATURE]]}])
    signed = way.sign(bare, {"signing": "the signing secret"})

    way.prove(signed, {"signing": ["the signing secret"]})

    with pytest.raises(Rejected) as refused:
        way.prove(signed, {})
    assert refused.value.reason is Reason.NO_SECRET


def test_the_proof_is_that_of_the_scheme_that_signs_a_time(bare: Inbound) -> None:
    way = compile_way("both", [HOME, KEY, TIMED])

    proof = way.prove(way.sign(bare, NEWEST), SECRETS)

    assert proof.digest is not None


def test_a_way_knows_what_it_needs_and_what_to_hide() -> None:
    place = {"query": "apikey"}
    way = compile_way("both", [HOME, {**KEY, "places": [*KEY["places"], place]}, {"any_of": [[SIGNATURE], [TIMED]]}])

    assert way.kinds == ("network", "shared_secret", "hmac")
    assert list(way.secrets) == ["key", "signing"]
    assert way.secret_headers == ("x-key",)
    assert way.secret_parameters == ("apikey",)


def test_an_address_alone_is_no_way() -> None:
    with pytest.raises(Invalid, match="an address alone proves too little"):
        compile_way("home", [HOME])


def test_an_address_alone_is_no_alternative() -> None:
    with pytest.raises(Invalid, match="an address alone proves too little"):
        compile_way("either", [{"any_of": [[HOME], [KEY]]}])


def test_none_says_why_and_stands_alone(bare: Inbound) -> None:
    none = {"scheme": "none", "because": "the vendor can neither sign nor send a key"}

    way = compile_way("open", [none])

    assert refusal(way, bare) is None
    assert way.because == none["because"]
    for mistaken in ([{"scheme": "none"}], [none, KEY], [{"any_of": [[none], [KEY]]}]):
        with pytest.raises(Invalid):
            compile_way("open", mistaken)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ([], "at least 1 item"),
        ("hmac", "should be a valid list"),
        ({"scheme": "hmca"}, "no such scheme; there are hmac"),
        ({**SIGNATURE, "sings": "{body}"}, "sings: Extra inputs"),
        ({**SIGNATURE, "signs": "{bdy}"}, "{bdy} is nothing that can be signed"),
        ({**SIGNATURE, "signs": "v1", "timestamp": None}, "signs names no part of the request"),
        ({**SIGNATURE, "signs": "{body"}, "a brace stands alone"),
        ({**SIGNATURE, "signs": "{body}]"}, "a bracket stands alone"),
        ({**SIGNATURE, "signs": "{body|upper}"}, "|upper is no filter"),
        ({**SIGNATURE, "signs": "{url}"}, "body_is_unsigned says why"),
        ({**SIGNATURE, "signs": "{url}[{body}]"}, "body_is_unsigned says why"),
        ({**SIGNATURE, "signs": "{body|crc32}"}, "body_is_unsigned says why"),
        ({**SIGNATURE, "body_is_unsigned": "nobody signs it"}, "body_is_unsigned says why"),
        ({**SIGNATURE, "signs": "{path}", "body_hash": {"query": "hash"}}, "does not cover the place of body_hash"),
        ({**SIGNATURE, "each": "items"}, "paths into the item"),
        ({**SIGNATURE, "signs": "{timestamp}.{body}"}, "go together"),
        ({**TIMED, "signs": "{body}"}, "go together"),
        ({**TIMED, "signature": {"header": "X-Signature"}}, "needs signature.list"),
        (
            {**TIMED, "timestamp": {"element": "t=", "header": "X-Time"}},
            "exactly one of header, query, body, form and element",
        ),
        ({**TIMED, "timestamp": {"element": "t=", "within": 300}}, "no length of time"),
        (
            {**SIGNATURE, "signature": {"header": "X-Signature", "query": "sig"}},
            "exactly one of header, query, body and form",
        ),
        ({**KEY, "places": []}, "places: List should have at least 1 item"),
        ({"scheme": "basic", "username": "a:b"}, "username: String should match"),
    ],
)
def test_a_mistake_in_a_way_is_told_with_its_place(spec: object, words: str) -> None:
    with pytest.raises(Invalid) as mistaken:
        compile_way("mine", spec)

    assert mistaken.value.detail.startswith("mine")
    assert words in mistaken.value.detail


@given(
    name=st.sampled_from(["x-key", "x-signature", "authorization"]),
    values=st.lists(st.text(max_size=100), max_size=3),
    query=st.text(max_size=100),
    body=st.binary(max_size=100),
)
def test_whatever_is_sent_is_a_verdict(name: str, values: list[str], query: str, body: bytes) -> None:
    body_place = {**SIGNATURE, "signature": {"body": "proof.signature"}, "signs": "{form_sorted}{query:x}{header:y}"}
    form_place = {**SIGNATURE, "signature": {"form": "s", "list": "&"}, "signs": "[{form:a|lower}]{form_unique}{uri}"}
    per_item = {
        **SIGNATURE,
        "each": "items",
        "signature": {"body": "s"},
        "signs": "{body:id}",
        "body_is_unsigned": "but for the id",
    }
    listed = {
        **SIGNATURE,
        "signs": "{method}\n{uri}\n{headers:x-key}\n{body|sha256}",
        "timestamp": {"header": "authorization", "unit": "http"},
    }
    query_place = {**KEY, "places": [{"query": "apikey"}, {"header": "Authorization", "prefix": "Bearer "}]}
    ways = [
        compile_way("any", [spec])
        for spec in (KEY, SIGNATURE, TIMED, body_place, query_place, form_place, per_item, listed, {"scheme": "basic"})
    ]
    secrets = {**SECRETS, "secret": ["a password"]}

    for way in ways:
        with pytest.raises(Rejected):
            way.prove(BARE._replace(headers={name: tuple(values)}, query=query, body=body), secrets)
