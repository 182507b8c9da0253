import json

import pytest
import structlog

from engine.cli.logs import set_up_logs
from engine.settings import LogFormat


@pytest.fixture(autouse=True)
def _defaults():
    yield
    structlog.reset_defaults()


def fail_with(secret):
    try:
        int("broken")
    except ValueError:
        structlog.get_logger().exception("loop.internal_error", run="run_1")


@pytest.mark.parametrize("form", LogFormat)
def test_an_unexpected_error_shows_where_and_no_values_of_variables(capsys, form):
    set_up_logs(form)

    fail_with("wink_pat_secret")

    logged = capsys.readouterr().err
    assert "ValueError: invalid literal" in logged
    assert "fail_with" in logged
    assert "wink_pat_secret" not in logged


def test_machines_get_a_line_of_json(capsys):
    set_up_logs(LogFormat.JSON)

    structlog.get_logger().info("run.started", run="run_1")

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["run"]) == ("run.started", "info", "run_1")
    assert line["timestamp"].endswith("Z")


def test_a_command_is_quiet_but_for_what_went_wrong(capsys):
    set_up_logs(LogFormat.CONSOLE, quiet=True)

    structlog.get_logger().info("run.started")
    structlog.get_logger().error("run.lost")

    logged = capsys.readouterr()
    assert logged.out == ""
    assert "run.started" not in logged.err
    assert "run.lost" in logged.err
