"""What each kind of handshake answers, and whom it does not answer."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pydantic import TypeAdapter, ValidationError

from engine.authentication.request import Inbound
from engine.definitions.bodies import compile_bodies
from engine.definitions.handshake import LONGEST_QUESTION, NO_SNIFFING, Answer, Handshake
from engine.definitions.handshake_kinds import HandshakeSpec
from engine.definitions.handshake_signed import SignedEcho
from engine.definitions.reply import JSON_TYPE, TEXT_TYPE, Reply
from engine.errors import Rejected
from engine.words import Reason

BODIES = compile_bodies({"application/json": "json"})
URL = "https://hooks.example.com/webhooks/4k1s2v6d"
KEY = "a-consumer-secret-of-the-vendor"

ASKED = {"signed": False, "methods": ["GET"], "when": "true"}
ECHO = {**ASKED, "kind": "echo", "challenge": "query.c"}
TOKEN = {**ECHO, "token": {"secret": "verify_token", "given": "query.t"}}
SIGNED = {**ASKED, "kind": "signed_echo", "challenge": "query.c", "secret": "key"}
KEPT = {
    "kind": "kept_secret",
    "signed": False,
    "when": "exists(headers['x-secret'])",
    "secret": "key",
    "value": "headers['x-secret']",
}
CONFIRM = {
    "kind": "confirm_url",
    "signed": True,
    "when": "true",
    "address": "body.url",
    "hosts": ["sns.*.amazonaws.com"],
}


def asking(query: str = "", *, method: str = "GET", body: bytes = b"", **headers: str) -> Inbound:
    return Inbound(
        method=method,
        url=f"{URL}?{query}" if query else URL,
        path="/webhooks/4k1s2v6d",
        query=query,
        headers={name.replace("_", "-"): (value,) for name, value in headers.items()},
        body=body,
        address="192.0.2.7",
        received_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def made(spec: object) -> Handshake:
    return TypeAdapter(HandshakeSpec).validate_python(spec).compile(BODIES)


def answer(spec: object, request: Inbound, **secrets: str) -> Answer | None:
    return made(spec).answer(request, {name: [value] for name, value in secrets.items()})


def reply(spec: object, request: Inbound, **secrets: str) -> Reply | None:
    found = answer(spec, request, **secrets)
    return found.reply if found else None


def test_a_question_by_another_method_is_none() -> None:
    assert reply(ECHO, asking("c=1", method="POST")) is None


def test_a_question_with_a_huge_body_is_not_even_read() -> None:
    spec = {**ECHO, "methods": ["POST"], "challenge": "body.c"}

    assert reply(spec, asking(method="POST", body=b'{"c": "1"}'))
    assert reply(spec, asking(method="POST", body=b'{"c": "1"}' + b" " * LONGEST_QUESTION)) is None


def test_constant_headers_go_with_the_answer() -> None:
    spec = {**ECHO, "reply": "header", "name": "X-Allowed", "headers": {"X-Rate": "*"}}

    assert reply(spec, asking("c=me")) == Reply(200, (("X-Allowed", "me"), ("X-Rate", "*")), b"")


def test_text_that_is_sent_back_is_never_taken_for_a_page() -> None:
    answered = reply(ECHO, asking("c=%3Cscript%3E"))

    assert answered == Reply(200, (TEXT_TYPE, NO_SNIFFING), b"<script>")


def test_who_knows_the_word_is_answered() -> None:
    assert reply(TOKEN, asking("c=1&t=sesame-open-please"), verify_token="sesame-open-please")


@pytest.mark.parametrize("query", ["c=1", "c=1&t=", "c=1&t=sesame", "c=1&t=sesame-open-please0", "c=1&t=%ff"])
def test_who_does_not_know_the_word_hears_what_a_forger_hears(query: str) -> None:
    with pytest.raises(Rejected) as refused:
        answer(TOKEN, asking(query), verify_token="sesame-open-please")

    assert refused.value.reason is Reason.WRONG_PROOF
    assert "sesame" not in refused.value.detail


def test_without_a_word_of_ours_nobody_is_answered() -> None:
    with pytest.raises(Rejected) as refused:
        answer(TOKEN, asking("c=1&t="))

    assert refused.value.reason is Reason.NO_SECRET


def test_a_fixed_answer_is_the_same_every_time() -> None:
    spec = {"kind": "fixed", "signed": True, "when": "body.type == 1", "reply": {"status": 200, "json": {"type": 1}}}
    post = asking(method="POST", body=b'{"type": 1}')

    assert reply(spec, post) == Reply(200, (JSON_TYPE,), b'{"type":1}')
    assert reply(spec, post._replace(body=b'{"type": 2}')) is None


def test_a_fixed_answer_without_a_body_is_empty() -> None:
    spec = {"kind": "fixed", "signed": False, "methods": ["HEAD"], "when": "true", "reply": {"status": 200}}

    assert reply(spec, asking(method="HEAD")) == Reply(200, (), b"")


def test_a_challenge_is_signed_as_the_manifest_says() -> None:
    spec = {
        **SIGNED,
        "encoding": "base64",
        "says": "sha256={signature}",
        "reply": "json",
        "name": "token",
        "also": "was",
    }
    signature = b64encode(hmac.digest(KEY.encode(), b"abc", "sha256")).decode()

    answered = answer(spec, asking("c=abc"), key=KEY)

    assert answered is not None
    assert answered.is_signed
    assert answered.reply.body == f'{{"was":"abc","token":"sha256={signature}"}}'.encode()


def test_a_hash_without_a_key_covers_challenge_secret_and_address() -> None:
    spec = {**SIGNED, "keyed": False, "signs": "{challenge}{secret}{url}"}

    assert reply(spec, asking("c=abc"), key=KEY) == Reply(
        200, (TEXT_TYPE, NO_SNIFFING), sha256(f"abc{KEY}{URL}".encode()).hexdigest().encode()
    )


def test_an_answer_can_say_a_further_secret() -> None:
    spec = {**SIGNED, "algorithm": "sha1", "says": "{public_key}|{signature}", "further": ["public_key"]}
    signature = hmac.digest(KEY.encode(), b"abc", "sha1").hex()

    answered = reply(spec, asking("c=abc"), key=KEY, public_key="a-public-key-of-ours")

    assert answered is not None
    assert answered.body == f"a-public-key-of-ours|{signature}".encode()


def test_the_newest_secret_signs() -> None:
    answered = made(SIGNED).answer(asking("c=abc"), {"key": [KEY, "an-older-secret-of-theirs"]})

    assert answered is not None
    assert answered.reply.body == hmac.digest(KEY.encode(), b"abc", "sha256").hex().encode()


@pytest.mark.parametrize(
    "challenge",
    ["", "{}", "[]", "{%22a%22:1}", "a=b", "a%26b", "v0:1:a", "a.b", "a b", "a%0Ab", "a%0A", "%C3%A9", "%D9%A1",
     "a" * 129, "%22a%22", "a===", "=a", "%3Cxml%3E", "a%00"],
)  # fmt: skip
def test_what_a_delivery_could_be_is_never_signed(challenge: str) -> None:
    assert answer(SIGNED, asking(f"c={challenge}"), key=KEY) is None


@pytest.mark.parametrize("body", [b"abc", b"123", b"true", b"null", b"aGVsbG8=", b"1e5", b"0"])
def test_a_delivery_that_has_the_form_of_a_challenge_may_be_one_that_we_signed(body: bytes) -> None:
    handshake = made(SIGNED)
    assert isinstance(handshake, SignedEcho)

    assert handshake.may_have_signed(asking(method="POST", body=body))


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"a": 1}', b"a=b", b"", b'"abc"', b"a" * 129])
def test_no_other_delivery_is_suspected(body: bytes) -> None:
    handshake = made(SIGNED)
    assert isinstance(handshake, SignedEcho)

    assert not handshake.may_have_signed(asking(method="POST", body=body))


def test_a_field_is_suspected_where_the_vendor_signs_that_alone() -> None:
    handshake = made({**SIGNED, "apart": "body.payload"})
    assert isinstance(handshake, SignedEcho)

    assert handshake.may_have_signed(asking(method="POST", body=b'{"payload": "abc"}'))
    assert not handshake.may_have_signed(asking(method="POST", body=b'{"payload": "<xml/>"}'))


def test_where_the_question_is_proven_nobody_else_gets_an_answer_to_suspect() -> None:
    handshake = made({**SIGNED, "signed": True, "methods": ["POST"]})
    assert isinstance(handshake, SignedEcho)

    assert not handshake.may_have_signed(asking(method="POST", body=b"abc"))


def test_a_secret_that_comes_is_kept_and_goes_back_where_the_vendor_wants_it() -> None:
    secret = "b537207f20cbfa02357cf448134da559"
    request = asking(method="POST", x_secret=secret)

    silent, loud = answer(KEPT, request), answer({**KEPT, "name": "X-Secret"}, request)

    assert silent is not None
    assert loud is not None
    assert silent.brought == loud.brought == ("key", secret)
    assert (silent.reply, loud.reply) == (Reply(200, (), b""), Reply(200, (("X-Secret", secret),), b""))
    assert secret not in silent.words


@pytest.mark.parametrize("value", ["", "short", "b537207f20cb\r\nSet-Cookie: a=b", "é" * 40, "a" * 1_025])
def test_what_is_no_secret_is_not_kept(value: str) -> None:
    assert answer({**KEPT, "name": "X-Secret"}, asking(method="POST", x_secret=value)) is None


@pytest.mark.parametrize(
    "url", ["https://sns.eu-west-1.amazonaws.com/?Token=1", "https://sns.eu-west-1.amazonaws.com:443/"]
)
def test_an_address_of_the_vendors_is_fetched(url: str) -> None:
    answered = answer(CONFIRM, asking(method="POST", body=b'{"url": "%s"}' % url.encode()))

    assert answered is not None
    assert answered.address == url
    assert "Token" not in answered.words


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com.evil.example/",
        "https://evil.example/?sns.eu-west-1.amazonaws.com",
        "https://sns.a.b.amazonaws.com/",
        "https://sns.amazonaws.com@evil.example/",
        "https://x@sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com:8443/",
        "https://evil.example\\\\.sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com/\\n",
        "https://[::1/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "sns.eu-west-1.amazonaws.com",
    ],
)
def test_no_other_address_is_fetched(url: str) -> None:
    with pytest.raises(Rejected) as refused:
        answer(CONFIRM, asking(method="POST", body=b'{"url": "%s"}' % url.encode()))

    assert refused.value.reason is Reason.WRONG_PROOF


@pytest.mark.parametrize(
    "spec",
    [
        {**ECHO, "methods": []},
        {**ECHO, "methods": ["GET", "GET"]},
        {**ECHO, "methods": ["DELETE"]},
        {**ECHO, "headers": {"X-A": "a\r\nb"}},
        {**ECHO, "headers": {"X A": "a"}},
        {**SIGNED, "longest": 10_000},
        {**SIGNED, "signs": "v0:{challenge}"},
        {**SIGNED, "signs": "{url}"},
        {**SIGNED, "signs": "{challenge}{secret}"},
        {**SIGNED, "keyed": False},
        {**SIGNED, "says": "{other}|{signature}"},
        {**SIGNED, "also": "challenge"},
        {**KEPT, "signed": True},
        {**CONFIRM, "signed": False},
        {**CONFIRM, "hosts": []},
        {**CONFIRM, "hosts": ["*"]},
        {**CONFIRM, "hosts": ["*.com"]},
        {**CONFIRM, "hosts": ["*.amazonaws.com/x"]},
        {"kind": "challenge", "signed": True, "when": "true"},
    ],
)
def test_a_mistake_is_found_when_the_manifest_is_read(spec: object) -> None:
    with pytest.raises(ValidationError):
        made(spec)
