"""The page that the benchmark writes."""

import math
from dataclasses import replace

import pytest

from tests.bench.goals import Goal, Results
from tests.bench.results import Crash, Finished, Load, Series, Work
from tests.bench.table import page, receiving, remarks, targets, whole_work

LOAD = Load(began=0, accepted=4000, failed=0, seconds=2.0, p50=1.25, p99=12.5, generator=0.5)
FLASK = Series("Flask hello", dict.fromkeys((1, 16, 64), LOAD))
FAST = Series("Wink", {number: replace(LOAD, accepted=10_000) for number in (1, 16, 64)})
WORK = Work(
    "Wink", 1.5, 100.0, 200.0, 0.5, {1: Finished(LOAD, 4000, 4.0), 64: Finished(LOAD, 4000, 2.0)}, [1.0], Crash(1500, 0)
)
RESULTS = Results([FLASK], [FAST], WORK)


def row(table, title):
    return next(line for line in table.splitlines() if line.startswith(f"| {title}"))


def test_a_row_of_receiving_has_rates_delays_and_the_ratio_to_the_first():
    assert row(receiving(RESULTS), "Wink") == "| Wink |" + 3 * " 5,000 (1.25 / 12.5) |" + " 2.50 x |"


def test_every_line_of_a_table_has_as_many_cells():
    lines = whole_work([WORK, WORK]).splitlines()

    assert {line.count("|") for line in lines} == {4}


def test_a_peer_is_compared_by_the_best_rates_of_both():
    slower = replace(WORK, name="other", finished={1: Finished(LOAD, 1000, 4.0), 64: Finished(LOAD, 1000, 2.0)})

    assert row(whole_work([WORK, slower]), "Wink's best") == "| Wink's best rate against the best here | 1 x | 4 x |"


@pytest.mark.parametrize(("value", "word"), [(2.0, "met"), (1.9, "**not met**"), (None, "not measured")])
def test_a_target_says_whether_it_was_met(value, word):
    goal = Goal("ratio", limits=[2], values=[] if value is None else [value], unit="x", least=True)

    assert row(targets([goal]), "ratio").endswith(f"| {word} |")


def test_what_never_arrived_is_no_number():
    assert "| none / none |" in whole_work([replace(WORK, delays=[math.inf])])


@pytest.mark.parametrize(
    ("results", "remark"),
    [
        (replace(RESULTS, skipped={"n8n": "would not install"}), "n8n was left out: would not install."),
        (replace(RESULTS, receiving=[Series("it", {1: replace(LOAD, generator=0.95)})]), "wrk was busy for 95%"),
        (
            replace(RESULTS, receiving=[Series("it", {1: replace(LOAD, failed=3)})]),
            "it, 1 connection: 3 requests failed",
        ),
        (replace(RESULTS, wink=replace(WORK, finished={1: Finished(LOAD, 9, 1.0)})), "0 failed, 9 arrived in time"),
    ],
)
def test_whatever_a_reader_should_know_is_remarked(results, remark):
    assert [remark in line for line in remarks(results)] == [True]


def test_there_is_nothing_to_remark_when_all_went_well():
    assert list(remarks(RESULTS)) == []


def test_the_page_says_how_and_where_it_was_made():
    text = page(RESULTS, command="dev.py bench", moment="today", machine="2 cores")

    assert text.startswith("# Benchmarks\n\nWritten by `dev.py bench` on today.\n\nMachine: 2 cores.\n")
