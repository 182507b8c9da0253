"""The doctor on its own: whatever came in, it answers, and its work is bounded."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.app import CONNECTORS
from engine.authentication.hmac_scheme import HmacSpec
from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.definitions.catalog import read_connectors
from engine.doctor.case import MOST_WORK, Case
from engine.doctor.diagnosis import diagnose
from engine.words import FAILED_PROOFS, Finding, Reason

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
URL = "https://wink.example.com/webhooks/abc"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

CONNECTORS_READ = read_connectors(CONNECTORS)
WAYS = {
    f"{connector.name} {name} {number}": way
    for connector in CONNECTORS_READ.values()
    for name, default in connector.ways.items()
    for number, way in enumerate([*connector.recipes.get(name, {}).values()] or [default])
}
#: Those that are one HMAC of the whole request, and those of them that sign its body as it is.
SIGNED = {title: way for title, way in WAYS.items() if [type(spec) for spec in way.specs] == [HmacSpec]
          and way.specs[0].each is None}  # fmt: skip
OF_BODY = {title: way for title, way in SIGNED.items() if "{body}" in way.specs[0].signs}


def request(body=b'{"a": 1}', headers=(), query="", received_at=NOW):
    return Inbound(
        method="POST",
        url=f"{URL}?{query}" if query else URL,
        path="/webhooks/abc",
        query=query,
        headers={name: (value,) for name, value in dict(headers).items()},
        body=body,
        address="203.0.113.9",
        received_at=received_at,
    )


def case(way, asked, reason=Reason.WRONG_PROOF, **more):
    secrets = {name: [spec.generate()] for name, spec in way.secrets.items()}
    return Case(
        **{
            "way": way, "request": asked, "reason": reason, "detail": "", "size": len(asked.body),
            "secrets": secrets, "present": secrets, **more,
        }
    )  # fmt: skip


def signed(title, secrets, **parts):
    """Return the connector's first sample as its vendor signs it, or a request with these parts."""
    sample = next(iter(CONNECTORS_READ[title.split()[0]].samples.values()), None)
    asked = request(headers={"content-type": "application/json"}, **parts)
    if sample is not None and not parts:
        headers = {name.lower(): (value,) for name, value in sample.headers.items()}
        asked = request(body=sample.body, query=sample.query)._replace(method=sample.method, headers=headers)
    return WAYS[title].sign(asked, secrets)


def made(way):
    return {name: spec.generate() for name, spec in way.secrets.items()}


def known(secrets):
    return {name: [value] for name, value in secrets.items()}


def finding(diagnosis):
    return diagnosis.findings[0].finding


@pytest.mark.parametrize("title", OF_BODY)
def test_of_every_connector_a_newline_is_found(title):
    way, secrets = SIGNED[title], made(SIGNED[title])
    sent = signed(title, secrets)
    changed = sent._replace(body=sent.body + b"\n")

    found = diagnose(case(way, changed, secrets=known(secrets), present=known(secrets)))

    assert finding(found) is Finding.BODY_NEWLINE


@pytest.mark.parametrize("title", SIGNED)
def test_of_every_connector_a_right_signature_is_found_to_be_right(title):
    way, secrets = SIGNED[title], made(SIGNED[title])

    found = diagnose(case(way, signed(title, secrets), secrets=known(secrets), present=known(secrets)))

    assert finding(found) is Finding.PROVES_NOW


@pytest.mark.parametrize("title", SIGNED)
def test_of_every_connector_the_secret_of_another_trigger_is_found(title):
    way, secrets = SIGNED[title], made(SIGNED[title])

    found = diagnose(case(way, signed(title, secrets), others={"the-other": list(secrets.values())}))

    assert finding(found) is Finding.SECRET_OF_OTHER_TRIGGER
    assert "the-other" in found.findings[0].words


