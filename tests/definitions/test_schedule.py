"""A schedule's times: by the calendar, on the clock of its zone, also on the days when that clock is set."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from engine.definitions.schedule import MOST_MISSED, Schedule, check_cron, check_timezone
from engine.errors import ExpressionError

ZURICH = "Europe/Zurich"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(cron: str, zone: str, begin: str, number: int) -> list[str]:
    """Return so many times, each asked for from the one before, as a process does after each run."""
    schedule, moment = Schedule(cron, zone), at(begin)
    found = []
    for _ in range(number):
        moment = schedule.after(moment)
        found.append(f"{moment:%m-%d %H:%M}")
    return found


def test_times_go_by_the_clock_of_the_zone():
    assert times("0 8 * * 1-5", ZURICH, "2026-11-20T00:00", 3) == ["11-20 07:00", "11-23 07:00", "11-24 07:00"]


def test_without_a_zone_of_its_own_it_goes_by_utc():
    assert times("30 6 1 * *", "UTC", "2026-11-20T00:00", 2) == ["12-01 06:30", "01-01 06:30"]


def test_a_time_that_does_not_exist_comes_once_right_after_the_gap():
    assert times("30 2 * * *", ZURICH, "2026-03-28T12:00", 2) == ["03-29 01:00", "03-30 00:30"]


def test_several_times_that_do_not_exist_come_once():
    assert times("0,30 2 * * *", ZURICH, "2026-03-28T12:00", 2) == ["03-29 01:00", "03-30 00:00"]


def test_a_time_that_comes_twice_comes_once():
    assert times("30 2 * * *", ZURICH, "2026-10-24T12:00", 2) == ["10-25 00:30", "10-26 01:30"]


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_from_within_the_hour_that_comes_twice_no_time_before_is_next(minute):
    moment = at("2026-10-25T01:00") + timedelta(minutes=minute)

    assert Schedule("30 2 * * *", ZURICH).after(moment) == at("2026-10-26T01:30")


def test_each_quarter_of_an_hour_goes_by_real_time_through_both_changes():
    for begin in ("2026-03-29T00:00", "2026-10-25T00:00"):
        found = list(islice(Schedule("*/15 * * * *", ZURICH)._times(at(begin)), 20))

        assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=15)}


@pytest.mark.parametrize("cron", ["* * * * *", "0 8 * * *", "0 0 1 1 *", "30 2 * * 0", "15 3 29 2 *"])
@pytest.mark.parametrize("zone", ["UTC", ZURICH, "Australia/Lord_Howe"])
def test_the_last_time_is_the_one_before_the_next(cron, zone):
    schedule, first = Schedule(cron, zone), at("2018-01-01T00:00")
    for day in (0, 70, 87, 88, 297, 298, 299, 364):
        now = at("2026-01-01T01:17") + timedelta(days=day)

        last = schedule.last(first, now)

        assert last <= now < schedule.after(last)


def test_there_is_no_last_time_before_the_first():
    assert Schedule("0 8 * * *", "UTC").last(at("2026-01-02T08:00"), at("2026-01-02T07:59")) is None


def test_what_was_missed_is_counted_up_to_a_bound():
    schedule, first = Schedule("* * * * *", "UTC"), at("2026-01-01T00:00")

    assert schedule.count(first, at("2026-01-01T00:09")) == 10
    assert schedule.count(first, at("2036-01-01T00:09")) == MOST_MISSED


@pytest.mark.parametrize(
    "cron", ["0 8 * * 1-5", "*/5 0-6,22 1,15 JAN-MAR MON", "0 0 L * *", "0 0 29 2 *", " 0 0 * * 7 "]
)
def test_five_fields_of_cron_are_read(cron):
    check_cron(cron)


@pytest.mark.parametrize(
    ("cron", "column", "words"),
    [
        ("0 8 * *", 0, "five fields, and this has 4"),
        ("0 0 8 * * *", 0, "five fields, and this has 6"),
        ("@daily", 0, "five fields, and this has 1"),
        ("60 8 * * *", 0, "`60` is no minute: it is 0 to 59"),
        ("0 24 * * *", 2, "`24` is no hour"),
        ("0 8 32 * *", 4, "`32` is no day of the month"),
        ("0 8 * 13 *", 6, "`13` is no month"),
        ("0 8 * * mo", 8, "`mo` is no day of the week"),
        ("0 8 30 2 *", 4, "never comes"),
    ],
)
def test_what_is_no_cron_is_told_at_its_column(cron, column, words):
    with pytest.raises(ExpressionError, match=words) as refused:
        check_cron(cron)

    assert refused.value.column == column


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Zürich", "did you mean 'Europe/Zurich'"),
        ("europe/zurich", "did you mean 'Europe/Zurich'"),
        ("../../etc/passwd", "is none"),
        ("Europe", "is none"),
        ("+01:00", "is none"),
    ],
)
def test_what_is_no_zone_is_told_with_the_nearest(zone, words):
    with pytest.raises(ValueError, match=words):
        check_timezone(zone)
