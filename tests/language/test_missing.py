"""What is said of a path that is not there: how far it went, and the nearest one that is."""

import pytest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("event.data.severity", "`event.data.severity` is not there; `event.data.finding.severity` is"),
        ("event.severity", "`event.severity` is not there; `event.data.finding.severity` is"),
        ("event.data.finding.sevrity", "`event.data.finding.sevrity` is not there; `event.data.finding.severity` is"),
        ("event.data.finding.Severity", "`event.data.finding.Severity` is not there; `event.data.finding.severity` is"),
        (
            "event.data.finding.asset.name",
            "`event.data.finding.asset.name` is not there: `event.data.finding.asset` is text",
        ),
        ("event.data.finding.note.by", "`event.data.finding.note.by` is not there: `event.data.finding.note` is null"),
        ("event.data.ok", "`event.data.ok` is not there; `event.data.finding.hits[0].ok` is"),
        ("event.data['x id']", "`event.data['x id']` is not there; `event.data['x-id']` is"),
        ("event['if'].a", "`event['if'].a` is not there"),
        ("event.data.data", "`event.data.data` is not there; `event.data` is"),
        ("evnt.id", "`evnt.id` is not there; `event.id` is"),
        ("nothing_like_it", "`nothing_like_it` is not there"),
    ],
)
def test_the_nearest_path_that_is_there_is_named(reason, text, words):
    assert reason(text) == words


def test_a_list_says_how_to_reach_into_it(reason):
    assert "write `event.data.finding.hits[0].id` or a loop" in reason("event.data.finding.hits.id")


def test_a_list_says_how_long_it_is(reason):
    assert reason("event.data.finding.tags[2]") == (
        "`event.data.finding.tags[2]` is not there: `event.data.finding.tags` has 2 items, counted from 0"
    )


@pytest.mark.parametrize("index", ["5", "-1", "'x'", "1.5", "true", "null"])
def test_an_index_found_at_run_time_may_lead_nowhere(reason, index):
    assert reason(f"event.data.finding.tags[{index} if true else 0]").startswith("`event.data.finding.tags[")


def test_a_path_below_a_loop_variable_is_named_by_it(reason):
    assert reason("[h.okay for h in event.data.finding.hits]") == "`h.okay` is not there; `h.ok` is"


def test_a_path_below_a_call_is_named_by_it(reason):
    assert "`first(event.data.finding.hits).nothing` is not there" in reason("first(event.data.finding.hits).nothing")


def test_keys_of_a_sender_cannot_make_a_reason_endless(reason):
    words = reason("event.data.kez", event={"data": {"key" * 100_000: 1, "kez" * 100_000: 2}})

    assert len(words) <= 400


def test_an_event_of_any_size_is_searched_in_bounded_time(reason):
    deep: object = "x"
    for _ in range(150):
        deep = {"a": deep, "b": [deep]}

    assert reason("event.data.wanted", event={"data": deep}).startswith("`event.data.wanted` is not there")
