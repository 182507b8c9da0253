import subprocess
import sys

import click
import pytest
from click.shell_completion import BashComplete

from engine import __version__
from engine.cli import main
from engine.cli.commands import COMMANDS
from engine.lazy import load


def test_help_names_every_command_in_its_order(wink):
    shown = wink("--help").output.partition("Commands:")[2].split("\n")

    assert [line.split()[0] for line in shown if line.strip()] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_and_helps(wink, name):
    result = wink(name, "--help")

    assert result.exit_code == 0
    assert isinstance(load(COMMANDS[name].place), click.Command)
    assert result.output.startswith(f"Usage: wink {name}")


def test_help_imports_nothing_that_it_does_not_need():
    source = "import sys, engine.cli; engine.cli.main(['--help'], standalone_mode=False); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)

    assert "engine.cli" in done.stdout.split()
    assert not {"flask", "rich", "pydantic", "sqlalchemy", "yaml"} & set(done.stdout.split())


def test_the_version_is_told(wink):
    assert wink("--version").output == f"wink {__version__}\n"


def test_a_command_that_is_not_there_is_wrong_usage(wink):
    result = wink("serv")

    assert result.exit_code == 2
    assert "No such command 'serv'" in result.stderr


def test_a_known_error_is_one_sentence_without_a_traceback(wink):
    result = wink("migrate", env={"WINK_PROT": "80"})

    assert result.exit_code == 1
    assert result.stderr == "Error: WINK_PROT (environment) is no setting of Wink; the nearest one is WINK_PORT\n"


def test_a_file_that_cannot_be_used_is_named(wink, home):
    (home / "data").write_text("a file where a folder is to be")

    result = wink("runs", "list")

    assert (result.exit_code, result.stderr) == (1, f"Error: {home / 'data'}: File exists\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(wink, shell):
    result = wink("completion", shell)

    assert result.exit_code == 0
    assert "_WINK_COMPLETE" in result.output


def test_names_of_commands_are_completed():
    complete = BashComplete(main, {}, "wink", "_WINK_COMPLETE").get_completions

    assert [found.value for found in complete([], "s")] == ["serve", "send", "schema"]
    assert [found.value for found in complete(["runs"], "re")] == ["rerun", "resolve"]
