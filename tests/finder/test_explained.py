"""A found recipe in words and in YAML, and what is said where none is found."""

from collections.abc import Callable

import pytest

from engine.authentication.way import compile_way
from engine.finder.explained import as_yaml, explain, nothing_found
from engine.finder.search import find_recipes
from engine.language.yaml12 import load
from tests.finder.vendors import BODY, VENDORS, Signed, blink, hubspot, in_hex, request, svix


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_yaml_is_the_recipe(vendor: Callable[[], Signed]) -> None:
    signed = vendor()
    recipe = find_recipes(signed.request, signed.secret).recipes[0]

    written = load(as_yaml(recipe)).value

    assert written == [recipe]
    compile_way("found", written).prove(signed.request, {"secret": (signed.secret,)})


def test_a_time_among_the_elements_is_explained() -> None:
    signed = blink()

    words = explain(find_recipes(signed.request, signed.secret).recipes[0])

    assert words == (
        "HMAC-SHA256 over the time, a dot, the address, a dot and the body. The key is the secret as it stands. The "
        "signature stands in the header x-blink-signature after 'sig1=', in hex. The time stands in the element 'ts=' "
        "beside it, in seconds."
    )


def test_parts_without_anything_between_them_are_explained() -> None:
    signed = hubspot()

    words = explain(find_recipes(signed.request, signed.secret).recipes[0])

    assert "over the method, the address, the body and the time." in words
    assert "in milliseconds." in words


def test_a_key_behind_a_prefix_is_explained() -> None:
    signed = svix()

    words = explain(find_recipes(signed.request, signed.secret).recipes[0])

    assert "The key is what the secret after its prefix whsec_ holds in base64." in words


def test_a_proof_that_can_be_sent_again_says_so() -> None:
    secret = "0123456789abcdef"

    words = explain(find_recipes(request({"x-signature": in_hex(secret, BODY)}), secret).recipes[0])

    assert words.endswith("No time is signed that could be checked: the same request can be sent again.")


@pytest.mark.parametrize("sent", ["Bearer 0123456789abcdef", "Basic d2luazowMTIzNDU2Nzg5YWJjZGVm"])
def test_a_secret_that_travels_is_explained_without_showing_it(sent: str) -> None:
    words = explain(find_recipes(request({"authorization": sent}), "0123456789abcdef").recipes[0])

    assert "secret" in words
    assert "0123456789abcdef" not in words


def test_without_a_signature_it_is_said_that_there_is_none() -> None:
    words = nothing_found(find_recipes(request({}), "0123456789abcdef"))

    assert words.startswith("Nothing in this request looks like a signature")


def test_in_vain_it_is_said_where_proofs_were_looked_for() -> None:
    signed = svix()

    words = nothing_found(find_recipes(signed.request, "whsec_of_another_endpoint"))

    assert "header svix-signature, and a time in header svix-timestamp" in words
    assert "Is it the right secret" in words
