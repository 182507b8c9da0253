from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pydantic import ValidationError

from engine.authentication.request import Inbound
from engine.definitions.drafts import EventDraft, EventSpec
from engine.errors import Rejected
from engine.words import Reason

REQUEST = Inbound(
    method="POST",
    url="https://hooks.example.com/webhooks/4k1s2v6d?team=red",
    path="/webhooks/4k1s2v6d",
    query="team=red&team=blue",
    headers={"x-event": ("push", "pull"), "x-id": ("7",)},
    body=b"{}",
    address="192.0.2.7",
    received_at=datetime(2026, 1, 2, tzinfo=UTC),
)


def drafts(body: object = None, **spec: object) -> list[EventDraft]:
    rules = EventSpec.model_validate({"type": "acme.${{ body.type }}", **spec}).compile()
    return list(rules.drafts(REQUEST, body, is_json=True))


def refusal(body: object, **spec: object) -> str:
    with pytest.raises(Rejected) as refused:
        drafts(body, **spec)
    assert refused.value.reason is Reason.MALFORMED_BODY
    return refused.value.detail


def test_a_delivery_is_one_event_whose_data_is_its_body() -> None:
    (draft,) = drafts({"type": "ping"})

    assert draft == EventDraft("acme.ping", None, None, {"type": "ping"}, whole_body=True)


@pytest.mark.parametrize("body", [{}, {"type": None}, {"type": 7}, {"type": ""}, {"type": {}}, [], None, "text"])
def test_an_event_that_does_not_say_what_it_is_is_unknown(body: object) -> None:
    assert drafts(body)[0].type == "acme.unknown"
    assert drafts(body, untyped="event")[0].type == "acme.event"


def test_a_vendor_with_one_type_of_event_names_it() -> None:
    assert drafts({}, type="acme.finding")[0].type == "acme.finding"


def test_of_a_repeated_header_or_parameter_the_first_counts() -> None:
    assert drafts({}, type="acme.${{ headers['x-event'] }}")[0].type == "acme.push"
    assert drafts({}, type="acme.${{ query.team }}")[0].type == "acme.red"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": "a1"}, "a1"),
        ({"id": 17}, "17"),
        ({}, None),
        ({"id": ""}, None),
        ({"id": None}, None),
        ({"id": True}, None),
    ],
)
def test_the_id_is_a_text_or_a_whole_number(body: object, expected: str | None) -> None:
    assert drafts(body, id="${{ body.id }}")[0].key == expected


def test_the_first_id_that_is_there_counts_and_a_hash_of_the_body_always_is() -> None:
    ids = ["${{ headers['x-none'] }}", "${{ body.id }}", "body"]

    assert drafts({"id": "a1"}, id=ids)[0].key == "a1"
    assert drafts({}, id=ids)[0].key == sha256(b"{}").hexdigest()


@pytest.mark.parametrize("text", ["x" * 500, "a\0b"])
def test_a_type_or_id_that_tables_cannot_hold_is_refused(text: str) -> None:
    long = text * (1 if "\0" in text else 2)

    assert "the type of the event" in refusal({"type": long})
    assert "the id of the event" in refusal({"id": long}, id="${{ body.id }}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-01-15T14:30:00Z", datetime(2025, 1, 15, 14, 30, tzinfo=UTC)),
        ("2025-01-15T15:30:00+01:00", datetime(2025, 1, 15, 14, 30, tzinfo=UTC)),
        (1736951400, datetime(2025, 1, 15, 14, 30, tzinfo=UTC)),
        (1736951400.5, datetime(2025, 1, 15, 14, 30, 0, 500_000, tzinfo=UTC)),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (10**30, None),
        (-(10**30), None),
        (True, None),
        ({}, None),
    ],
)
def test_the_time_is_iso_8601_or_seconds_and_anything_else_is_none(value: object, expected: datetime | None) -> None:
    assert drafts({"at": value}, time="${{ body.at }}")[0].time == expected


def test_a_list_in_the_body_becomes_an_event_for_each_item() -> None:
    body = {"events": [{"kind": "a", "id": 1}, {"kind": "b", "id": 2}]}

    found = drafts(body, each="body.events", type="acme.${{ item.kind }}", id="${{ item.id }}", data="${{ item }}")

    assert [(draft.type, draft.key, draft.data) for draft in found] == [
        ("acme.a", "1", {"kind": "a", "id": 1}),
        ("acme.b", "2", {"kind": "b", "id": 2}),
    ]
    assert not any(draft.whole_body for draft in found)


def test_an_id_that_all_events_of_a_delivery_share_says_which_it_is() -> None:
    found = drafts([{}, {}], each="body", id="${{ headers['x-id'] }}", type="acme.event")

    assert [draft.key for draft in found] == ["7#0", "7#1"]


def test_an_empty_list_is_no_event() -> None:
    assert drafts({"events": []}, each="body.events") == []


@pytest.mark.parametrize("body", [{}, {"events": None}, {"events": {}}, {"events": [0] * 10_001}])
def test_what_should_be_a_list_of_events_and_is_not_is_refused(body: object) -> None:
    assert "events" in refusal(body, each="body.events")


def test_data_that_is_not_there_is_refused_in_words() -> None:
    assert "`body.data` is not there" in refusal({}, data="${{ body.data }}")


def test_data_can_be_put_together() -> None:
    data = {"who": "${{ body.user }}", "from": "${{ query.team }}"}

    assert drafts({"user": "ada"}, data=data)[0].data == {"who": "ada", "from": "red"}


def test_a_trigger_can_say_what_makes_two_events_the_same() -> None:
    rules = EventSpec.model_validate({"type": "acme.event", "id": "${{ body.id }}"}).compile()
    request = REQUEST._replace(body=b'{"id": 1}')

    by_header = rules.with_key("headers['x-id']").drafts(request, {"id": 1}, is_json=True)
    by_body = rules.with_key("body").drafts(request, {"id": 1}, is_json=True)

    assert by_header[0].key == "7"
    assert by_body[0].key == sha256(request.body).hexdigest()


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "acme.${{ body.type"},
        {"type": "acme.${{ body. }}"},
        {"type": "acme.x", "id": "${{ steps.x }}"},
        {"type": "acme.x", "id": "prefix ${{ body.id }}"},
        {"type": "acme.x", "time": "now("},
        {"type": "acme.x", "data": {"a": "${{ }}"}},
        {"type": "acme.x", "keys": "body"},
    ],
)
def test_a_mistake_in_the_rules_is_found_when_they_are_read(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EventSpec.model_validate(spec)
