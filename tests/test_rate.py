"""A rate lets so many through at once, and then as fast as time refills it."""

from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.rate import Bucket, Buckets, Rate


def test_a_full_bucket_lets_its_count_through_and_then_says_how_long_to_wait(clock):
    bucket = Bucket(Rate.read("2/s"))

    answers = [bucket.take(clock.now()) for _ in range(3)]

    assert answers == [None, None, timedelta(milliseconds=500)]


def test_time_refills_it_but_never_beyond_its_count(clock):
    bucket = Bucket(Rate.read("60/m"))
    for _ in range(60):
        bucket.take(clock.now())

    clock.advance(timedelta(seconds=1))
    assert [bucket.take(clock.now()) is None for _ in range(2)] == [True, False]
    clock.advance(timedelta(hours=1))
    assert [bucket.take(clock.now()) is None for _ in range(61)].count(True) == 60


def test_a_clock_that_goes_back_takes_nothing_away(clock):
    bucket = Bucket(Rate.read("1/s"))
    bucket.take(clock.now())

    assert bucket.take(clock.now() - timedelta(hours=1)) is not None


@pytest.mark.parametrize("text", ["", "0/s", "5", "5/d", "-1/s", "1.5/s", "5 / s", "9999999999/s"])
def test_anything_else_is_no_rate(text):
    with pytest.raises(Invalid, match="no rate"):
        Rate.read(text)


def test_each_key_has_a_bucket_of_its_own(clock):
    buckets = Buckets(Rate.read("1/m"))

    assert [buckets.take(key, clock.now()) is None for key in "aabb"] == [True, False, True, False]


def test_keys_that_were_not_seen_for_long_are_forgotten_first(clock):
    buckets = Buckets(Rate.read("1/m"), most=2)

    assert [buckets.take(key, clock.now()) is None for key in "abaca"] == [True, True, False, True, False]
    assert buckets.take("b", clock.now()) is None
