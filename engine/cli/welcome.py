"""What ``wink serve`` says when it serves: where everything is, and how to start a run."""

import shlex
import shutil
import sys
from collections.abc import Sequence

import click

from engine import __version__
from engine.cli.examples import EXAMPLES
from engine.cli.options import load_settings
from engine.cli.served import TOKEN
from engine.path.shown import Shown
from engine.path.users import FIRST
from engine.runtime import Engine
from web import sink

LAST_LINE = "Ctrl-C stops it."


def welcome(engine: Engine, made: Sequence[Shown], password: str | None) -> None:
    """Print it.

    made: the example triggers whose keys can be shown now, and never again; password: that of the first administrator,
    where it was made, which is shown here alone.
    """
    settings = engine.settings
    missing = "" if settings.workflows.is_dir() else " (there is no such folder)"
    lines = [
        f"Wink {__version__} serves {settings.public_url}",
        "",
        f"  data       {settings.data} (the API's token for this machine: {TOKEN})",
        f"  workflows  {settings.workflows}{missing}",
        f"  sign in    {settings.public_url}/login",
    ]
    if password:
        lines += [f"             as {FIRST} with the password {password} (shown this once; choose your own there)"]
    if settings.broker_url:
        lines += [f"  runs       by workers, with the same settings: start `{_wink()} worker`, as often as you like"]
    if settings.examples:
        lines += [f"  sink       http://{sink.HOST}:{sink.PORT} shows what the examples send out"]
        lines += ["", *_first_steps(engine, made)]
    click.echo("\n".join([*lines, "", LAST_LINE]))
    sys.stdout.flush()


def _first_steps(engine: Engine, made: Sequence[Shown]) -> list[str]:
    named = engine.published.last.workflows  # the password is made by now: no database may keep it from being shown
    known = [spec.name for spec in EXAMPLES if spec.name in named]
    if not known:
        return ["None of the workflows is an example."]
    with_address = [shown for shown in made if shown.full_url]
    start = curl(engine, with_address[0]) if with_address else f"{_wink()} send {known[0]}{_data(engine)}"
    return ["Start a run:", "", f"  {start}", "", "and see it:", "", f"  {_wink()} runs list{_data(engine)}"]


def curl(engine: Engine, shown: Shown) -> str:
    """Return the command line that sends the connector's sample to a trigger whose key is in its address."""
    body = engine.connectors[shown.trigger.connector].sample().body.decode()
    return f"curl {shlex.quote(str(shown.full_url))} -H 'content-type: application/json' -d {shlex.quote(body)}"


def _wink() -> str:
    """Return how this command was called, where its name alone would not be found."""
    return "wink" if shutil.which("wink") else sys.argv[0]


def _data(engine: Engine) -> str:
    """Return the option that names the data folder, where it is not the one that a command would take."""
    data = engine.settings.data
    return "" if load_settings().data == data else f" --data {shlex.quote(str(data))}"
