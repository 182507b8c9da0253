"""The arithmetic over what was measured."""

import pytest

from tests.bench.results import Crash, Finished, Journalled, Load, Work, percentile

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


def test_the_best_rate_is_over_all_numbers_of_connections():
    finished = {number: Finished(LOAD, arrived, 1.0) for number, arrived in ((1, 10), (16, 30), (64, 20))}

    work = Work("it", [], 1.0, 100.0, 200.0, 0.5, 0.0, finished, [1.0], Crash(0, 0))

    assert work.best_rate == 30


def test_the_rate_of_runs_counts_those_that_finished():
    assert Journalled("it", runs=2000, seconds=4.0, cpu=1.0, services=1.0).rate == 500
