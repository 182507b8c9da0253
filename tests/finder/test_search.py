"""The recipe finder: one signed request and its secret give the recipe, and nothing else gives one."""

import hashlib
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.errors import Invalid
from engine.finder.search import LONGEST, MOST_HASHES, find_recipes
from tests.finder.vendors import BODY, NOW, STAMP, STANDARD_SECRET, URL, VENDORS, Signed, in_base64, in_hex, request

Vendor = Callable[[], Signed]


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_recipe_is_found_from_one_request_in_under_a_second(vendor: Vendor) -> None:
    signed, begun = vendor(), time.monotonic()

    found = find_recipes(signed.request, signed.secret)

    assert time.monotonic() - begun < LONGEST
    assert found.recipes[0]["signs"] == signed.signs
    assert found.complete


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_found_proves_the_request_and_not_one_with_a_byte_changed(vendor: Vendor) -> None:
    signed = vendor()

    found = find_recipes(signed.request, signed.secret, name="api_key")
    way = compile_way("found", found.recipes[0])

    way.prove(signed.request, {"api_key": (signed.secret,)})
    with pytest.raises(Exception, match="not that of this request"):
        way.prove(signed.request._replace(body=signed.request.body + b" "), {"api_key": (signed.secret,)})


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_is_found_with_another_secret(vendor: Vendor) -> None:
    found = find_recipes(vendor().request, "another-secret-of-this-length")

    assert (found.recipes, found.complete) == ([], True)
    assert found.proofs
    assert 0 < found.tried <= MOST_HASHES


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_is_found_in_a_request_without_its_signature(vendor: Vendor) -> None:
    signed = vendor()
    bare = {name: value for name, value in signed.request.headers.items() if "signature" not in name}
    bare.pop("x-shopify-hmac-sha256", None)

    found = find_recipes(signed.request._replace(headers=bare), signed.secret)

    assert (found.recipes, found.proofs, found.tried) == ([], [], 0)


def test_a_signature_over_a_time_is_preferred_to_one_that_can_be_replayed() -> None:
    secret = "0123456789abcdef"
    headers = {"x-plain": in_hex(secret, BODY), "x-time": STAMP, "x-timed": in_hex(secret, f"{STAMP}|".encode() + BODY)}

    found = find_recipes(request(headers), secret)

    assert [recipe["signs"] for recipe in found.recipes] == ["{timestamp}|{body}", "{body}"]


def test_a_broken_hash_comes_after_a_sound_one() -> None:
    secret = "0123456789abcdef"
    headers = {"x-old": "sha1=" + in_hex(secret, BODY, "sha1"), "x-new": "sha256=" + in_hex(secret, BODY)}

    found = find_recipes(request(headers), secret)

    assert [recipe["algorithm"] for recipe in found.recipes] == ["sha256", "sha1"]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("write", [in_hex, in_base64])
def test_every_algorithm_is_told_by_the_length(algorithm: str, write: Callable[[str, bytes, str], str]) -> None:
    secret = "0123456789abcdef"

    found = find_recipes(request({"x-signature": write(secret, BODY, algorithm)}), secret)

    assert [recipe["algorithm"] for recipe in found.recipes] == [algorithm]


@pytest.mark.parametrize(
    ("secret", "key", "said"),
    [
        ("746869732069732061206b6579212121", b"this is a key!!!", {"encoding": "hex"}),
        ("dGhpcyBpcyBhIGtleSEhIQ==", b"this is a key!!!", {"encoding": "base64"}),
        ("sk_dGhpcyBpcyBhIGtleSEhIQ==", b"this is a key!!!", {"prefix": "sk_", "encoding": "base64"}),
        (STANDARD_SECRET, STANDARD_SECRET.encode(), {}),
    ],
)
def test_the_key_is_the_secret_or_what_it_stands_for(secret: str, key: bytes, said: dict[str, str]) -> None:
    found = find_recipes(request({"x-signature": in_base64(key, BODY)}), secret)

    assert found.recipes[0]["secret"] == {"name": "secret", **said}


def test_signatures_of_a_rotation_stand_in_one_list() -> None:
    key, signed = "0123456789abcdef", f"{STAMP}.".encode() + BODY
    value = f"t={STAMP}, v1={in_hex('another', signed)}, v1={in_hex(key, signed)}"

    found = find_recipes(request({"x-signature": value}), key)

    assert found.recipes[0]["signature"] == {"header": "x-signature", "list": ",", "prefix": "v1=", "encoding": "hex"}
    assert found.recipes[0]["timestamp"] == {"element": "t=", "unit": "s"}


@pytest.mark.parametrize(("text", "unit"), [(STAMP, "s"), (f"{STAMP}789", "ms"), ("2026-01-02T03:04:01Z", "iso")])
def test_the_unit_of_the_time_is_told_by_its_form(text: str, unit: str) -> None:
    secret = "0123456789abcdef"
    headers = {"x-sent": text, "x-signature": in_hex(secret, BODY + text.encode())}

    found = find_recipes(request(headers), secret)

    assert found.recipes[0]["timestamp"] == {"header": "x-sent", "unit": unit}


