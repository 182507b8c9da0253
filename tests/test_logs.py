"""A log line holds ids and words, never a key, in whatever form it is written."""

import json
import logging

import pytest
import structlog

from engine.logs import configure
from engine.settings import LogFormat


@pytest.fixture(autouse=True)
def restored():
    """Leave logging to the other tests as it was."""
    handlers, level, before = logging.root.handlers[:], logging.root.level, structlog.get_config()
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize("form", LogFormat)
@pytest.mark.parametrize(
    "fields",
    [
        {"token": "s3cret"},
        {"api_key": "s3cret"},
        {"url": "http://localhost/webhooks/x?apikey=s3cret&a=b"},
        {"error": "GET /webhooks/x?a=b&api_key=s3cret failed"},
        {"header": "Bearer wink_pat_s3cret"},
    ],
)
def test_a_key_is_in_no_line(capsys, form, fields):
    configure(form)

    structlog.get_logger().warning("something.happened", **fields)

    line = capsys.readouterr().err
    assert "something.happened" in line
    assert "s3cret" not in line


@pytest.mark.parametrize("form", LogFormat)
@pytest.mark.parametrize("text", ["\0", "\x9b31m", "\x1b[31m", "\x08\x7f", "a\r\nb", "\u202ea", "\u2028", "\x85"])
def test_no_text_begins_a_line_or_steers_a_terminal(capsys, form, text):
    configure(form)

    structlog.get_logger().info("workflow.log", message=text, both=[text])
    logging.getLogger("some.library").warning("it said %s", text)

    first, second, rest = capsys.readouterr().err.split("\n")
    assert (first.isprintable(), second.isprintable(), rest) == (True, True, "")


def test_lines_for_machines_are_json(capsys):
    configure(LogFormat.JSON)

    structlog.get_logger().info("run.started", run="run_1")

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["run"]) == ("run.started", "info", "run_1")


@pytest.mark.parametrize("form", LogFormat)
def test_a_traceback_shows_no_values(capsys, form):
    configure(form)
    password = "s3cret"

    try:
        [].pop(len(password))
    except IndexError:
        structlog.get_logger().exception("it.broke")

    line = capsys.readouterr().err
    assert "pop from empty list" in line
    assert "s3cret" not in line


def test_what_libraries_say_has_the_same_form(capsys):
    configure(LogFormat.JSON)

    logging.getLogger("some.library").warning("disk %s", "full")

    assert json.loads(capsys.readouterr().err)["event"] == "disk full"


def test_a_quiet_command_says_only_what_went_wrong(capsys):
    configure(LogFormat.JSON, quiet=True)

    structlog.get_logger().info("run.started")
    structlog.get_logger().error("run.broke")

    assert json.loads(capsys.readouterr().err)["event"] == "run.broke"
