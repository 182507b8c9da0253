"""What of a condition is a key by which an index finds the waiting step: what stays the same while it waits."""

import pytest

from engine.language.condition import compile_condition
from engine.path.correlation import Key, key_in, key_of


@pytest.mark.parametrize(
    ("condition", "of", "value"),
    [
        ("event.data.scan == inputs.scan", "event.data.scan", '"s1"'),
        ("inputs.scan == event.data.scan and event.data.n > 1", "event.data.scan", '"s1"'),
        (
            "event.data.late == (now() > time(inputs.until)) and event.data.scan == inputs.scan",
            "event.data.scan",
            '"s1"',
        ),
        ("event.data.late == (now() > time(inputs.until))", "", ""),
        ("event.data.fresh == within_last(inputs.until, '1h')", "", ""),
        ("within_last(event.data.at, '1h') == inputs.recent", "", ""),
        ("event.data.scan == inputs.scan or event.data.n > 1", "", ""),
        ("event.data.now == inputs.scan", "event.data.now", '"s1"'),
    ],
)
def test_the_key_is_what_has_to_be_equal_and_does_not_change_with_time(clock, condition, of, value):
    kept = {"inputs": {"scan": "s1", "recent": True, "until": "2026-01-02T03:05:00Z"}}

    assert key_in(compile_condition(condition), kept, clock.now()) == Key(of, value)


def test_equal_values_have_equal_keys(clock):
    written = {key_of("event.data.n", {"event": {"data": {"n": n}}}, clock.now()) for n in (1, 1.0)}

    assert written == {"1"}
