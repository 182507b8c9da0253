"""Sixty steps with everything there is are checked in a moment, and a later run takes no longer than the first."""

import pytest

from engine.cli.known import known_actions
from engine.definitions import dialect
from tests.bench.sixty import TEXT, check, check_time, main, measure, steps

TABLES = (dialect.FILE, dialect.STEP, dialect.LIMITS_TABLE, dialect.RETRY_TABLE)


@pytest.fixture(scope="module")
def specs():
    return known_actions()


def test_it_has_sixty_steps_every_kind_every_key_and_every_core_action_and_no_mistake(specs):
    core = {name for name in specs if name.startswith("core.")}
    keys = {key for table in TABLES for key in table.keys}

    assert len(list(steps(specs))) == 60
    assert check(specs).mistakes == ()
    assert core - {step.uses for step in steps(specs)} == set()
    assert {key for key in keys if f"{key}:" not in TEXT} == set()


def test_a_check_takes_the_processor_less_than_50_ms(specs):
    assert check_time(specs) < 50


def test_the_last_runs_take_no_longer_than_the_first(tmp_path):
    figures = measure(tmp_path, 300, 25)

    assert figures.last < 4 * figures.first + 100  # ms: both are medians; others use this machine too


def test_the_command_prints_every_number(capsys):
    main(["--runs", "3", "--sample", "1"])

    printed = capsys.readouterr().out
    assert [name for name in ("steps", "check", "first", "last") if name not in printed] == []
