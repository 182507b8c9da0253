"""The arithmetic over what was measured."""

import pytest

from tests.bench.results import Finished, Load, percentile

LOAD = Load(began=0, accepted=500, failed=0, seconds=2.5, p50=1.0, p99=2.0, generator=0.1)


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 50), (99, 99), (100, 100)])
def test_a_percentile_is_the_value_that_so_many_percent_do_not_exceed(percent, value):
    assert percentile(range(1, 101), percent) == value


@pytest.mark.parametrize("percent", [0, 50, 99, 100])
def test_the_percentile_of_one_value_is_that_value(percent):
    assert percentile([7.0], percent) == 7


def test_a_rate_counts_what_was_accepted():
    assert LOAD.rate == 200


def test_a_finished_rate_counts_what_arrived_until_the_last_arrival():
    assert Finished(LOAD, arrived=300, seconds=6.0).rate == 50