def test_a_signature_in_the_query_is_found() -> None:
    secret = "0123456789abcdef"
    sent = request({}, url=f"{URL}?sig={in_hex(secret, BODY)}")

    found = find_recipes(sent, secret)

    assert found.recipes[0]["signature"] == {"query": "sig", "encoding": "hex"}


def test_a_key_that_travels_itself_is_found() -> None:
    found = find_recipes(request({"authorization": "Bearer 0123456789abcdef"}), "0123456789abcdef")

    places = [{"header": "authorization", "prefix": "Bearer "}]
    assert found.recipes == [{"scheme": "shared_secret", "secret": "secret", "places": places}]


def test_a_password_is_found() -> None:
    found = find_recipes(request({"authorization": "Basic d2luazowMTIzNDU2Nzg5YWJjZGVm"}), "0123456789abcdef")

    assert found.recipes == [{"scheme": "basic", "username": "wink", "secret": "secret"}]


def test_without_a_secret_nothing_is_tried() -> None:
    with pytest.raises(Invalid, match="without the secret"):
        find_recipes(request({}), "")


@pytest.mark.parametrize("size", [1024 * 1024, 5 * 1024 * 1024])
def test_a_large_body_keeps_to_the_bounds(size: int) -> None:
    body, begun = b"x" * size, time.monotonic()
    headers = {"x-time": STAMP, "x-message-id": "msg_1", "x-signature": in_hex("another", body)}

    found = find_recipes(request(headers, body), STANDARD_SECRET)

    assert time.monotonic() - begun < LONGEST + 0.5
    assert (found.recipes, found.complete) == ([], False)


def test_a_large_body_that_is_signed_alone_is_found() -> None:
    body, secret = b"x" * 5 * 1024 * 1024, "0123456789abcdef"

    found = find_recipes(request({"x-time": STAMP, "x-signature": in_hex(secret, body)}, body), secret)

    assert found.recipes[0]["signs"] == "{body}"


def test_lists_of_signatures_everywhere_keep_to_the_bounds() -> None:
    signature = in_hex("another", b"")
    lists = "x".join(f"{sign}{signature}{sign}" + f"a={STAMP[:-1]}{sign}" * 26 for sign in ",;|& ")
    sent, begun = request({f"x-{number}": lists for number in range(250)}, b"{}"), time.process_time()

    find_recipes(sent, STANDARD_SECRET)

    assert time.process_time() - begun < LONGEST


LOOKS = st.sampled_from(
    [
        in_hex("k", b""),
        in_base64("k", b""),
        STAMP,
        f"{STAMP}000",
        f"t={STAMP},v1={in_hex('k', b'')}",
        "v1,",
        "=",
        "\u00e9",
    ]
)
NAMES = st.one_of(st.text(max_size=20), st.sampled_from(["x-signature", "x-id", "webhook-id", "authorization"]))
TEXTS = st.one_of(st.text(max_size=60), LOOKS, st.lists(LOOKS, max_size=5).map(" ,;".join))


@given(
    headers=st.dictionaries(NAMES, st.lists(TEXTS, max_size=2).map(tuple), max_size=8),
    query=st.text(max_size=80),
    body=st.one_of(
        st.binary(max_size=200), st.dictionaries(NAMES, TEXTS, max_size=4).map(lambda it: json.dumps(it).encode())
    ),
    secret=st.text(min_size=1, max_size=60),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded"]),
)
def test_any_request_gets_an_answer_within_the_bounds(
    headers: dict[str, tuple[str, ...]], query: str, body: bytes, secret: str, kind: str
) -> None:
    sent = Inbound("POST", URL, "/webhooks/x", query, {**headers, "content-type": (kind,)}, body, "192.0.2.7", NOW)

    found = find_recipes(sent, secret)

    assert found.tried <= MOST_HASHES
    assert all(compile_way("found", recipe).prove(sent, {"secret": (secret,)}) for recipe in found.recipes)


@pytest.mark.parametrize("unit", ["http", "iso"])
def test_a_time_in_the_body_or_as_a_date_is_found(unit: str) -> None:
    secret, text = "0123456789abcdef", {"http": "Fri, 02 Jan 2026 03:04:05 GMT", "iso": "2026-01-02T03:04:05Z"}[unit]
    body = json.dumps({"sent": {"at": text}}).encode()

    found = find_recipes(request({"x-signature": in_hex(secret, text.encode() + b"." + body)}, body), secret)

    assert found.recipes[0]["timestamp"] == {"body": "sent.at", "unit": unit}


def test_a_time_that_has_no_name_is_the_first_element() -> None:
    secret = "0123456789abcdef"

    found = find_recipes(request({"x-signature": f"{STAMP},{in_hex(secret, STAMP.encode() + BODY)}"}), secret)

    assert found.recipes[0]["timestamp"] == {"element": "", "unit": "s"}


def test_a_plain_hash_of_secret_and_body_is_found_after_a_keyed_one() -> None:
    secret = "0123456789abcdef"
    headers = {"x-old": hashlib.sha256(secret.encode() + BODY).hexdigest(), "x-new": in_hex(secret, BODY)}

    found = find_recipes(request(headers), secret)

    assert [recipe.get("construction") for recipe in found.recipes] == [None, "secret_first"]
