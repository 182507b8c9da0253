"""The scheme ``public_key``: whose signature it is, and what stands for a key."""

import json
from base64 import b64encode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.algorithms import ALGORITHMS, read_public_key, write_private_key
from engine.authentication.keys import KeysWanted
from engine.authentication.way import Way, compile_way
from engine.errors import Invalid, Rejected
from engine.words import Reason
from tests.authentication.conftest import inbound

ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = ED25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
ADDRESS = "https://keys.example.com/jwks"


def way(**fields: object) -> Way:
    spec = {"scheme": "public_key", "algorithm": "ed25519", "signature": {"header": "x-sig"}, **fields}
    return compile_way("w", spec)


def refusal(each: Way, header: str, value: str) -> Reason | None:
    try:
        each.prove(inbound({"x-sig": header}, b"body"), {"public_key": [value]})
    except Rejected as rejected:
        return rejected.reason
    return None


def spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | Ed25519PrivateKey, encoding: Encoding) -> bytes:
    return key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "text",
    [
        RAW.hex(),
        RAW.hex().upper(),
        b64encode(RAW).decode(),
        b64encode(spki(ED25519, Encoding.DER)).decode(),
        spki(ED25519, Encoding.PEM).decode(),
        spki(ED25519, Encoding.PEM).decode().replace("\n", "\\n"),
        spki(ED25519, Encoding.PEM).decode().replace("\n", " "),
        json.dumps({"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(RAW).rstrip(b"=").decode()}),
        write_private_key(ED25519),
    ],
)
def test_a_key_may_be_written_in_every_way_that_vendors_show_it(text: str) -> None:
    assert refusal(way(), ED25519.sign(b"body").hex(), text) is None


@pytest.mark.parametrize("name", ALGORITHMS)
def test_each_algorithm_accepts_its_own_signature_and_no_other_text(name: str) -> None:
    algorithm = ALGORITHMS[name]
    private = algorithm.generate()
    signature = algorithm.sign(private, b"text")

    assert algorithm.verifies(private.public_key(), signature, b"text")
    assert not algorithm.verifies(private.public_key(), signature, b"tex")
    assert not algorithm.verifies(algorithm.generate().public_key(), signature, b"text")


def test_a_key_of_another_kind_is_none() -> None:
    rsa_key = spki(rsa.generate_private_key(65537, 2048), Encoding.PEM).decode()

    assert refusal(way(), "00" * 64, rsa_key) is Reason.NO_SECRET
    assert way().secrets["public_key"].warning(rsa_key)
    assert way().secrets["public_key"].warning(RAW.hex()) is None


def test_a_key_on_another_curve_is_none() -> None:
    other = spki(ec.generate_private_key(ec.SECP384R1()), Encoding.PEM).decode()

    assert refusal(way(algorithm="ecdsa-p256"), "00" * 70, other) is Reason.NO_SECRET


def test_where_the_vendor_alone_can_sign_that_is_said_in_words() -> None:
    with pytest.raises(Rejected, match="let the vendor send"):
        way().sign(inbound({}, b"body"), {"public_key": RAW.hex()})


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    signature = b64encode(ED25519.sign(b"body")).decode()
    last = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-3]]

    each = way(signature={"header": "x-sig", "encoding": "base64"})

    assert refusal(each, signature, RAW.hex()) is None
    assert refusal(each, f"{signature[:-3]}{last}==", RAW.hex()) is Reason.WRONG_PROOF


def test_published_keys_are_found_by_their_id_and_wanted_where_they_are_not() -> None:
    each = way(keys={"url": ADDRESS}, key_id={"header": "x-kid"})
    x = urlsafe_b64encode(RAW).rstrip(b"=").decode()
    keys = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": x}]})
    request = inbound({"x-sig": ED25519.sign(b"body").hex(), "x-kid": "a"}, b"body")

    each.prove(request, {ADDRESS: [keys]})

    with pytest.raises(KeysWanted) as wanted:
        each.prove(request, {})
    assert (wanted.value.address, wanted.value.reason) == (ADDRESS, Reason.NO_SECRET)
    with pytest.raises(KeysWanted) as unknown:
        each.prove(request.with_header("x-kid", "b"), {ADDRESS: [keys]})
    assert unknown.value.reason is Reason.WRONG_PROOF


def test_ten_thousand_keys_or_none_are_a_document_as_any_other() -> None:
    each = way(keys={"url": ADDRESS}, key_id={"header": "x-kid"})
    request = inbound({"x-sig": ED25519.sign(b"body").hex(), "x-kid": "7"}, b"body")
    many = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": str(n), "x": "AA"} for n in range(10_000)]})

    for document in (many, '{"keys": []}', '{"keys": 5}', "[]", "{", "<html>", "\ud800", '{"keys": [5, null, {}]}'):
        with pytest.raises(Rejected):
            each.prove(request, {ADDRESS: [document]})


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example.com/jwks",
        "https://user@keys.example.com/jwks",
        "https://{tenant}/jwks",
        "https://keys.{tenant}.com/jwks",
        "https://keys.example.com/{tenant}",
        "https://keys.example.com:8443/jwks",
        "https://localhost/jwks",
    ],
)
def test_an_address_whose_host_is_not_written_out_is_no_address(url: str) -> None:
    with pytest.raises(Invalid):
        way(keys={"url": url})


@pytest.mark.parametrize("value", ["a.b", "a/b", "evil.example/", "a@b", "a:b", "", "é", "a" * 64, "a\n"])
def test_a_value_that_completes_an_address_is_one_label(value: str) -> None:
    each = way(keys={"url": "https://{tenant}.example.com/jwks"})

    with pytest.raises(Rejected) as rejected:
        each.prove(inbound({"x-sig": "00" * 64}, b"body"), {"tenant": [value]})

    assert rejected.value.reason is Reason.NO_SECRET
    assert not isinstance(rejected.value, KeysWanted)


def test_a_source_of_keys_is_written_once() -> None:
    with pytest.raises(Invalid):
        way(keys={"url": ADDRESS}, key="public_key")
    with pytest.raises(Invalid):
        way(key_id={"header": "x-kid"})


@given(st.text())
def test_any_text_is_a_key_or_none(text: str) -> None:
    for each in (text, f"-----BEGIN PUBLIC KEY-----{text}-----END PUBLIC KEY-----", f'{{"kty": "RSA", "n": "{text}"}}'):
        read_public_key(each)


@given(st.binary(), st.binary())
def test_any_signature_gives_a_proof_or_a_refusal(header: bytes, body: bytes) -> None:
    for algorithm, encoding in (("ed25519", "hex"), ("ecdsa-p256", "base64"), ("rsa-sha256", "base64url")):
        each = way(algorithm=algorithm, signature={"header": "x-sig", "encoding": encoding})
        with pytest.raises(Rejected):
            each.prove(inbound({"x-sig": header.decode("latin-1")}, body), {"public_key": [RAW.hex()]})