@pytest.mark.parametrize("title", SIGNED)
def test_of_every_connector_nothing_is_found_with_an_unknown_secret(title):
    way = SIGNED[title]

    found = diagnose(case(way, signed(title, made(way))))

    assert finding(found) is Finding.UNEXPLAINED
    assert found.tried
    assert found.looks


def test_several_faults_are_told_together():
    title = "blazelock signature 0"
    way, secrets = WAYS[title], made(WAYS[title])
    sent = signed(title, secrets, received_at=NOW - timedelta(hours=1))
    signature = bytes.fromhex(sent.first("x-blazelock-webhook-signature"))
    late = sent._replace(received_at=NOW, body=sent.body + b"\n").with_header("x-other", signature.hex())
    del late.headers["x-blazelock-webhook-signature"]

    found = diagnose(case(way, late, Reason.MISSING_PROOF, secrets=known(secrets), present=known(secrets)))

    assert [each.finding for each in found.findings] == [
        Finding.BODY_NEWLINE, Finding.SIGNATURE_ELSEWHERE, Finding.TIME_TOO_OLD
    ]  # fmt: skip


def test_a_part_that_is_signed_and_not_there_is_told():
    title = "custom signature 0"
    way = WAYS[title]
    sent = signed(title, made(way))
    del sent.headers["webhook-id"]

    found = diagnose(case(way, sent, Reason.MISSING_PROOF, detail="there is no header 'webhook-id'"))

    assert finding(found) is Finding.PART_MISSING
    assert "webhook-id" in found.findings[0].words


def test_a_changed_body_of_which_a_hash_is_signed_is_told():
    way = WAYS["twilio signature 0"]
    secrets = made(way)
    by_hash = way.specs[0].any_of[1][0].compile()
    sent = by_hash.sign(request(headers={"content-type": "application/json"}), secrets)

    def found(body):
        asked = sent._replace(body=body)
        return finding(diagnose(case(way, asked, secrets=known(secrets), present=known(secrets))))

    assert found(sent.body) is Finding.PROVES_NOW
    assert found(sent.body + b"\n") is Finding.BODY_NEWLINE
    assert found(b'{ "a" : 1 }') is Finding.BODY_REWRITTEN
    assert found(b'{"a": 2}') is Finding.BODY_REWRITTEN


def test_a_body_that_was_cut_off_is_told():
    title = "github signature 0"
    way = SIGNED[title]

    found = diagnose(case(way, signed(title, made(way)), size=5000))

    assert finding(found) is Finding.BODY_CUT


def test_a_scheme_that_the_doctor_does_not_know_leaves_the_ledgers_words():
    way = replace(compile_way("w", {"scheme": "basic"}), specs=())

    found = diagnose(case(way, request(), detail="it is so"))

    assert [each.words for each in found.findings] == ["The proof was refused: it is so."]


LARGE = b'{"a": "' + b"x" * (5 * 2**20 - 10) + b'"}'


@pytest.mark.parametrize("title", ["github signature 0", "custom signature 1", "stripe signature 0"])
@pytest.mark.parametrize("body", [b'{"a": 1}', b'{"a": ["' + b'b", "' * 20_000 + b'"]}', LARGE], ids=len)
def test_the_work_is_bounded_however_much_there_is_to_try(title, body):
    way = WAYS[title]
    sent = signed(title, made(way), body=body)
    asked = case(way, sent, others={f"t{n}": [f"secret-of-{n}-and-more"] for n in range(2000)})

    took = min(_seconds(asked) for _ in range(5))
    found = diagnose(asked)

    assert found.hashes <= MOST_WORK / (16 * 2**10)
    assert found.left_out
    assert took < 0.05, f"{took * 1000:.1f} ms"


