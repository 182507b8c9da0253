"""Whatever is wrong with a proof, the answer is the same, byte for byte; the ledger alone knows why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tests import signing
from tests.serving import Trigger, Wink
from tests.wire import JSON, TEXT, Answer, Header, send

Headers = Sequence[Header]
Sign = Callable[[Trigger, bytes], Headers]

#: What vendors show once, and people paste.
PASTED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type": "a", "event_type": "a", "event": {"type": "a"}, "n": 1}'


@dataclass(frozen=True)
class Way:
    """A way to authenticate; proof: the header that carries it."""

    fields: dict[str, object]
    proof: str
    sign: Sign


def secret(trigger: Trigger) -> str:
    return trigger.api_key or ""


WAYS = {
    "api key": Way({}, "X-Api-Key", lambda t, body: [JSON, ("X-Api-Key", secret(t))]),
    "bearer": Way({}, "Authorization", lambda t, body: signing.bearer(secret(t))),
    "standard webhooks": Way(
        {"auth": "signature"}, "webhook-signature", lambda t, body: signing.standard(secret(t), body)
    ),
    "blink": Way(
        {"auth": "signature", "recipe": "blink"},
        "X-BLINK-SIGNATURE",
        lambda t, body: signing.blink(secret(t), body, t.base_url),
    ),
    "hmac-body": Way(
        {"auth": "signature", "recipe": "hmac-body"},
        "X-Hub-Signature-256",
        lambda t, body: signing.github(secret(t), body),
    ),
    "blazelock": Way(
        {"connector": "blazelock", "secret": PASTED},
        "X-Blazelock-Webhook-Signature",
        lambda t, body: signing.blazelock(PASTED, body),
    ),
    "stripe": Way(
        {"connector": "stripe", "secret": PASTED}, "Stripe-Signature", lambda t, body: signing.stripe(PASTED, body)
    ),
    "slack": Way(
        {"connector": "slack", "secret": PASTED}, "X-Slack-Signature", lambda t, body: signing.slack(PASTED, body)
    ),
    "bearer-scan": Way({"connector": "bearer-scan"}, "Authorization", lambda t, body: signing.bearer(secret(t))),
}


def without(headers: Headers, name: str) -> Headers:
    return [each for each in headers if each[0] != name]


def changed(headers: Headers, name: str, change: Callable[[str], str]) -> Headers:
    return [(each, change(value) if each == name else value) for each, value in headers]


def other_end(value: str) -> str:
    """Return the value with another last character that its alphabet has too, before any padding."""
    bare = value.rstrip("=")
    return bare[:-1] + ("0" if bare[-1] != "0" else "1") + "=" * (len(value) - len(bare))


#: What can be wrong with the header that carries the proof.
FORGERIES: dict[str, Callable[[Headers, str], Headers]] = {
    "missing": without,
    "empty": lambda headers, name: changed(headers, name, lambda value: ""),
    "truncated": lambda headers, name: changed(headers, name, lambda value: value[:-1]),
    "cut to its prefix": lambda headers, name: changed(headers, name, lambda value: value[:4]),
    "wrong at its end": lambda headers, name: changed(headers, name, other_end),
    "longer": lambda headers, name: changed(headers, name, lambda value: f"{value}0"),
    "very long": lambda headers, name: changed(headers, name, lambda value: "a" * 50_000),
    "not ASCII": lambda headers, name: changed(headers, name, lambda value: "k\u00e9y"),
    "not UTF-8": lambda headers, name: changed(headers, name, lambda value: "k\udce9y"),
    "doubled": lambda headers, name: [*headers, next(each for each in headers if each[0] == name)],
    "doubled with a wrong one": lambda headers, name: [*headers, (name, "wrong")],
    "doubled after a wrong one": lambda headers, name: [(name, "wrong"), *headers],
}


@pytest.fixture(scope="module")
def triggers(wink: Wink) -> dict[str, Trigger]:
    return {title: wink.trigger(**way.fields) for title, way in WAYS.items()}


@pytest.fixture(scope="module")
def refusals(triggers: dict[str, Trigger]) -> dict[str, Answer]:
    """Return what each trigger says to a request without any proof."""
    return {title: send(trigger.base_url, BODY).without_date() for title, trigger in triggers.items()}


@pytest.mark.parametrize("title", WAYS)
def test_a_right_proof_is_accepted(triggers: dict[str, Trigger], title: str) -> None:
    trigger = triggers[title]

    assert send(trigger.base_url, BODY, WAYS[title].sign(trigger, BODY)).status in {200, 202}


def test_the_vector_that_github_publishes_is_accepted_and_not_with_another_body(wink: Wink) -> None:
    """Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries."""
    trigger = wink.trigger(auth="signature", recipe="hmac-body", secret="It's a Secret to Everybody")
    signature = ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")

    answers = [send(trigger.base_url, body, [TEXT, signature]) for body in (b"Hello, World!", b"Hello, World?")]

    assert [answer.status for answer in answers] == [202, 401]


@pytest.mark.parametrize("title", WAYS)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_proof_that_is(triggers: dict[str, Trigger], refusals, title: str, forgery: str) -> None:
    trigger, way = triggers[title], WAYS[title]
    headers = FORGERIES[forgery](way.sign(trigger, BODY), way.proof)

    answer = send(trigger.base_url, BODY, headers)

    assert answer.without_date() == refusals[title]
    assert answer.body == b'{"error":"unauthorized"}'


@pytest.mark.parametrize("title", [title for title in WAYS if "bearer" not in title and title != "api key"])
def test_a_body_with_one_byte_more_than_was_signed(triggers: dict[str, Trigger], refusals, title: str) -> None:
    trigger = triggers[title]

    answer = send(trigger.base_url, BODY + b" ", WAYS[title].sign(trigger, BODY))

    assert answer.without_date() == refusals[title]


@pytest.mark.parametrize("shift", [-310, 310])
@pytest.mark.parametrize("sign", [signing.blazelock, signing.stripe, signing.slack], ids=lambda sign: sign.__name__)
def test_a_proof_of_another_time(triggers: dict[str, Trigger], refusals, sign, shift: int) -> None:
    title = sign.__name__

    answer = send(triggers[title].base_url, BODY, sign(PASTED, BODY, stamp=signing.now(shift)))

    assert answer.without_date() == refusals[title]


@pytest.mark.parametrize(
    "query",
    ["apikey=", "apikey=wrong", "apikey={key}0", "apikey={short}", "apikey={key}&apikey={key}", "APIKEY={key}",
     "apikey={key}&apikey=wrong", "apikey=%00%ff", "apikey=%zz", "apikey[]={key}", "apikey={key};a=b"],
)  # fmt: skip
def test_a_key_in_the_url_that_is_not_the_triggers(triggers: dict[str, Trigger], refusals, query: str) -> None:
    trigger = triggers["api key"]
    key = secret(trigger)

    answer = send(f"{trigger.base_url}?{query.format(key=key, short=key[:-1])}", BODY)

    assert answer.without_date() == refusals["api key"]


def test_different_keys_in_different_places(triggers: dict[str, Trigger], refusals) -> None:
    trigger = triggers["api key"]

    answer = send(trigger.full_url or "", BODY, [JSON, ("X-Api-Key", "another")])

    assert answer.without_date() == refusals["api key"]


def test_a_key_of_another_trigger(wink: Wink, triggers: dict[str, Trigger], refusals) -> None:
    other = wink.trigger()

    answer = send(triggers["api key"].base_url, BODY, [JSON, ("X-Api-Key", other.api_key or "")])

    assert answer.without_date() == refusals["api key"]


def test_the_key_in_the_url_where_a_signature_is_asked_for(triggers: dict[str, Trigger], refusals) -> None:
    trigger = triggers["blink"]

    answer = send(f"{trigger.base_url}?apikey={secret(trigger)}", BODY)

    assert answer.without_date() == refusals["blink"]


def test_any_proof_at_a_trigger_without_a_secret(wink: Wink) -> None:
    waiting = wink.trigger(connector="blazelock")

    answers = [send(waiting.base_url, BODY, signing.blazelock(key, BODY)) for key in ("", "guess")]

    assert waiting.state == "needs_secret"
    assert [answer.body for answer in answers] == [b'{"error":"unauthorized"}'] * 2
    assert wink.last_delivery(waiting)["reason"] == "no_secret"


def test_an_address_outside_the_triggers_networks(wink: Wink) -> None:
    walled = wink.trigger(networks=["192.0.2.0/24"])

    answer = send(walled.full_url or "", BODY)

    assert answer.without_date() == send(walled.base_url, BODY).without_date()
    assert answer.status == 401
    assert wink.last_delivery(walled)["reason"] == "address_not_allowed"


def test_the_body_of_the_answer_is_the_same_at_every_trigger(refusals: dict[str, Answer]) -> None:
    assert {(answer.status, answer.body) for answer in refusals.values()} == {(401, b'{"error":"unauthorized"}')}


def test_each_refusal_is_in_the_ledger_with_its_own_reason(wink: Wink, triggers: dict[str, Trigger]) -> None:
    trigger = triggers["standard webhooks"]
    good = WAYS["standard webhooks"].sign(trigger, BODY)
    reasons = []

    for headers in (
        [JSON],
        [*good, good[-1]],
        changed(good, "webhook-signature", other_end),
        without(good, "webhook-timestamp"),
    ):
        send(trigger.base_url, BODY, headers)
        reasons.append(wink.last_delivery(trigger)["reason"])

    assert reasons == ["missing_proof", "repeated_proof", "wrong_proof", "missing_timestamp"]
