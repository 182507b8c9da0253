import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping

import pytest

from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.errors import Rejected
from engine.words import Reason

SECRET = "a secret of some length"
SECRETS = {"secret": [SECRET]}
WRITERS: Mapping[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda hashed: b64encode(hashed).decode(),
    "base64url": lambda hashed: urlsafe_b64encode(hashed).decode().rstrip("="),
}


def spec(**changes: object) -> dict[str, object]:
    return {"scheme": "hmac", "signature": {"header": "X-Signature"}, **changes}


def signature(signed: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(SECRET.encode(), signed, algorithm).digest()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("encoding", WRITERS)
def test_every_algorithm_in_every_encoding(bare: Inbound, algorithm: str, encoding: str) -> None:
    way = compile_way("any", spec(algorithm=algorithm, signature={"header": "X-Signature", "encoding": encoding}))
    value = WRITERS[encoding](signature(bare.body, algorithm))

    way.prove(bare.with_header("X-Signature", value), SECRETS)

    assert way.sign(bare, {"secret": SECRET}).first("x-signature") == value


@pytest.mark.parametrize(
    ("template", "signed"),
    [
        ("{body}", b'{"type":"ping"}'),
        ("{method} {path}", b"POST /webhooks/4k1s2v6d"),
        ("{url}", b"https://hooks.example.com/webhooks/4k1s2v6d?who=you"),
        ("v0:{header:X-Id}:{query:who}", b"v0:7:you"),
        ("{body:type}", b"ping"),
    ],
)
def test_what_is_signed_comes_from_the_template(bare: Inbound, template: str, signed: bytes) -> None:
    way = compile_way("any", spec(signs=template))
    request = bare.with_header("X-Id", "7").with_parameter("who", "you")

    way.prove(request.with_header("X-Signature", signature(signed).hex()), SECRETS)


def test_a_form_is_signed_in_the_order_of_its_names(bare: Inbound) -> None:
    way = compile_way("any", spec(signs="{url}{form_sorted}"))
    request = bare._replace(body=b"b=2&a=caf%C3%A9&a=0")
    signed = bare.url.encode() + b"a0" + "acafé".encode() + b"b2"

    way.prove(request.with_header("X-Signature", signature(signed).hex()), SECRETS)


@pytest.mark.parametrize("place", [{"query": "sig"}, {"body": "proof.sig"}])
def test_a_signature_can_stand_in_the_query_or_the_body(bare: Inbound, place: dict[str, str]) -> None:
    way = compile_way("any", spec(signature=place, signs="{body:type}"))

    signed = way.sign(bare, {"secret": SECRET})

    way.prove(signed, SECRETS)


def test_hex_in_capitals_is_the_same_signature(bare: Inbound) -> None:
    way = compile_way("any", spec())

    way.prove(bare.with_header("X-Signature", signature(bare.body).hex().upper()), SECRETS)


def test_a_second_spelling_of_base64_is_refused(bare: Inbound) -> None:
    way = compile_way("any", spec(signature={"header": "X-Signature", "encoding": "base64"}))
    value = b64encode(signature(bare.body)).decode()
    following = {"A": "B", "E": "F", "I": "J", "M": "N", "Q": "R", "U": "V", "Y": "Z", "c": "d"}
    following |= {"g": "h", "k": "l", "o": "p", "s": "t", "w": "x", "0": "1", "4": "5", "8": "9"}
    same_bytes = f"{value[:-2]}{following[value[-2]]}="

    with pytest.raises(Rejected) as refused:
        way.prove(bare.with_header("X-Signature", same_bytes), SECRETS)

    assert refused.value.reason is Reason.WRONG_PROOF


def test_more_signatures_than_a_rotation_needs_are_refused(bare: Inbound) -> None:
    way = compile_way("any", spec(signature={"header": "X-Signature", "list": ","}))
    value = ",".join([signature(bare.body).hex()] * 17)

    with pytest.raises(Rejected) as refused:
        way.prove(bare.with_header("X-Signature", value), SECRETS)

    assert refused.value.reason is Reason.MALFORMED_PROOF


def test_the_digest_is_of_what_was_signed_and_not_of_the_header(bare: Inbound) -> None:
    timed = {"signs": "{timestamp}.{body}", "timestamp": {"element": "t="}}
    way = compile_way("any", spec(signature={"header": "X-Signature", "list": ",", "prefix": "v1="}, **timed))
    signed = way.sign(bare, {"secret": SECRET})
    time, value = signed.first("x-signature").split(",")

    proof = way.prove(signed, SECRETS)
    reordered = way.prove(bare.with_header("X-Signature", f"v0=x, {value.upper().lower()} ,{time}"), SECRETS)

    assert proof == reordered
    assert proof.digest == hashlib.sha256(time.removeprefix("t=").encode() + b"." + bare.body).digest()


def test_a_secret_can_be_written_as_base64_after_a_prefix(bare: Inbound) -> None:
    way = compile_way("any", spec(secret={"name": "secret", "prefix": "whsec_", "encoding": "base64"}))
    signed = bare.with_header("X-Signature", signature(bare.body).hex())

    way.prove(signed, {"secret": ["whsec_" + b64encode(SECRET.encode()).decode()]})

    with pytest.raises(Rejected) as refused:
        way.prove(signed, {"secret": ["whsec_not base64"]})
    assert refused.value.reason is Reason.NO_SECRET
