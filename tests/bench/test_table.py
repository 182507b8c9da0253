"""The page that the benchmark writes."""

import math
from dataclasses import replace

import pytest

from tests.bench.goals import Goal, Results
from tests.bench.plots import plots
from tests.bench.results import Crash, Finished, Journalled, Load, Overload, Series, Work
from tests.bench.table import journalled, overload, page, receiving, remarks, targets, whole_work

LOAD = Load(began=0, accepted=4000, failed=0, seconds=2.0, p50=1.25, p99=12.5, generator=0.5)
FLASK = Series("Flask hello", dict.fromkeys((1, 16, 64), LOAD))
FAST = Series("Wink", {number: replace(LOAD, accepted=10_000) for number in (1, 16, 64)})
WORK = Work(
    "Wink",
    receiving=[FAST],
    start=1.5,
    idle=100.0,
    peak=200.0,
    cpu=0.5,
    services=0.25,
    finished={1: Finished(LOAD, 4000, 4.0), 16: Finished(LOAD, 4000, 2.0), 64: Finished(LOAD, 4000, 2.0)},
    delays=[1.0],
    crash=Crash(1500, 0),
)
RESULTS = Results([FLASK], [WORK])
OVERLOAD = Overload("Wink", idle={16: LOAD}, dead={}, saturated={16: replace(LOAD, p99=25.0)}, drained=False)


def row(table, title):
    return next(line for line in table.splitlines() if line.startswith(f"| {title}"))


def test_a_row_of_receiving_has_rates_delays_and_the_ratio_to_the_first():
    assert row(receiving(RESULTS), "Wink") == "| Wink |" + 3 * " 5,000 (1.25 / 12.5) |" + " 2.50 x |"


def test_every_line_of_a_table_has_as_many_cells():
    lines = whole_work([WORK, WORK]).splitlines()

    assert {line.count("|") for line in lines} == {4}


def test_a_peer_is_compared_by_the_best_rates_of_both():
    finished = {number: Finished(LOAD, 1000, 2.0) for number in (1, 16, 64)}
    slower = replace(WORK, name="other", finished=finished)

    assert row(whole_work([WORK, slower]), "Wink's best") == "| Wink's best rate against the best here | 1 x | 4 x |"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([4.0], "met | met"),
        ([2.0], "**not met** | met"),
        ([1.9], "**not met** | **not met**"),
        ([], "not measured | -"),
    ],
)
def test_a_target_says_whether_it_was_met_and_whether_it_is_enough_at_first(values, words):
    goal = Goal("ratio", target=[4], values=values, unit="x", first=[2] if values else [], least=True)

    assert row(targets([goal]), "ratio").endswith(f"| {words} |")


def test_runs_are_compared_with_the_best_of_plain_celery():
    plain = [Journalled(f"plain Celery, {number}", number, 1.0, 3.0, 2.0) for number in (200, 400)]

    table = journalled([*plain, Journalled("Wink", 1000, 1.0, 1.5, 0.5)])

    assert row(table, "Wink") == "| Wink | 1,000 | 1,000 | 1.50 | 0.50 | 2.50 x |"


def test_overload_is_told_beside_idle_and_only_of_states_that_there_are():
    lines = overload([OVERLOAD]).splitlines()[2:]

    assert lines == [
        "| Wink, idle | 2,000 (1.25 / 12.5) | 1 x |",
        "| Wink, workers saturated | 2,000 (1.25 / 25) | 2 x |",
    ]


def test_what_services_use_is_told_beside_what_the_system_does():
    assert row(whole_work([WORK]), "CPU") == "| CPU ms per finished event, own / services | 0.50 / 0.25 |"


def test_what_never_arrived_is_no_number():
    assert "| none / none |" in whole_work([replace(WORK, delays=[math.inf])])


@pytest.mark.parametrize(
    ("results", "remark"),
    [
        (replace(RESULTS, skipped={"n8n": "would not install"}), "n8n was left out: would not install."),
        (replace(RESULTS, ceilings=[Series("it", {1: replace(LOAD, generator=0.95)})]), "wrk was busy for 95%"),
        (
            replace(RESULTS, ceilings=[Series("it", {1: replace(LOAD, failed=3)})]),
            "it, 1 connection: 3 requests failed",
        ),
        (replace(RESULTS, winks=[replace(WORK, finished={1: Finished(LOAD, 9, 1.0)})]), "0 failed, 9 arrived in time"),
        (replace(RESULTS, overloads=[replace(OVERLOAD, drained=True)]), "Wink: the backlog was gone"),
    ],
)
def test_whatever_a_reader_should_know_is_remarked(results, remark):
    assert [remark in line for line in remarks(results)] == [True]


def test_there_is_nothing_to_remark_when_all_went_well():
    assert list(remarks(RESULTS)) == []


def test_the_page_says_how_and_where_it_was_made():
    text = page(RESULTS, command="dev.py bench", moment="today", machine="2 cores")

    assert text.startswith("# Benchmarks\n\nWritten by `dev.py bench` on today.\n\nMachine: 2 cores.\n")


def test_the_page_keeps_what_was_measured_of_growth():
    text = page(RESULTS, command="c", moment="today", machine="2 cores", growth="sqlite, 100 events\nall is flat\n")

    assert "\n```text\nsqlite, 100 events\nall is flat\n```\n" in text


def test_every_plot_that_is_made_is_shown():
    text = page(RESULTS, command="c", moment="today", machine="2 cores")

    assert all(f"](benchmarks/{name}.svg)" in text for name in plots(RESULTS))
