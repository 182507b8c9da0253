"""When a vendor tries again, held against what a vendor that is played does."""

import pytest

from engine.path.again import again
from engine.store import search, show
from engine.store.search import DeliveryFilter, Span
from engine.words import Verdict
from tests.emulated import DAY, MINUTE, START, URL, connectors, stage
from tests.engines import deliver, running, trigger

FORGED = {"securecodinghub": {"signing_secret": "whsec_" + "b" * 40}, "blazelock": {"webhook_secret": "another one"}}


def refused(here, name: str):
    """Return what is told of each attempt at an event that is signed with another secret, oldest first."""
    here.sender.create(URL, secrets=FORGED[name])
    here.sender.happen(here.sender.types()[0])
    here.sender.agenda.run(START + DAY)
    lines = here.engine.store.read(search.list_deliveries, DeliveryFilter(), Span()).items
    return [again(here.engine, here.engine.store.read(show.delivery, line.id)) for line in reversed(lines)]


def test_001_r6_of_each_refused_attempt_it_is_told_which_it_was_and_when_the_next_one_comes(tmp_path) -> None:
    with stage(tmp_path, "securecodinghub") as here:
        told = refused(here, "securecodinghub")

    assert [(each.attempt, each.attempts) for each in told] == [(number, 5) for number in (1, 2, 3, 4, 5)]
    assert [each.due_at for each in told] == [*(START + minutes * MINUTE for minutes in (1, 6, 36, 156)), None]
    assert told[-1].gives_up.startswith("After five attempts")


def test_a_wait_that_is_not_published_is_not_told(tmp_path) -> None:
    with stage(tmp_path, "blazelock") as here:
        told = refused(here, "blazelock")

    assert [each.attempt for each in told] == [*range(1, 11)]
    assert [each.due_at is None for each in told] == [False] * 8 + [True] * 2


def test_another_body_and_what_was_accepted_are_no_earlier_attempts(tmp_path) -> None:
    with stage(tmp_path, "securecodinghub") as here:
        good = here.sender.create(URL, secrets=here.secrets).endpoint
        here.sender.happen("sarif.ingested")
        here.sender.agenda.run(START)
        here.sender.turn(good, on=False)

        told = refused(here, "securecodinghub")

    assert told[0] is None
    assert [each.attempt for each in told[1:]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("name", "attempts"), [("detectify", None), ("custom", "nothing")])
def test_where_no_schedule_is_published_there_are_the_vendors_words_or_nothing(tmp_path, name, attempts) -> None:
    with running(tmp_path) as engine:
        shown = trigger(engine, connector=name)
        strangers = deliver(engine).delivery._replace(verdict=Verdict.REJECTED, headers={})

        told = again(engine, strangers)

    assert shown.trigger.connector == name
    assert (told.attempts if told else "nothing") == attempts
    assert (told.gives_up if told else None) == connectors()[name].manifest.limits.gives_up


def test_what_wink_sent_itself_nobody_tries_again(tmp_path) -> None:
    with running(tmp_path) as engine:
        trigger(engine, connector="detectify")
        sent = deliver(engine, b"no json").delivery

        assert sent.verdict == "rejected"
        assert again(engine, sent) is None
