"""``wink check``: every mistake in workflow files, without a database or a server."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from engine.cli.known import known_actions
from engine.cli.options import load_settings
from engine.definitions import reports
from engine.definitions.checker import check_workflow
from engine.errors import NotFound
from engine.path.folder import workflow_files

FORMS = {
    "text": reports.as_text,
    "json": reports.as_json,
    "github": reports.as_github,
    "sarif": reports.as_sarif,
}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True, help="For whom.")
def check(paths: Sequence[Path], form: str) -> None:
    """Say what is wrong in workflow files, with line and column; exit with 1 when something is.

    A PATH is a file or a folder of them. Default: the workflows folder of the settings. Warnings are no mistakes.
    """
    actions = known_actions()
    folders = paths or [load_settings().workflows]
    files = list(_files(folders))
    if not files:
        raise NotFound(f"there is no workflow file in {', '.join(map(str, folders))}: name another folder, or a file")
    findings = {
        str(file): check_workflow(file.read_bytes(), file.stem, actions=actions, schemas=_no_schema).mistakes
        for file in files
    }
    if words := FORMS[form](findings):
        click.echo(words)
    wrong = [path for path, mistakes in findings.items() if not all(mistake.warning for mistake in mistakes)]
    if form == "text":
        click.echo(f"{len(files)} checked, {len(wrong)} with mistakes.", err=True)
    if wrong:
        raise SystemExit(1)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        yield from [path] if path.is_file() else workflow_files(path)


def _no_schema(trigger: str, event_type: str) -> None:
    """What the triggers' schemas say is in a database, which a file can be checked without."""