@pytest.mark.parametrize(
    ("recipe", "headers", "body"),
    [
        ({"signs": "{url}{body}"}, {"x-forwarded-host": tuple(f"h{n}.example" for n in range(3000))}, b"{}"),
        ({"signs": "{url}{form_sorted}"}, {}, b"&".join(b"a%d=" % n + b"%41" * 1900 for n in range(900))),
    ],
    ids=["hosts", "a large form"],
)
def test_what_a_stranger_sends_makes_no_look_a_long_one(recipe, headers, body):
    way = compile_way("w", {"scheme": "hmac", "signature": {"header": "x-signature"}, **recipe})
    asked = case(way, request(body=body)._replace(headers={"x-signature": ("ab" * 32,), **headers}))

    took = min(_seconds(asked) for _ in range(3))

    assert took < 0.8, f"{took * 1000:.1f} ms"


def test_a_large_body_is_not_read_again_for_every_text_of_its_fields():
    recipe = {"signature": {"header": "x-signature"}, "signs": "{body:a}", "body_is_unsigned": "it is a test"}
    asked = request(body=LARGE, headers={"x-signature": "ab" * 32})

    found = diagnose(case(compile_way("w", {"scheme": "hmac", **recipe}), asked))

    assert (found.hashes, found.left_out) == (0, ("Everything else: the body is too large",))


def test_a_body_too_large_to_be_written_anew_is_diagnosed_where_a_hash_of_it_is_signed():
    recipe = {"signature": {"header": "x-signature"}, "signs": "{url}", "body_hash": {"query": "hash"}}
    way = compile_way("w", {"scheme": "hmac", **recipe})
    secrets = made(way)
    changed = way.sign(request(), secrets)._replace(body=LARGE)

    found = diagnose(case(way, changed, secrets=known(secrets), present=known(secrets)))

    assert [each.finding for each in found.findings] == [Finding.BODY_REWRITTEN]


def _seconds(asked) -> float:
    """Return what a diagnosis takes of this process's time: the machine's other work does not count."""
    before = time.process_time()
    diagnose(asked)
    return time.process_time() - before


VALUES = st.text(st.characters(max_codepoint=255), max_size=80) | st.sampled_from(
    ["t=1,v1=" + "0" * 64, "a" * 64, "sha256=" + "b" * 64, "[redacted]", "Bearer [redacted]", "9" * 16, "1" * 10,
     "A" * 43 + "=", "2026-13-45T99:99:99Z", "Tue, 99 Foo 2026 00:00:00 GMT", "v1," + "A" * 43 + "="]
)  # fmt: skip
NAMES = st.sampled_from(
    [name for way in WAYS.values() for scheme in way.schemes for name in scheme.secret_headers]
    + ["x-hub-signature-256", "stripe-signature", "x-slack-signature", "x-slack-request-timestamp", "host", "date",
       "webhook-id", "webhook-signature", "webhook-timestamp", "x-blink-signature", "x-forwarded-host"]
)  # fmt: skip
BODIES = st.binary(max_size=200) | st.sampled_from(
    [b"[" * 100_000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b'"\\ud800"', b"1" * 5000, b"\xef\xbb\xbf{}", b"NaN", b""]
)


@settings(max_examples=300)
@given(
    way=st.sampled_from([WAYS[title] for title in sorted(WAYS)]),
    headers=st.dictionaries(NAMES, st.lists(VALUES, max_size=3).map(tuple), max_size=6),
    url=st.tuples(
        st.sampled_from([URL, "http://[::1", "https://h:99999/x", "//", ""]),
        st.text(st.characters(max_codepoint=255), max_size=50),
    ),
    body=BODIES,
    reason=st.sampled_from(sorted(FAILED_PROOFS)),
)
def test_any_request_is_answered_within_the_bound(way, headers, url, body, reason):
    asked = request(body=body, query=url[1])._replace(headers=headers, url="?".join(url))

    found = diagnose(case(way, asked, reason))

    assert found.findings
    assert all(each.words and each.advice for each in found.findings)
    assert SECRET not in str(found)


def test_every_connector_is_looked_at():
    assert {title.split()[0] for title in WAYS} == CONNECTORS_READ.keys()
    assert set(chain.from_iterable(way.kinds for way in WAYS.values())) >= {"hmac", "shared_secret", "basic"}
