"""What is held is found without a walk through everything that was ever received or answered."""

from datetime import UTC, datetime

import pytest

from engine.store import held

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("query", "args", "index"),
    [
        (held.of_pause, ("trg_a", 10), "SEARCH matches USING INDEX matches_held"),
        (held.of_event, ("evt_a",), "SEARCH matches USING INDEX matches_held"),
        (held.decide_rest, ("trg_a", "skip", NOW), "SEARCH deliveries USING COVERING INDEX deliveries_by_reason"),
        (held.unasked, ("trg_a",), "SCAN events USING INDEX events_unmatched"),
    ],
)
def test_each_query_has_its_index(plan, query, args, index):
    steps = plan(query, *args)

    assert any(step.startswith(index) for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
