"""The first page: what came in, what became of it, and what waits for a person."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.store.overview import Length
from engine.words import OnUnknown
from tests.engines import LOGS, deliver, runs_of, trigger, workflow
from tests.web.pages import HOSTILE, place
from tests.web.seen import Seen
from web.pages import overview
from web.pages.charts import HEIGHT, LEAST, chart
from web.pages.overview import Past, percentile

MOMENT = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Return a place where something came in, something was refused, and something waits."""
    with place(tmp_path_factory.mktemp("overview")) as found:
        shown = trigger(found.engine, title=HOSTILE, condition="event.data.n > 0", on_unknown=OnUnknown.QUARANTINE)
        workflow(found.engine, LOGS, "logs")
        for body in (b'{"n": 1}', b'{"n": 2}', b'{"n": 0}', b'{"m": 1}'):
            runs_of(found.engine, deliver(found.engine, body).event_ids[0])
        trigger(found.engine, name="later", title=HOSTILE, connector="stripe")
        client, path = found.viewer.client, shown.base_url.partition("/webhooks/")[2]
        client.post(f"/webhooks/{path}", json={})
        client.post("/webhooks/nobody-has-this", json={})
        yield found


def test_the_numbers_are_those_of_the_ledger(here):
    seen = Seen(here.viewer.get("/").text)

    assert "Received 6 deliveries" in seen.words
    assert "Rejected 2" in seen.words
    assert "Matched 2 of 4 events started a run, or ended a wait" in seen.words
    assert "Runs 2 none failed" in seen.words
    assert "Receipt to finish" in seen.words
    assert seen.in_order


def test_refusals_are_told_by_reason(here):
    seen = Seen(here.viewer.get("/").text)

    assert "There is no key or signature. 1" in seen.words
    assert "No trigger has this address. 1" in seen.words
    assert "/deliveries?reason=missing_proof" in seen.links


def test_each_picture_has_its_numbers_in_a_table(here):
    seen = Seen(here.viewer.get("/").text)

    pictures = [each for each in seen.attributes if each.get("role") == "img"]
    assert len(pictures) == seen.tags.count("caption") == 3
    assert "accepted 4" in pictures[0]["aria-label"]
    assert "succeeded 2" in pictures[2]["aria-label"]
    assert "Accepted 4" in seen.words


def test_what_waits_for_a_person_is_listed_first(here):
    answer = here.viewer.get("/")

    seen = Seen(answer.text)
    assert "logs waits to be run or skipped" in seen.words
    assert "It has no secret yet" in seen.words
    assert "/triggers/later" in seen.links
    assert HOSTILE in seen.words
    assert "<script>alert" not in answer.text


def test_the_numbers_bring_themselves_up_to_date(here):
    part = here.viewer.get("/?part=numbers").text

    assert "<html" not in part
    assert 'hx-trigger="every 10s"' in part


def test_who_is_not_signed_in_is_asked_to(here):
    here.viewer.client.delete_cookie("wink_session")

    assert here.viewer.get("/").location == "/login?next=/"
    here.viewer.sign_in("the-viewer")


def test_a_newcomer_is_told_how_to_begin(tmp_path):
    with place(tmp_path) as found:
        editor, viewer = Seen(found.editor.get("/").text), Seen(found.viewer.get("/").text)

    assert "Begin with a trigger" in editor.words
    assert editor.in_order
    assert "/triggers/new" in editor.links
    assert "/triggers/new" not in viewer.links


def test_what_is_over_is_read_again_after_a_while(here):
    past, starts = Past(), [datetime.now(UTC) - timedelta(hours=2)]
    first = past.read(here.engine, starts)

    again = past.read(here.engine, starts)
    here.engine.clock.advance(timedelta(minutes=2))
    later = past.read(here.engine, starts)

    assert again[0][0] is first[0][0]
    assert later[0][0] is not first[0][0]


def test_of_much_that_is_over_a_little_is_read_again_at_a_time(here, monkeypatch):
    monkeypatch.setattr(overview, "_AGAIN", -1)  # hours of nothing are more than that
    now = datetime.now(UTC)
    past, starts = Past(), [now - timedelta(hours=number) for number in (3, 2)]
    first, _ = past.read(here.engine, starts)

    here.engine.clock.advance(timedelta(minutes=2))
    later = [past.read(here.engine, starts)[0] for _ in range(3)]

    changed = [[a is not b for a, b in zip(first, found, strict=True)] for found in later]
    assert changed == [[True, False], [True, True], [True, True]]


def test_a_trigger_without_deliveries_has_noughts(tmp_path):
    with place(tmp_path) as found:
        trigger(found.engine)
        seen = Seen(found.viewer.get("/").text)

    assert "Received 0 deliveries" in seen.words
    assert "Nothing was rejected" in seen.words
    assert "Receipt to finish, last hour" in seen.words
    assert "no run ended" in seen.words


def test_columns_stand_on_each_other_and_fill_the_picture():
    drawn = chart("Runs", [MOMENT, MOMENT], {("Good", "good"): [3, 0], ("Bad", "bad"): [1, 0]})

    assert [(part.tone, part.y, part.height) for part in drawn.parts] == [("good", 25, 75), ("bad", 0, 25)]
    assert drawn.top == 4
    assert drawn.rows == [(MOMENT, [0, 0]), (MOMENT, [3, 1])]


def test_a_rare_thing_can_be_seen_and_nothing_leaves_the_picture():
    drawn = chart("Runs", [MOMENT], {("Good", "good"): [100_000], ("Bad", "bad"): [1]})

    assert drawn.parts[1].height == LEAST
    assert min(part.y for part in drawn.parts) >= 0
    assert max(part.y + part.height for part in drawn.parts) <= HEIGHT


def test_percentiles_count_each_run_for_as_many_as_it_stands_for():
    lengths = [
        Length(MOMENT, MOMENT, timedelta(seconds=seconds), weight) for seconds, weight in [(3, 1), (1, 8), (2, 1)]
    ]

    assert [percentile(lengths, share) for share in (0.5, 0.85, 0.99)] == [
        timedelta(seconds=each) for each in (1, 2, 3)
    ]
