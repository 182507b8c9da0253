"""Options and arguments that several commands share."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import click

from engine.cli.client import connect
from engine.cli.served import URL
from engine.errors import NotFound
from engine.settings import Settings

Command = Callable[..., None]

FOLDER = click.Path(path_type=Path, file_okay=False)

data_option = click.option("--data", type=FOLDER, help="Data folder. Default: WINK_DATA, else ./data.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, as the API gives it.")
limit_option = click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="How many to show at most."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
since_option = click.option("--since", metavar="TIME", help="From this time on, such as 2026-01-31T08:00:00Z.")
until_option = click.option("--until", metavar="TIME", help="Before this time.")


def load_settings(**options: object) -> Settings:
    """Read the settings of this process; options: from the command line, None where not given."""
    ours = {name: value for name, value in os.environ.items() if name != URL}
    return Settings.load(ours, Path.cwd(), **options)


def from_here(path: Path) -> Path:
    """Return a path as it is shown: from the current folder on where it is below, as a repository names its files."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def is_begun(settings: Settings) -> bool:
    """Tell whether there is a Wink; a database that is not a file of SQLite is taken to hold one."""
    dialect, _, file = settings.database_url.get_secret_value().partition(":///")
    return not dialect.startswith("sqlite") or Path(file.partition("?")[0]).exists()


def nothing_in(settings: Settings) -> NotFound:
    """Return the error of a command that is of no use where there is no Wink."""
    return NotFound(f"{settings.data} holds no Wink: name its data folder by --data")


def with_client(command: Command, *, may_begin: bool = True) -> Command:
    """Give the command, as its first argument, a client for the Wink that it is meant for.

    may_begin: make a new, empty Wink where there is none; else that is an error.
    """

    @data_option
    @click.pass_context
    @wraps(command)
    def connected(context: click.Context, /, data: Path | None, **options: object) -> None:
        # Whoever names a folder means it, whatever the environment says.
        environ = os.environ if data is None else {}
        settings = load_settings(data=data)
        is_new = URL not in environ and not is_begun(settings)
        if is_new and not may_begin:
            raise nothing_in(settings)
        client = context.with_resource(connect(settings, environ))
        if is_new:
            words = f"{settings.data} held no Wink: it holds a new, empty one now. Name another folder by --data."
            click.echo(words, err=True)
        command(client, **options)

    return connected
