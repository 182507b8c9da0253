"""Seed 004: Blink as a receiver, the model of Wink's own trigger; each test is named by its row.

Rows R13 to R18 have files of their own, R15 is in ``tests/definitions/test_blink.py``.
"""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests import signing
from tests.serving import Trigger, Wink, eventually
from tests.wire import JSON, Answer, send

LOG = "  - {id: done, uses: core.log, with: {message: x}}\n"
FINDING = {
    "severity": "high",
    "score": 7.5,
    "tags": ["prod", "pci"],
    "ip": "10.1.2.3",
    "at": "2026-01-02T03:04:05Z",
    "none": None,
}


@pytest.fixture
def keyed(wink: Wink) -> Trigger:
    return wink.trigger(connector="blink")


@pytest.fixture
def signed(wink: Wink) -> Trigger:
    return wink.trigger(connector="blink", auth="signature")


@pytest.fixture
def draft(wink: Wink) -> Trigger:
    return wink.trigger(state="draft")


def deliver(trigger: Trigger, body: bytes = b"{}", *, query: str = "", **how: str) -> Answer:
    """Send what Blink's signature mode takes; how: ``secret`` or ``stamp``, where they are to differ."""
    url = f"{trigger.base_url}{query}"
    return send(url, body, signing.blink(how.pop("secret", trigger.api_key or ""), body, url, **how))


def test_004_r1_the_ledger_shows_each_stage_with_its_time(wink: Wink, keyed: Trigger) -> None:
    wink.workflow(keyed, LOG)
    answer = send(keyed.full_url or "", b"{}")
    event = wink.event(*answer.json()["events"])

    stages = wink.get(f"/events/{event['id']}/explain")["stages"]

    words = [stage["words"] for stage in stages]
    assert [
        part in stage
        for part, stage in zip(("accepted", "trigger answered yes", "answered yes", "succeeded"), words, strict=True)
    ] == [True] * 4
    assert [stage["at"] for stage in stages] == sorted(stage["at"] for stage in stages)


def test_004_r2_the_full_url_needs_no_header_and_the_base_url_takes_the_key_in_one(keyed: Trigger) -> None:
    by_url = send(keyed.full_url or "", b"{}")
    by_header = send(keyed.base_url, b"{}", [JSON, ("BLINK-API-KEY", keyed.api_key or "")])

    assert parse_qs(urlsplit(keyed.full_url or "").query) == {"apikey": [keyed.api_key]}
    assert [by_url.status, by_header.status] == [202, 202]


@pytest.mark.parametrize("query", ["", "?apikey=", "?apikey=wrong", "?apikey={key}&apikey={key}", "?apikey={key}x"])
def test_004_r2_a_wrong_missing_or_doubled_key_is_refused(keyed: Trigger, query: str) -> None:
    assert send(keyed.base_url + query.format(key=keyed.api_key), b"{}").status == 401


def test_004_r2_the_key_is_taken_out_of_the_url_that_is_kept(wink: Wink, keyed: Trigger) -> None:
    answer = send(f"{keyed.full_url}&team=red", b"{}")

    assert wink.delivery(answer)["query"] == "apikey=[redacted]&team=red"
    assert (keyed.api_key or "") not in wink.log()


@pytest.mark.parametrize("query", ["", "?team=red&note=a%20b"])
def test_004_r3_the_signature_covers_time_url_with_query_and_body(signed: Trigger, query: str) -> None:
    assert deliver(signed, b'{"a": 1}', query=query).status == 202


def test_004_r3_the_key_in_the_url_proves_nothing_and_there_is_no_full_url(signed: Trigger) -> None:
    assert send(f"{signed.base_url}?apikey={signed.api_key}", b"{}").status == 401
    assert signed.full_url is None


def test_004_r4_what_is_tampered_with_spoofed_or_stale_is_refused(signed: Trigger) -> None:
    right = signing.blink(signed.api_key or "", b'{"to": "A"}', signed.base_url)

    tampered = send(signed.base_url, b'{"to": "B"}', right)
    elsewhere = send(f"{signed.base_url}?to=B", b'{"to": "A"}', right)
    spoofed, stale = deliver(signed, secret="guess"), deliver(signed, stamp=signing.now(-310))

    assert [answer.status for answer in (tampered, elsewhere, spoofed, stale)] == [401] * 4


