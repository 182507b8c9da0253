import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


UNSIGNED = {"body_is_unsigned": "the vendor signs something else"}


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
        ("{body|sha256}", hashlib.sha256(b'{"type":"ping"}').hexdigest().encode()),
        ("{method} {path}", b"POST /webhooks/4k1s2v6d"),
        ("{uri}\n", b"/webhooks/4k1s2v6d?who=you\n"),
        ("{header:X-Id|lower}[;{header:X-None}][;{query:who}]", b"7;you"),
        ("{body:type|crc32}", b"634732029"),
        ("{url}", b"https://hooks.example.com/webhooks/4k1s2v6d?who=you"),
        ("v0:{header:X-Id}:{query:who}", b"v0:7:you"),
        ("{body:type}", b"ping"),
    ],
)
def test_what_is_signed_comes_from_the_template(bare: Inbound, template: str, signed: bytes) -> None:
    unsigned = {} if template in {"{body}", "{body|sha256}"} else UNSIGNED
    way = compile_way("any", spec(signs=template, **unsigned))
    request = bare.with_header("X-Id", "7").with_parameter("who", "you")

    way.prove(request.with_header("X-Signature", signature(signed).hex()), SECRETS)


def test_a_form_is_signed_in_the_order_of_its_names(bare: Inbound) -> None:
    way = compile_way("any", spec(signs="{url}{form_sorted}"))
    request = bare._replace(body=b"b=2&a=caf%C3%A9&a=0")
    signed = bare.url.encode() + b"a0" + "acafé".encode() + b"b2"

    way.prove(request.with_header("X-Signature", signature(signed).hex()), SECRETS)


def test_a_value_of_a_form_that_comes_twice_can_be_signed_once(bare: Inbound) -> None:
    way = compile_way("any", spec(signs="{form_unique}"))
    request = bare._replace(body=b"b=2&a=1&b=2&a=0")

    way.prove(request.with_header("X-Signature", signature(b"a0a1b2").hex()), SECRETS)


@pytest.mark.parametrize("place", [{"query": "sig"}, {"body": "proof.sig"}, {"form": "sig"}])
def test_a_signature_can_stand_in_the_query_or_the_body(bare: Inbound, place: dict[str, str]) -> None:
    way = compile_way("any", spec(signature=place, signs="{method}", **UNSIGNED))
    request = bare._replace(body=b"a=1") if "form" in place else bare

    signed = way.sign(request, {"secret": SECRET})

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


def test_a_plain_hash_with_the_secret_first_is_no_hmac(bare: Inbound) -> None:
    way = compile_way("any", spec(construction="secret_first", signs="{method}{body}"))
    value = hashlib.sha256(SECRET.encode() + b"POST" + bare.body).hexdigest()

    way.prove(bare.with_header("X-Signature", value), SECRETS)

    with pytest.raises(Rejected):
        way.prove(bare.with_header("X-Signature", signature(b"POST" + bare.body).hex()), SECRETS)


@pytest.mark.parametrize("first", [signature(b"another").hex(), None])
def test_a_second_header_may_hold_the_signature_that_fits(bare: Inbound, first: str | None) -> None:
    way = compile_way("any", spec(signature={"header": "X-Signature", "also": ["X-Signature-2"]}))
    request = bare.with_header("X-Signature", first) if first else bare

    way.prove(request.with_header("X-Signature-2", signature(bare.body).hex()), SECRETS)

    with pytest.raises(Rejected) as refused:
        way.prove(bare, SECRETS)
    assert refused.value.reason is Reason.MISSING_PROOF


GROUPED = {
    "signature": {"header": "X-Signature", "groups": " ", "list": ",", "prefix": "v1="},
    "signs": "{timestamp}.{body}",
    "timestamp": {"element": "t="},
}


def test_each_group_of_a_header_has_a_time_of_its_own(bare: Inbound) -> None:
    way = compile_way("any", spec(**GROUPED))
    old, new = (f"t={time},v1={signature(f'{time}.'.encode() + bare.body).hex()}" for time in (1767323040, 1767323045))
    wrong = f"t=1767323041,{new.partition(',')[2]}"

    way.prove(bare.with_header("X-Signature", f"{wrong} {new}"), SECRETS)
    way.prove(bare.with_header("X-Signature", f"{old} {wrong}"), SECRETS)

    with pytest.raises(Rejected) as refused:
        way.prove(bare.with_header("X-Signature", wrong), SECRETS)
    assert refused.value.reason is Reason.WRONG_PROOF


def test_more_groups_than_a_rotation_needs_are_refused(bare: Inbound) -> None:
    way = compile_way("any", spec(**GROUPED))

    with pytest.raises(Rejected) as refused:
        way.prove(bare.with_header("X-Signature", "t=1,v1=00 " * 17), SECRETS)

    assert refused.value.reason is Reason.MALFORMED_PROOF


def test_a_separator_with_a_space_is_written_as_it_stands_and_read_without(bare: Inbound) -> None:
    way = compile_way("any", spec(**{**GROUPED, "signature": {"header": "X-Signature", "list": ", ", "prefix": "v1="}}))

    signed = way.sign(bare, {"secret": SECRET})

    assert ", v1=" in signed.first("x-signature")
    way.prove(signed.with_header("X-Signature", signed.first("x-signature").replace(", ", ",")), SECRETS)


