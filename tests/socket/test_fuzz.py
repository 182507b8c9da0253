"""Requests that nobody thought of: each ends as a verdict, none as an error of ours, and the numbers add up."""

from dataclasses import dataclass
from http.client import HTTPException

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import signing
from tests.serving import Trigger, Wink, eventually
from tests.wire import JSON, Header, exchange, head, request

PASTED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type": "a", "event": {"id": 1, "when": "2026-01-02T03:04:05Z"}, "list": [1.5, null, "x"]}'

NAMES = [
    "Content-Type", "Content-Length", "Transfer-Encoding", "Expect", "Authorization", "X-Api-Key", "X-Forwarded-For",
    "webhook-id", "webhook-timestamp", "webhook-signature", "Stripe-Signature", "X-Slack-Signature",
    "X-Slack-Request-Timestamp", "Idempotency-Key", "Host", "Connection", "Content-Encoding", "Range", "Upgrade",
]  # fmt: skip
VALUES = [
    "", "0", "-1", "1e9", "chunked", "gzip", "100-continue", "Bearer", "Bearer x", "application/json", "text/plain",
    "application/x-ndjson", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "v1,", "t=1,v1=00",
    "v0=0", "9" * 400, "a" * 9_000, "websocket, h2c",
]  # fmt: skip
PIECES = [
    b"\0",
    b"\xff",
    b"\r\n",
    b"\n",
    b"[",
    b"{",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b"%",
    b"&",
    b"=",
    b": ",
    b"${{ x }}",
]

header = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(VALUES) | st.text(st.characters(codec="latin-1", exclude_categories=("Cc",))),
)
edit = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.binary(max_size=8))
bodies = st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Range:
    """What the fuzzing shoots at: addresses with a proof that is right until something changes it."""

    wink: Wink
    known: list[tuple[str, list[Header]]]

    def shoot(self, sent: bytes) -> int:
        """Return the status of the answer; 0 when the server closed without one, where no request was whole."""
        try:
            return exchange(self.wink.port, sent, hang_up_after=0.2).status
        except (HTTPException, OSError):
            return 0


@pytest.fixture(scope="module")
def targets(wink: Wink) -> Range:
    def keyed(trigger: Trigger) -> tuple[str, list[Header]]:
        return f"{trigger.target}?apikey={trigger.api_key}", [JSON]

    stripe, slack = (wink.trigger(connector=name, secret=PASTED) for name in ("stripe", "slack"))
    signed = wink.trigger(auth="signature")
    return Range(
        wink,
        [
            keyed(wink.trigger()),
            keyed(wink.trigger(connector="detectify", on_mismatch="reject")),
            (wink.trigger().target, [JSON]),
            (wink.trigger(state="draft").target, [JSON]),
            (stripe.target, signing.stripe(PASTED, BODY)),
            (slack.target, signing.slack(PASTED, BODY)),
            (signed.target, signing.standard(signed.api_key or "", BODY)),
            ("/webhooks/nobody", [JSON]),
        ],
    )


@st.composite
def combinations(draw: st.DrawFn) -> tuple[int, str, list[Header], bytes, bool]:
    """Return which address, how to ask, what to add, what to send, and whether to say how long that is."""
    method = draw(st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "post", "TRACE"]))
    body = draw(st.just(BODY) | bodies)
    return draw(st.integers(0, 7)), method, draw(st.lists(header, max_size=4)), body, draw(st.booleans())


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(combination=combinations())
def test_no_combination_of_method_headers_and_body_is_our_error(targets: Range, combination) -> None:
    which, method, extra, body, whole = combination
    target, headers = targets.known[which]
    start = (method, target, [*headers, *extra])

    assert targets.shoot(request(*start, body) if whole else head(*start) + body) < 500


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 7), edits=st.lists(edit, min_size=1, max_size=4))
def test_no_change_of_the_bytes_of_a_request_is_our_error(targets: Range, which: int, edits) -> None:
    target, headers = targets.known[which]
    sent = request("POST", target, headers, BODY)
    for place, length, piece in edits:
        at = int(place * len(sent))
        sent = sent[:at] + piece + sent[at + length :]

    assert targets.shoot(sent) < 500, sent


def test_every_request_of_the_fuzzing_is_in_the_ledger(wink: Wink, targets: Range) -> None:
    before = wink.ledger()["received"]

    for target, headers in targets.known:
        for length in range(0, 90, 30):
            exchange(wink.port, request("POST", target, headers, BODY[:length]))

    # Requests to nobody are counted, and not waited for.
    eventually(lambda: wink.ledger()["received"] - before >= len(targets.known) * 3)
