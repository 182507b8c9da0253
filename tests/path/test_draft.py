"""A trigger is begun with one choice."""

import pytest

from engine.errors import Invalid
from engine.path.draft import draft, slug_of
from engine.words import TriggerState


def test_a_draft_has_the_connectors_title_a_name_of_it_and_the_default_way(engine):
    made = draft(engine, "stripe")

    assert (made.trigger.name, made.trigger.title, made.trigger.state) == ("stripe", "Stripe", TriggerState.DRAFT)


def test_a_name_that_is_taken_gets_a_number(engine):
    names = [draft(engine, "custom", title).trigger.name for title in ("My scan", "my-scan", "My scan", "My")]

    assert names == ["my-scan", "my-scan-2", "my-scan-3", "my"]


def test_a_connector_that_is_not_there_is_refused(engine):
    with pytest.raises(Invalid, match="choose one of the list"):
        draft(engine, "none")


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Webhook: Retrieve All Events", "webhook-retrieve-all-events"), ("Ünïcode", "unicode"), ("日本", ""), ("--", "")],
)
def test_a_title_becomes_a_slug(title, slug):
    assert slug_of(title) == slug


def test_a_long_title_becomes_a_name_that_can_be(engine):
    assert [draft(engine, "custom", "x" * 500).trigger.name for _ in range(2)] == ["x" * 74, f"{'x' * 74}-2"]
