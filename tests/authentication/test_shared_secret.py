import json

import pytest

from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.errors import Rejected
from engine.words import Reason

KEY = "pXh7Zt2kQ9wL4vB6nM1cR8yD3sF5gJ0aE"
SECRETS = {"secret": [KEY]}


def refusal(request: Inbound, *places: dict[str, str], secrets: dict[str, list[str]] = SECRETS) -> Reason | None:
    try:
        compile_way("key", {"scheme": "shared_secret", "places": list(places)}).prove(request, secrets)
    except Rejected as rejected:
        return rejected.reason
    return None


@pytest.mark.parametrize("value", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY}"])
def test_the_case_of_an_authentication_scheme_does_not_count(bare: Inbound, value: str) -> None:
    place = {"header": "Authorization", "prefix": "Bearer "}

    assert refusal(bare.with_header("Authorization", value), place) is None


def test_the_case_of_any_other_prefix_counts(bare: Inbound) -> None:
    place = {"header": "X-Key", "prefix": "token="}

    assert refusal(bare.with_header("X-Key", f"token={KEY}"), place) is None
    assert refusal(bare.with_header("X-Key", f"Token={KEY}"), place) is Reason.MALFORMED_PROOF


@pytest.mark.parametrize("key", [KEY[:-1], KEY + "a", KEY.lower(), f" {KEY}", f"{KEY},{KEY}"])
def test_a_key_that_is_almost_right_is_wrong(bare: Inbound, key: str) -> None:
    assert refusal(bare.with_header("X-Key", key), {"header": "X-Key"}) is Reason.WRONG_PROOF


def test_a_key_can_stand_in_the_body(bare: Inbound) -> None:
    request = bare._replace(body=b'{"auth": {"token": "%s"}}' % KEY.encode())

    assert refusal(request, {"body": "auth.token"}) is None
    assert refusal(bare, {"body": "auth.token"}) is Reason.MISSING_PROOF
    assert refusal(bare._replace(body=b"no json"), {"body": "auth.token"}) is Reason.MALFORMED_PROOF


def test_the_same_key_in_two_places_is_one_key_and_two_keys_are_refused(bare: Inbound) -> None:
    places = {"header": "X-Key"}, {"query": "apikey"}
    request = bare.with_header("X-Key", KEY)

    assert refusal(request.with_parameter("apikey", KEY), *places) is None
    assert refusal(request.with_parameter("apikey", KEY[::-1]), *places) is Reason.REPEATED_PROOF


@pytest.mark.parametrize("query", [f"apikey={KEY}&apikey={KEY}", f"apikey={KEY}&apikey=", f"apikey={KEY}&%61pikey=x"])
def test_a_parameter_that_comes_twice_is_refused(bare: Inbound, query: str) -> None:
    assert refusal(bare._replace(query=query), {"query": "apikey"}) is Reason.REPEATED_PROOF


def test_a_query_of_endless_fields_is_not_read(bare: Inbound) -> None:
    assert refusal(bare._replace(query="apikey=&" * 2_000), {"query": "apikey"}) is Reason.MALFORMED_PROOF


@pytest.mark.parametrize("key", ["ключ от двери", "clé-très-secrète", "with spaces & signs=+%"])
def test_a_key_of_any_characters_arrives_in_a_header_and_in_a_parameter(bare: Inbound, key: str) -> None:
    as_servers_hand_it_over = key.encode().decode("latin-1")
    secrets = {"secret": [key]}

    assert refusal(bare.with_header("X-Key", as_servers_hand_it_over), {"header": "X-Key"}, secrets=secrets) is None
    assert refusal(bare.with_parameter("apikey", key), {"query": "apikey"}, secrets=secrets) is None


def test_signing_uses_the_first_place(bare: Inbound) -> None:
    way = compile_way("key", {"scheme": "shared_secret", "places": [{"query": "apikey"}, {"header": "X-Key"}]})

    signed = way.sign(bare.with_parameter("who", "you"), {"secret": KEY})

    assert signed.url == f"{bare.url}?who=you&apikey={KEY}"
    assert "x-key" not in signed.headers


def test_only_a_place_of_http_has_a_challenge() -> None:
    bearer = {"header": "Authorization", "prefix": "Bearer "}

    assert compile_way("key", {"scheme": "shared_secret", "places": [{"query": "k"}, bearer]}).challenge == "Bearer"
    assert compile_way("key", {"scheme": "shared_secret", "places": [{"query": "k"}]}).challenge is None


@pytest.mark.parametrize(
    ("second", "expected"),
    [({"state": KEY}, None), ({"state": "another"}, Reason.WRONG_PROOF), ({}, Reason.MISSING_PROOF)],
)
def test_every_item_of_a_list_has_to_hold_the_key(
    bare: Inbound, second: dict[str, str], expected: Reason | None
) -> None:
    way = compile_way("key", {"scheme": "shared_secret", "each": "value", "places": [{"body": "state"}]})
    request = bare._replace(body=json.dumps({"value": [{"state": KEY}, second]}).encode())

    try:
        way.prove(request, SECRETS)
        found = None
    except Rejected as rejected:
        found = rejected.reason

    assert found is expected