def test_004_r4_the_same_signature_twice_starts_nothing(wink: Wink, signed: Trigger) -> None:
    wink.workflow(signed, LOG)
    stamp = signing.now()

    first, second = deliver(signed, stamp=stamp), deliver(signed, stamp=stamp)

    assert [first.json()["status"], second.json()["status"]] == ["accepted", "duplicate"]
    assert wink.delivery(second)["reason"] == "signature_seen"
    assert len(wink.runs(first)) == 1


@pytest.mark.parametrize(("auth", "has_full_url"), [("api_key", True), ("signature", False)])
def test_004_r5_each_mode_shows_the_fields_that_it_needs(wink: Wink, auth: str, has_full_url: bool) -> None:  # noqa: FBT001
    made = wink.api("POST", "/triggers", {"name": f"r5-{auth.replace('_', '-')}", "auth": auth})
    renamed = wink.api("PATCH", f"/triggers/{made['id']}", {"title": "Alerts of the night"})

    assert (made["auth"], bool(made["full_url"])) == (auth, has_full_url)
    assert made["base_url"].startswith(f"{wink.url}/webhooks/")
    assert made["api_key"]
    assert made["title"]
    assert renamed["title"] == "Alerts of the night"


def test_004_r6_the_seed_systems_and_a_custom_webhook_can_be_chosen(wink: Wink) -> None:
    names = {connector["name"] for connector in wink.get("/connectors?limit=500")["items"]}

    assert names >= {"blazelock", "securecodinghub", "detectify", "bearer-scan", "blink", "custom"}


def test_004_r7_switching_the_mode_back_and_forth_keeps_the_address(wink: Wink) -> None:
    trigger = wink.trigger()

    modes = [
        wink.api("PATCH", f"/triggers/{trigger.id}", {"auth": auth, "recipe": None})
        for auth in ("signature", "api_key")
    ]

    assert wink.get(f"/triggers/{trigger.id}")["auth"] == "api_key"
    assert {mode["base_url"] for mode in modes} == {trigger.base_url}
    assert send(trigger.full_url or "", b"{}").status == 202


def test_004_r8_conditions_as_rows_and_as_text_are_two_views_of_one(wink: Wink) -> None:
    rows = {
        "all": [
            {"left": "event.data.severity", "op": "in", "right": ["high"]},
            {
                "any": [
                    {"left": "event.data.score", "op": "at_least", "right": 9},
                    {"left": "event.data.tags", "op": "contains", "right": "pci"},
                ]
            },
        ]
    }
    question = {"event": {"type": "x", "data": FINDING}}

    by_rows = wink.api("POST", "/conditions/evaluate", {**question, "condition": rows})
    by_text = wink.api("POST", "/conditions/evaluate", {**question, "condition": by_rows["text"]})

    assert (by_rows["answer"], by_text["answer"]) == ("yes", "yes")
    assert by_rows["rows"] == by_text["rows"] == rows
    assert by_rows["text"] == by_text["text"]


def test_004_r9_an_event_before_listening_is_no_sample_and_one_after_is(wink: Wink, keyed: Trigger) -> None:
    send(keyed.full_url or "", b'{"n": 1}')
    before = wink.call("GET", f"/triggers/{keyed.id}/sample")

    wink.api("POST", f"/triggers/{keyed.id}/listen", {"for": "2m"})
    send(keyed.base_url, b'{"forged": true}')
    send(keyed.full_url or "", b'{"n": 2}')
    wink.api("DELETE", f"/triggers/{keyed.id}/listen")
    send(keyed.full_url or "", b'{"n": 3}')

    assert before.status == 404
    assert wink.get(f"/triggers/{keyed.id}/sample")["event"]["data"] == {"n": 2}


def test_004_r9_listening_ends_by_itself(wink: Wink, draft: Trigger) -> None:
    wink.api("POST", f"/triggers/{draft.id}/listen", {"for": "1s"})
    during = wink.get(f"/triggers/{draft.id}")["state"]

    eventually(lambda: wink.get(f"/triggers/{draft.id}")["state"] == "draft")

    assert during == "listening"
    assert send(draft.full_url or "", b"{}").status == 409
    assert wink.call("GET", f"/triggers/{draft.id}/sample").status == 404


