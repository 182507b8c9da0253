"""Runs that wait are rows: a process that has many of them starts, rests and answers as one that has none."""

from tests.bench.waiting import main, measure


def test_waiting_runs_cost_no_memory_no_timers_no_time_at_rest_and_hold_up_no_event(tmp_path):
    figures, plan = measure(tmp_path, 600, idle=1.0)

    assert figures.memory_after - figures.memory_before < 80  # MB, mostly of the code that the first runs load
    assert figures.idle_percent < 30
    assert figures.threads < 16
    assert figures.timers < 10
    assert max(figures.start, figures.event) < 20  # seconds: a bound against what grows without one
    assert figures.look < 2
    assert not [step for step in plan if step.startswith(("SCAN runs", "SCAN journal", "SCAN event_waits"))]


def test_the_command_prints_every_number(capsys):
    main(["--runs", "6", "--idle", "0.1"])

    printed = capsys.readouterr().out
    assert [name for name in ("memory_after", "idle_percent", "event", "runs_by_due_time") if name not in printed] == []
