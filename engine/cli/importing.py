"""``wink import``: bring in workflows from elsewhere."""

import shlex
from pathlib import Path

import click

from engine.cli.known import known_actions
from engine.cli.new import tell_next, write_new
from engine.cli.options import FOLDER, from_here, load_settings
from engine.definitions.blink import import_blink
from engine.definitions.reports import as_text
from engine.errors import Mistakes


@click.group("import")
def import_files() -> None:
    """Write workflows of other systems as Wink's."""


@import_files.command("blink")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", type=FOLDER, help="Folder to write it to. Default: the workflows folder of the settings.")
def blink(file: Path, into: Path | None) -> None:
    """Write the workflow of Blink in FILE as one of Wink, and say with line and column what has no counterpart.

    Steps that have none fail in the new file until you write others. Exit with 1 when anything is left to do.
    """
    try:
        imported = import_blink(file.read_bytes(), actions=known_actions().keys())
    except Mistakes as error:
        click.echo(as_text({str(file): error.mistakes}))
        raise SystemExit(1) from error
    made = (into or from_here(load_settings().workflows)) / f"{imported.identity}.yaml"
    write_new(made, imported.text)
    if imported.left:
        click.echo(as_text({str(file): imported.left}))
    tell_next(
        made,
        f"see to what has no counterpart ({len(imported.left)} listed, also at the top of {made})",
        f"wink check {shlex.quote(str(made))}",
        *(f"wink triggers create {name} --connector blink    (for the same senders)" for name in imported.triggers),
    )
    if imported.left:
        raise SystemExit(1)