def test_004_r9_two_people_who_listen_see_the_same_sample(wink: Wink, draft: Trigger) -> None:
    first, second = (wink.api("POST", f"/triggers/{draft.id}/listen", {"for": length}) for length in ("1m", "2m"))

    send(draft.full_url or "", b'{"n": 1}')

    assert first["listening_until"] < second["listening_until"]
    assert [wink.get(f"/triggers/{draft.id}/sample")["event"]["data"] for _ in range(2)] == [{"n": 1}, {"n": 1}]


def test_004_r10_apply_confirms_the_schema_and_publishing_completes_the_trigger(wink: Wink, draft: Trigger) -> None:
    wink.api("POST", f"/triggers/{draft.id}/listen", {"for": "2m"})
    send(draft.full_url or "", b'{"n": 1}')
    suggested = wink.get(f"/triggers/{draft.id}/sample")["schema"]
    before = wink.get(f"/triggers/{draft.id}/schema")["schemas"]

    wink.api("POST", f"/triggers/{draft.id}/sample/apply")
    applied = wink.get(f"/triggers/{draft.id}/schema")["schemas"]
    wink.api("POST", f"/triggers/{draft.id}/publish")

    assert before == {}
    assert applied == {"custom.event": suggested}
    assert send(draft.full_url or "", b'{"n": 2}').json()["status"] == "accepted"


def test_004_r11_a_sample_can_be_seen_later_and_used_to_start_another_workflow(wink: Wink, draft: Trigger) -> None:
    wink.api("POST", f"/triggers/{draft.id}/listen", {"for": "2m"})
    answer = send(draft.full_url or "", b'{"n": 1}')
    wink.api("POST", f"/triggers/{draft.id}/publish")
    wink.workflow(draft, LOG)

    sample = wink.get(f"/triggers/{draft.id}/sample")["event"]
    replayed = wink.api("POST", f"/events/{sample['id']}/replay", {})

    assert [sample["id"]] == answer.json()["events"]
    assert len(replayed["runs"]) == 1
    assert eventually(lambda: wink.get(f"/runs/{replayed['runs'][0]}")["outcome"] == "succeeded")


@pytest.mark.parametrize(
    ("on_mismatch", "status", "verdict", "told"),
    [
        ("reject", 422, "rejected", "/n"),
        ("quarantine", 202, "quarantined", "/n"),
        ("warn", 202, "accepted", "/n"),
        ("off", 202, "accepted", ""),
    ],
)
def test_004_r12_what_does_not_fit_is_refused_held_noted_or_let_through(
    wink: Wink, on_mismatch: str, status: int, verdict: str, told: str
) -> None:
    trigger = wink.trigger(on_mismatch=on_mismatch)
    wink.api("POST", f"/triggers/{trigger.id}/listen", {"for": "2m"})
    send(trigger.full_url or "", b'{"n": 1}')
    wink.api("POST", f"/triggers/{trigger.id}/sample/apply")

    answer = send(trigger.full_url or "", b'{"n": "one"}')

    kept = wink.last_delivery(trigger)
    assert (answer.status, kept["verdict"]) == (status, verdict)
    assert kept["detail"].partition(":")[0] == told


def test_004_r20_drafts_publishing_and_versions(wink: Wink, draft: Trigger) -> None:
    text = f"name: Versions\non: {{trigger: {draft.name}}}\nsteps:\n{LOG}"
    one, two = text, text.replace("message: x", "message: y")
    first = wink.api("PUT", "/workflows/versions", text=one)["version"]
    before = send(draft.full_url or "", b"{}")
    wink.api("POST", f"/triggers/{draft.id}/publish")
    (run,) = wink.runs(send(draft.full_url or "", b"{}"))

    second = wink.api("PUT", "/workflows/versions", text=two)["version"]
    restored = wink.api("PUT", "/workflows/versions", text=one)["version"]

    assert before.status == 409
    assert (run["version"], restored) == (first, first)
    versions = wink.get("/workflows/versions/versions")["items"]
    assert {each["version"]: each["current"] for each in versions} == {first: True, second: False}
