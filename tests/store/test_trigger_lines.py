"""The list of triggers finds what each received lately without walking through what it ever received."""

from datetime import UTC, datetime

from engine.store.trigger_lines import list_triggers

#: A loop that counts a few rows for each trigger, by an index that holds all that is asked for.
COVERED = "SEARCH deliveries USING COVERING INDEX deliveries_by_trigger (trigger_id=? AND id>? AND id<?)"


def test_every_statement_has_its_index(plan):
    steps = plan(list_triggers, datetime.now(UTC))

    assert any("INDEX sqlite_autoindex_triggers_2" in step for step in steps), steps
    assert COVERED in steps
    assert any("deliveries_by_verdict" in step for step in steps), steps
    assert any("samples_by_trigger" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN deliveries") for step in steps), steps
