"""The events in the browser: the list, one event, and what can be done about it."""

import json

import pytest

from engine.path.workflows import enable
from engine.store import show
from engine.words import OnUnknown
from tests.engines import LOGS, deliver, ended, runs_of, trigger, workflow
from tests.path.waiting import EVER, begun
from tests.web.pages import HOSTILE, place
from tests.web.seen import Seen

ONLY_HIGH = LOGS.replace("{trigger: t,", "{trigger: t, if: \"event.data.severity == 'high'\",")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Return a place with one event that a workflow wanted, one that none did, and one that waits for a decision."""
    with place(tmp_path_factory.mktemp("events")) as found:
        trigger(found.engine, condition="event.data.score > 1", on_unknown=OnUnknown.QUARANTINE)
        workflow(found.engine, ONLY_HIGH, "high")
        workflow(found.engine, LOGS, "off")
        enable(found.engine, "off", enabled=False)
        yield found


def send(here, **data) -> str:
    (event_id,) = deliver(here.engine, json.dumps({"score": 7, **data}).encode()).event_ids
    runs_of(here.engine, event_id)
    return event_id


def test_the_list_says_what_each_event_led_to(here):
    wanted, other = send(here, severity="high"), send(here, severity="low")

    seen = Seen(here.viewer.get("/events").text)

    assert {f"/events/{wanted}", f"/events/{other}"} <= set(seen.links)
    assert "succeeded" in seen.words
    assert "no run" in seen.words
    assert seen.in_order


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=needle-1", 1), ("q=nothing-like-it", 0), ("trigger=t&q=needle-1", 1), ("matched=true&q=needle-1", 0),
     ("type=custom.event&q=needle-1", 1), ("type=other", 0), ("since=2001-01-01T00%3A00&q=needle-1", 1),
     ("until=2001-01-01T00%3A00", 0)],
)  # fmt: skip
def test_the_list_is_filtered(here, query, found):
    send(here, text="needle-1")

    seen = Seen(here.viewer.get(f"/events?{query}").text)

    assert ("Nothing fits" in seen.words) is (found == 0)


@pytest.mark.parametrize(
    ("field", "typed"),
    [("trigger", "nope"), ("trigger", HOSTILE), ("since", "yesterday"), ("until", HOSTILE), ("matched", "perhaps"),
     ("q", "a\0b"), ("q", "x" * 10_000), ("type", "x" * 10_000), ("type", "a\0b")],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_told_beside_it_and_kept(here, field, typed):
    answer = here.viewer.client.get("/events", query_string={field: typed, "q": typed if field == "q" else "kept"})

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert form.errors.keys() == {field}
    assert form.values.get(field, typed) == typed
    assert field == "q" or form.values["q"] == "kept"
    assert "<script>alert" not in answer.text


def test_pages_go_on_below_each_other(here):
    for number in range(52):
        deliver(here.engine, b'{"score": 0, "n": %d}' % number)

    first = Seen(here.viewer.get("/events").text)
    (older,) = [link for link in first.links if link and "cursor=" in link]
    second = Seen(here.viewer.get(older).text)

    lines = [{link for link in seen.links if link and link.startswith("/events/evt_")} for seen in (first, second)]
    assert len(lines[0]) == 50
    assert lines[1]
    assert not lines[0] & lines[1]
    assert not any("hx-get" in each for each in second.attributes)


def test_the_newest_part_brings_itself_up_to_date(here):
    send(here)

    part = here.viewer.get("/events?part=list").text

    assert "<html" not in part
    assert 'hx-trigger="every 2s"' in part


def test_an_event_tells_every_answer_with_the_values_that_it_saw(here):
    event_id = send(here, severity="high")

    seen = Seen(here.viewer.get(f"/events/{event_id}").text)

    assert "yes event.data.severity == 'high'" in seen.words
    assert 'event.data.severity is "high"' in seen.words
    assert "The workflow off is disabled and is not asked" in seen.words
    assert any(link and link.startswith("/runs/run_") for link in seen.links)
    assert seen.in_order


def test_an_event_that_ended_a_wait_leads_to_the_run(here):
    trigger(here.engine, name="later")
    workflow(here.engine, EVER.replace("trigger: t", "trigger: later"), "ever")
    run = begun(here.engine, "ever")
    (event_id,) = deliver(here.engine, name="later").event_ids
    ended(here.engine, run.id)

    one, listed = (Seen(here.viewer.get(path).text) for path in (f"/events/{event_id}", "/events?trigger=later"))

    assert f"/runs/{run.id}" in one.links
    assert "Waits that it ended" in one.words
    assert "Nobody was asked" not in one.words
    assert ("ended a wait" in listed.words, "no run" in listed.words) == (True, False)
    assert event_id in here.viewer.get("/events?trigger=later&matched=true").text


def test_data_of_any_kind_is_text(here):
    event_id = send(here, severity=HOSTILE, **{HOSTILE: "\0", "long": "x" * 10_000})

    answer = here.viewer.get(f"/events/{event_id}")

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "{{7*7}}" in answer.text
    assert HOSTILE in Seen(answer.text).words


def test_data_that_is_too_long_for_a_page_is_cut(here):
    event_id = send(here, long="x" * 200_000)

    answer = here.viewer.get(f"/events/{event_id}")

    assert "The first 64,000 of" in answer.text
    assert len(answer.text) < 100_000


def test_an_event_can_be_replayed(here):
    event_id = send(here, severity="high")

    answer = here.editor.post(f"/events/{event_id}/replay")

    assert answer.status_code == 303
    assert "Replayed: 1 run started." in Seen(here.editor.get(answer.location).text).words
    assert len(runs_of(here.engine, event_id)) == 2


def test_a_replay_that_starts_nothing_says_so(here):
    answer = here.editor.post(f"/events/{send(here, severity='low')}/replay")

    assert "nothing started" in Seen(here.editor.get(answer.location).text).words


def test_the_list_tells_what_waits_for_a_decision_until_it_is_made(here):
    send(here, score="unknown", severity="high", text="needle-2")
    event_id = send(here, score="unknown", severity="high", text="needle-3")
    here.editor.post(f"/events/{event_id}/release", held="skip")

    lists = [Seen(here.viewer.get(f"/events?part=list&q=needle-{number}").text).words for number in (2, 3)]

    assert [" held " in words for words in lists] == [True, False]


@pytest.mark.parametrize(("decision", "words", "runs"), [("run", "Released: 1 run", 1), ("skip", "Skipped", 0)])
def test_what_is_held_is_run_or_skipped(here, decision, words, runs):
    event_id = send(here, score="unknown", severity="high")
    asked = Seen(here.editor.get(f"/events/{event_id}").text)

    answer = here.editor.post(f"/events/{event_id}/release", held=decision)

    assert "This event waits for a decision" in asked.words
    after = Seen(here.editor.get(answer.location).text)
    assert words in after.words
    assert "waits for a decision" not in after.words
    assert len(here.engine.store.read(show.event_history, event_id).runs) == runs


def test_what_is_held_is_not_released_by_a_word_that_is_none(here):
    event_id = send(here, score="unknown", severity="high")

    answer = here.editor.post(f"/events/{event_id}/release", held=HOSTILE)

    assert answer.status_code == 422
    assert "waits for a decision" in Seen(answer.text).words


def test_a_viewer_sees_no_buttons_and_can_change_nothing(here):
    event_id = send(here, score="unknown", severity="high")

    seen = Seen(here.viewer.get(f"/events/{event_id}").text)

    assert "This event waits for a decision" in seen.words
    assert seen.tags.count("form") == 2  # signing out, in each navigation
    assert here.viewer.post(f"/events/{event_id}/release", held="run").status_code == 403
    assert here.viewer.post(f"/events/{event_id}/replay").status_code == 403


def test_an_event_that_is_not_there_is_said_so(here):
    assert here.viewer.get("/events/evt_nope").status_code == 404


def test_where_there_is_nothing_yet_the_way_to_something_is_told(tmp_path):
    with place(tmp_path) as found:
        seen = Seen(found.viewer.get("/events").text)

    assert "No events yet" in seen.words
    assert seen.in_order
    assert {"/triggers", "/deliveries"} <= set(seen.links)
