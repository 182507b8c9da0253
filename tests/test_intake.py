"""What comes in shares a room; beyond it a sender is told when to come again."""

from contextlib import ExitStack

import pytest

from engine.errors import Overloaded
from engine.intake import EACH, LATEST, LONGEST, ROOM, SOONEST, Intake


def _full(intake: Intake, held: ExitStack) -> int:
    """Fill the room with deliveries of no size, and return how many there were."""
    for number in range(ROOM):
        try:
            held.enter_context(intake.place()).hold(0)
        except Overloaded:
            return number
    return ROOM


def test_the_room_has_an_end_and_is_there_again_when_deliveries_are_answered():
    intake = Intake(lambda: 0.0, 1000)

    with ExitStack() as held:
        first = _full(intake, held)
    with ExitStack() as held:
        again = _full(intake, held)

    assert first == again == ROOM // EACH


def test_a_large_body_takes_room_as_it_comes_and_loses_all_of_it_when_it_does_not_fit():
    intake = Intake(lambda: 0.0, 1000)

    with intake.place() as place, intake.place() as other:
        place.hold(ROOM - EACH)
        other.hold(EACH)
        with pytest.raises(Overloaded):
            other.hold(EACH + 1)

    with intake.place() as place:
        place.hold(ROOM)


def test_who_has_sent_nothing_yet_takes_no_room():
    intake = Intake(lambda: 0.0, 1000)

    with ExitStack() as held:
        for _ in range(2 * ROOM // EACH):
            held.enter_context(intake.place())
        intake.place()


def test_the_largest_body_always_fits_where_there_is_nothing_else():
    with Intake(lambda: 0.0, 10 * ROOM).place() as place:
        place.hold(10 * ROOM)


@pytest.mark.parametrize(("delay", "soonest"), [(LONGEST + 0.1, LONGEST), (60.0, LATEST)])
def test_nobody_is_let_in_to_wait_for_a_slow_database(delay, soonest):
    with pytest.raises(Overloaded) as caught:
        Intake(lambda: delay, 1000).place()

    assert soonest <= caught.value.retry_after.total_seconds() <= LATEST


def test_senders_are_not_all_asked_back_for_the_same_moment():
    intake = Intake(lambda: 3.0, 1000)
    moments = set()
    for _ in range(20):
        with pytest.raises(Overloaded) as caught:
            intake.place()
        moments.add(caught.value.retry_after)

    assert len(moments) > 1
    assert min(moments).total_seconds() >= SOONEST


def test_other_work_is_asked_to_make_way_before_anybody_is_turned_away():
    intake = Intake(lambda: 0.0, 1000)

    with intake.place() as place:
        calm = intake.is_pressed()
        place.hold(ROOM // 2)
        pressed = intake.is_pressed()
        intake.place()

    assert (calm, pressed, intake.is_pressed()) == (False, True, False)


@pytest.mark.parametrize(("delay", "pressed"), [(0.002, False), (0.02, True)])
def test_other_work_makes_way_for_a_delivery_whose_write_takes_long_for_one(delay, pressed):
    intake = Intake(lambda: delay, 1000)

    with intake.place() as place:
        place.hold(0)

        assert intake.is_pressed() == pressed


def test_other_work_goes_on_where_nothing_comes_in_however_long_its_own_writes_take():
    assert not Intake(lambda: 0.02, 1000).is_pressed()
