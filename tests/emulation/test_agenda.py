"""Virtual time: it jumps to what is due next."""

from datetime import timedelta

from engine.emulation.agenda import Agenda, VirtualClock
from tests.emulated import DAY, HOUR, START


def test_things_happen_at_their_moments_and_at_one_moment_in_the_order_they_were_put_down() -> None:
    agenda, seen = Agenda(VirtualClock(START)), []
    for name, after in (("late", 2 * HOUR), ("first", HOUR), ("second", HOUR)):
        agenda.put(START + after, lambda name=name: seen.append((name, agenda.now() - START)))

    agenda.run()

    assert seen == [("first", HOUR), ("second", HOUR), ("late", 2 * HOUR)]


def test_what_is_due_after_the_end_stays_and_the_clock_is_at_the_end() -> None:
    agenda, seen = Agenda(VirtualClock(START)), []
    agenda.put(START + DAY, lambda: seen.append("later"))

    agenda.run(START + HOUR)
    before = (list(seen), agenda.now())
    agenda.run()

    assert before == ([], START + HOUR)
    assert seen == ["later"]


def test_what_is_put_into_the_past_happens_now_and_time_does_not_go_back() -> None:
    agenda, seen = Agenda(VirtualClock(START)), []
    agenda.put(START - HOUR, lambda: seen.append(agenda.now()))

    agenda.run()

    assert seen == [START]


def test_the_pace_is_told_of_every_length_before_it_passes() -> None:
    lengths: list[timedelta] = []
    agenda = Agenda(VirtualClock(START), lengths.append)
    agenda.put(START + HOUR, lambda: agenda.put(START + DAY, lengths.clear))
    agenda.put(START + HOUR, lambda: None)

    agenda.run(START + 2 * HOUR)

    assert lengths == [HOUR, HOUR]
