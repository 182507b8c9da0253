"""When a vendor tries again, from what its manifest says."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from engine.definitions.manifest import Limits
from engine.definitions.sender import SenderSpec, schedule_of
from engine.emulation.attempt import Status
from engine.emulation.receivers import down
from tests.emulated import MINUTE, START, URL, connectors, vendor

SUPPOSING = SenderSpec(source="nowhere", supposed={"retries": ["1m", "2m"], "because": "nobody says"})  # type: ignore[arg-type]


def test_without_retries_there_is_one_attempt() -> None:
    schedule = schedule_of(Limits())

    assert (schedule.attempts, schedule.lasts, schedule.wait_after(1)) == (1, timedelta(), None)


def test_attempts_beyond_the_published_waits_wait_twice_the_last_and_are_supposed() -> None:
    schedule = schedule_of(Limits(retries=[MINUTE, 5 * MINUTE], attempts=5))

    assert schedule.waits == (MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE)
    assert [schedule.is_supposed(attempt) for attempt in (1, 2, 3, 4, 5)] == [False, False, True, True, False]


@pytest.mark.parametrize(("retries", "published"), [([], 0), ([MINUTE], 1)])
def test_what_is_supposed_counts_only_where_nothing_is_published(retries, published) -> None:
    schedule = schedule_of(Limits(retries=retries), SUPPOSING)

    assert (len(schedule.waits), schedule.published) == (1 if published else 2, published)


def test_fewer_attempts_than_retries_are_a_mistake() -> None:
    with pytest.raises(ValidationError, match="2 retries are 3 attempts, or more"):
        Limits(retries=[MINUTE, MINUTE], attempts=2)


@pytest.mark.parametrize("connector", connectors().values(), ids=lambda connector: connector.name)
def test_every_vendor_of_the_catalogue_can_be_played_until_it_gives_up(connector) -> None:
    sender = vendor(connector.name, down)
    endpoint = sender.create(URL).endpoint

    sender.happen(sender.types()[0])
    sender.agenda.run()

    assert len(endpoint.attempts) == connector.schedule.attempts
    assert sender.agenda.now() == START + connector.schedule.lasts
    assert sender.count(Status.EXHAUSTED) == 1
    assert endpoint.active is not connector.schedule.disables
