from importlib import import_module
from pkgutil import iter_modules

import pytest
from rich.console import Console

import engine.cli
from engine.cli import deliveries, events, runs, show, triggers
from engine.cli.show import Column, text

ID = "0" * 26
TIME = "2026-01-02T03:04:05.678901Z"
ROWS = {
    deliveries: {
        "id": f"dlv_{ID}",
        "trigger": "detectify-findings",
        "verdict": "accepted",
        "reason": "new",
        "received_at": TIME,
    },
    events: {"id": f"evt_{ID}", "type": "finding.created", "trigger": "detectify-findings", "received_at": TIME},
    runs: {"id": f"run_{ID}", "workflow": "securecodinghub-training", "outcome": "succeeded", "queued_at": TIME},
    triggers: {"name": "detectify-findings", "connector": "detectify", "auth": "shared_secret", "state": "published"},
}


@pytest.fixture
def narrow(monkeypatch):
    """Print as on a terminal of 80 columns."""
    monkeypatch.setattr(show, "console", lambda: Console(width=80, highlight=False))


@pytest.mark.parametrize("command", ROWS, ids=lambda module: module.__name__)
def test_a_usual_row_fits_a_terminal_of_80_columns(narrow, capsys, command):
    show.table([ROWS[command]], command.LIST)

    lines = capsys.readouterr().out.splitlines()
    title = lines[:2] if "(UTC)" in lines[1] else lines[:1]
    assert len(lines) == len(title) + 2
    assert all(len(line) <= 80 for line in lines)


def test_what_is_too_long_is_folded_and_never_lost(narrow, capsys):
    show.table([{"value": "x" * 200}], [Column("value", "value")])

    assert capsys.readouterr().out.count("x") == 200


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "\x9b31m", "\u202egnp.exe", "\x07"])
def test_what_a_sender_wrote_cannot_steer_the_terminal(capsys, hostile):
    show.details({"body": hostile}, [Column("body", "body")])

    printed = capsys.readouterr().out
    assert "\N{REPLACEMENT CHARACTER}" in printed
    assert not set(hostile) & set("\x1b\r\x9b\u202e\x07") & set(printed)


def test_brackets_and_colons_of_a_sender_are_no_markup(capsys):
    show.details({"body": "[bold]x[/bold] :smile:"}, [Column("body", "body")])

    assert "[bold]x[/bold] :smile:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "-"), ("", "-"), (True, "yes"), (0, "0"), (["a", "b"], "a, b"), ([], "-"), ({"a": 1}, '{\n  "a": 1\n}')],
)
def test_values_read_well(value, words):
    assert text(value).plain == words


def test_json_is_safe_to_print_and_exact(capsys):
    show.print_json({"text": "\x9b", "number": 2**70})

    assert capsys.readouterr().out == '{\n  "text": "\\u009b",\n  "number": 1180591620717411303424\n}\n'


def test_lines_have_no_colours_where_nobody_looks(capsys):
    show.details({"verdict": "rejected"}, [Column("verdict", "verdict")])

    assert capsys.readouterr().out == "verdict  rejected\n"


def test_a_time_of_a_past_day_is_told_by_its_day_and_one_to_come_with_its_hour():
    assert show.when("at")({"at": TIME}) == "2026-01-02"
    assert show.when("at")({"at": "2999-" + TIME[5:]}) == "2999-01-02 03:04"
    assert show.moment("at")({"at": TIME}) == "2026-01-02 03:04:05"


def test_every_column_of_times_says_that_they_are_utc():
    modules = [import_module(f"engine.cli.{each.name}") for each in iter_modules(engine.cli.__path__)]
    columns = [
        (each.title, getattr(each.value, "__qualname__", ""))
        for module in modules
        for value in vars(module).values()
        if isinstance(value, tuple)
        for each in value
        if isinstance(each, Column)
    ]

    of_times = [title for title, made_by in columns if made_by.startswith(("when.", "moment."))]
    assert len(of_times) > 10
    assert [title for title in of_times if not title.endswith("(UTC)")] == []
