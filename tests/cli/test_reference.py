"""``docs/cli.md``, held against the commands that there are."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from engine.cli import main

PAGE = (Path(__file__).parents[2] / "docs/cli.md").read_text()
LINES = re.findall(r"^\| `wink (.+?)` \|", PAGE, re.MULTILINE)


def parsed(line: str) -> str:
    """Parse a command line without running it, and return the path of the command that it calls."""
    context, command, words = click.Context(main, info_name="wink"), main, shlex.split(line)
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
        context = command.make_context(name, words, parent=context)
        words = [*context._protected_args, *context.args]
    context.close()
    return context.command_path


def commands(group: click.Group, path: str) -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_a_line_that_cannot_be_called_is_noticed():
    with pytest.raises(click.UsageError):
        parsed("runs list --no-such-option")


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_the_page_can_be_called(home, line):
    (home / "finding.json").touch()
    (home / "old.yaml").touch()
    (home / "request.http").touch()
    (home / "secret").touch()
    (home / "workflows").mkdir()
    (home / "workflows/ticket.yaml").touch()
    (home / "connectors/acme").mkdir(parents=True)

    path = parsed(line)

    assert f"wink {line}".startswith(path)


def test_every_command_is_on_the_page():
    shown = {next(path for path in commands(main, "wink") if f"wink {line}".startswith(path)) for line in LINES}

    assert set(commands(main, "wink")) - shown == {"wink schema connector", "wink schema event", "wink schema test"}
