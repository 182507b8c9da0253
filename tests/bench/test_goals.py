"""Whether targets were met."""

from dataclasses import replace

import pytest

from tests.bench.goals import Goal, Results, best_rate, goals
from tests.bench.results import Crash, Finished, Load, Series, Work


def load(rate, p99=10.0):
    return Load(began=0, accepted=rate, failed=0, seconds=1.0, p50=1.0, p99=p99, generator=0.1)


def series(rate, p99=10.0):
    return Series("it", {number: load(rate, p99) for number in (1, 16, 64)})


def work(name, rate):
    finished = {number: Finished(load(rate), rate, 1.0) for number in (1, 16, 64)}
    return Work(name, 1.0, 100.0, 200.0, 0.5, finished, [1.0, 2.0, 3.0], Crash(100, 0))


RESULTS = Results([series(1000), series(9000)], [series(5000), series(3000)], work("Wink", 2000))


def measured(results, what):
    return next(goal for goal in goals(results) if goal.what.startswith(what))


def test_receiving_is_judged_by_the_slowest_way_against_the_first_ceiling():
    assert measured(RESULTS, "receive durably").values == [3.0]


def test_the_processing_rate_is_judged_against_the_peer_of_that_name():
    results = replace(RESULTS, peers=[work("n8n 2.0", 50), work("Node-RED 5.0", 4000)])

    assert measured(results, "process, against Node-RED").met is False
    assert measured(results, "process, against n8n").met is True


def test_a_target_that_was_not_measured_is_neither_met_nor_missed():
    assert measured(RESULTS, "process, against n8n").met is None


@pytest.mark.parametrize(("values", "met"), [([8, 25], True), ([8.1, 25], False), ([8, 25.1], False)])
def test_every_value_must_stay_within_its_limit(values, met):
    assert Goal("it", limits=[8, 25], values=values, unit="ms").met is met


def test_the_best_rate_is_over_all_numbers_of_connections():
    slow, fast = Finished(load(10), 10, 1.0), Finished(load(30), 30, 1.0)

    assert best_rate(replace(work("it", 1), finished={1: slow, 16: fast, 64: slow})) == 30