CANONICAL = {
    "signs": "{method}\n{uri}\n{headers:X-Signed}\n{body}",
    "timestamp": {"header": "X-Time", "unit": "ms"},
}


def test_the_request_says_which_of_its_headers_are_signed(bare: Inbound) -> None:
    way = compile_way("any", spec(**CANONICAL))
    signed = way.sign(bare, {"secret": SECRET})
    headers = b"x-signed:x-signed,x-time;x-time:1767323045000"

    assert signed.first("x-signature") == signature(b"POST\n/webhooks/4k1s2v6d\n" + headers + b"\n" + bare.body).hex()
    way.prove(signed, SECRETS)


def test_a_time_that_is_not_among_the_signed_headers_is_refused(bare: Inbound) -> None:
    way = compile_way("any", spec(**CANONICAL))
    text = b"POST\n/webhooks/4k1s2v6d\nx-signed:x-signed\n" + bare.body
    request = bare.with_header("X-Signed", "x-signed").with_header("X-Time", "1767323045000")

    with pytest.raises(Rejected) as refused:
        way.prove(request.with_header("X-Signature", signature(text).hex()), SECRETS)

    assert refused.value.reason is Reason.MALFORMED_PROOF


def test_a_time_within_the_signed_body_is_signed_with_it(bare: Inbound) -> None:
    way = compile_way("any", spec(timestamp={"body": "sent", "unit": "ms"}))
    request = bare._replace(body=b'{"type":"ping","sent":1}')

    signed = way.sign(request, {"secret": SECRET})

    assert signed.body == b'{"type":"ping","sent":1767323045000}', "still a number"
    assert way.prove(signed, SECRETS).expires_at


def test_a_hash_of_the_body_in_the_signed_url_signs_the_body(bare: Inbound) -> None:
    way = compile_way("any", spec(signs="{url}", body_hash={"query": "bodySHA256"}))

    signed = way.sign(bare, {"secret": SECRET})

    assert signed.query == f"bodySHA256={hashlib.sha256(bare.body).hexdigest()}"
    way.prove(signed, SECRETS)
    with pytest.raises(Rejected) as refused:
        way.prove(signed._replace(body=b"{}"), SECRETS)
    assert refused.value.reason is Reason.WRONG_PROOF


PER_ITEM = {
    "each": "items",
    "signature": {"body": "signature"},
    "signs": "{body:id}:[{body:name}]",
    "body_is_unsigned": "an item's signature covers id and name",
}


def test_every_item_of_a_list_has_to_carry_its_signature(bare: Inbound) -> None:
    way = compile_way("any", spec(**PER_ITEM))
    request = bare._replace(body=b'{"items":[{"id":1,"name":"a"},{"id":2}],"more":true}')
    signed = way.sign(request, {"secret": SECRET})
    unsigned = signed.body.replace(b'}],"more"', b'},{"id":3}],"more"')

    way.prove(signed, SECRETS)

    assert signature(b"2:").hex().encode() in signed.body
    assert way.body_is_unsigned == PER_ITEM["body_is_unsigned"]
    with pytest.raises(Rejected) as refused:
        way.prove(signed._replace(body=unsigned), SECRETS)
    assert refused.value.reason is Reason.MISSING_PROOF


@pytest.mark.parametrize("body", [b"{}", b'{"items":[]}', b'{"items":{}}', b"[]", b'{"items":[%s0]}' % (b"0," * 1_000)])
def test_a_body_without_such_a_list_is_refused(bare: Inbound, body: bytes) -> None:
    way = compile_way("any", spec(**PER_ITEM))

    with pytest.raises(Rejected):
        way.prove(bare._replace(body=body), SECRETS)


BARE = Inbound(
    "POST", "https://hooks.example.com/x?a=1", "/x", "a=1", {}, b"", "192.0.2.7", datetime(2026, 1, 2, tzinfo=UTC)
)
FORMS: list[dict[str, object]] = [
    spec(),
    spec(**GROUPED),
    spec(**CANONICAL),
    spec(construction="secret_first", algorithm="sha512"),
    spec(signs="{url}", body_hash={"query": "hash"}),
    spec(signs="[{header:X-None}]{body|sha256}{timestamp}", timestamp={"query": "at", "unit": "http"}),
    spec(signature={"header": "X-A", "also": ["X-B"], "encoding": "base64url"}, signs="{header:X-Id}\n{body}"),
]


@given(body=st.binary(max_size=200), form=st.sampled_from(FORMS))
def test_whatever_the_body_is_what_is_signed_is_accepted_and_nothing_else(body: bytes, form: dict[str, object]) -> None:
    way = compile_way("any", form)

    signed = way.sign(BARE._replace(body=body), {"secret": SECRET})

    way.prove(signed, SECRETS)
    with pytest.raises(Rejected):
        way.prove(signed._replace(body=body + b"x"), SECRETS)
    with pytest.raises(Rejected):
        way.prove(signed, {"secret": ["another secret of some length"]})


@given(values=st.lists(st.text(max_size=60), max_size=2), form=st.sampled_from(FORMS), name=st.sampled_from(["", "-b"]))
def test_whatever_the_headers_are_there_is_a_verdict(values: list[str], form: dict[str, object], name: str) -> None:
    headers = {each: tuple(values) for each in ("x-signature", "x-signed", "x-time", "x-id", f"x{name or '-a'}")}

    with pytest.raises(Rejected):
        compile_way("any", form).prove(BARE._replace(headers=headers), SECRETS)
