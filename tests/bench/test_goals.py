"""Whether targets were met."""

from dataclasses import replace

import pytest

from tests.bench.goals import TOGETHER, Goal, Results, goals
from tests.bench.results import Crash, Finished, Journalled, Load, Overload, Series, Work


def load(rate, p99=10.0):
    return Load(began=0, accepted=rate, failed=0, seconds=1.0, p50=1.0, p99=p99, generator=0.1)


def series(rate, p99=10.0):
    return Series("it", {number: load(rate, p99) for number in (1, 16, 64)})


def work(name, rate, *, receiving=(), lost=0, p99=10.0):
    finished = {number: Finished(load(rate, p99), rate, 1.0) for number in (1, 16, 64)}
    return Work(name, receiving, 1.0, 100.0, 200.0, 0.5, 0.1, finished, [1.0, 2.0, 3.0], Crash(100, lost))


def runs(name, rate):
    return Journalled(name, runs=rate, seconds=1.0, cpu=1.0, services=1.0)


def overload(*, dead, saturated):
    states = [{16: load(1000, p99)} if p99 else {} for p99 in (10.0, dead, saturated)]
    return Overload("Wink", *states, drained=False)


WINK = work("Wink", 2000, receiving=[series(5000, p99=12.0), series(3000, p99=20.0)])
RESULTS = Results([series(1000), series(9000)], [WINK])


def measured(results, what):
    return next(goal for goal in goals(results) if goal.what.startswith(what))


def test_receiving_is_judged_by_the_slowest_way_against_the_first_ceiling():
    assert measured(RESULTS, "receive durably").values == [3.0]


def test_the_processing_rate_is_judged_against_the_peer_of_that_name():
    results = replace(RESULTS, peers=[work("n8n 2.0", 50), work("Node-RED 5.0", 4000)])

    assert measured(results, "process, against Node-RED").values == [0.5]
    assert measured(results, "process, against n8n").values == [40.0]


def test_the_slowest_receipt_is_judged_against_the_answer_of_node_red():
    results = replace(RESULTS, peers=[work("Node-RED 5.0", 4000, p99=16.0)])

    assert measured(results, "receive p99, 16 connections, against Node-RED").values == [1.25]


def test_an_event_that_any_wink_lost_counts():
    results = replace(RESULTS, winks=[WINK, work("Wink cluster", 1000, lost=3)])

    assert measured(results, "lost of acknowledged").values == [3]


def test_two_workers_are_judged_against_the_best_of_plain_celery():
    found = [runs("plain Celery 5, 1 worker", 300), runs("plain Celery 5, 2 workers", 400), runs(TOGETHER, 1000)]

    assert measured(replace(RESULTS, runs=found), "five journalled steps").values == [2.5]


def test_the_longest_receipt_under_overload_is_judged_against_the_same_system_idle():
    results = replace(RESULTS, overloads=[overload(dead=0, saturated=35.0), overload(dead=9.0, saturated=20.0)])

    values = [goal.values for goal in goals(results) if "workers" in goal.what]

    assert values == [[3.5], [0.9]]


@pytest.mark.parametrize("what", ["process, against n8n", "five journalled", "receive p99, 16 connections, against"])
def test_a_target_that_was_not_measured_is_neither_met_nor_missed(what):
    goal = measured(RESULTS, what)

    assert goal.met(goal.target) is None


@pytest.mark.parametrize(("values", "met"), [([8, 25], True), ([8.1, 25], False), ([8, 25.1], False)])
def test_every_value_must_stay_within_its_limit(values, met):
    assert Goal("it", target=[8, 25], values=values, unit="ms").met([8, 25]) is met


@pytest.mark.parametrize(("value", "met"), [(4.0, [True, True]), (2.0, [False, True]), (1.9, [False, False])])
def test_the_target_and_what_is_enough_at_first_are_judged_apart(value, met):
    goal = Goal("it", target=[4], values=[value], unit="x", first=[2], least=True)

    assert [goal.met(goal.target), goal.met(goal.first)] == met
