"""``wink check``: every mistake in workflow files and connectors, without a database or a server."""

from collections.abc import Sequence
from pathlib import Path

import click

from engine.cli.connectors import check_connector, connector_folders
from engine.cli.known import known_actions
from engine.cli.options import from_here, load_settings
from engine.definitions import reports
from engine.definitions.catalog import MANIFEST
from engine.definitions.checker import check_workflow, no_schema
from engine.errors import Invalid, Mistake, NotFound
from engine.path.folder import is_test_file, workflow_files

FORMS = {
    "text": reports.as_text,
    "json": reports.as_json,
    "github": reports.as_github,
    "sarif": reports.as_sarif,
}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="text",
    show_default=True,
    help="How to say it: for people, programs, GitHub's annotations, or code scanning.",
)
def check(paths: Sequence[Path], form: str) -> None:
    """Say what is wrong in workflow files and connectors, with line and column; exit with 1 when something is.

    A PATH is a workflow file, the folder of a connector, or a folder of either. Default: the workflows folder of the
    settings. Warnings are no mistakes. Triggers are not looked for: `wink serve` warns of those that are not there.
    """
    named = paths or [from_here(load_settings().workflows)]
    connectors = {path: connector_folders(path) for path in named}
    findings = _check_workflows([file for path in named for file in _files(path, connectors[path])])
    for folder in {folder: None for path in named for folder in connectors[path]}:
        findings |= check_connector(folder)
    if not findings:
        raise NotFound(f"there is no workflow file in {', '.join(map(str, named))}: name another folder, or a file")
    if words := FORMS[form](findings):
        click.echo(words)
    wrong = [path for path, mistakes in findings.items() if not all(mistake.warning for mistake in mistakes)]
    if form == "text":
        click.echo(f"{len(findings)} checked, {len(wrong)} with mistakes.{_tests_words(named)}", err=True)
    if wrong:
        raise SystemExit(1)


def _files(path: Path, connectors: Sequence[Path]) -> Sequence[Path]:
    """Return the workflow files that a path names; what lies in the folder of a connector is none."""
    if is_test_file(path):
        raise Invalid(f"{path} holds tests of a workflow: `wink test {path}` says what is wrong in it, and runs them")
    if path.is_file():
        return [] if connectors else [path]
    return [] if (path / MANIFEST).is_file() else workflow_files(path)


def _tests_words(paths: Sequence[Path]) -> str:
    """Say how many files of tests are passed over, and what looks into them."""
    number = sum(is_test_file(file) for path in paths for file in path.glob("*.y*ml"))
    return f" {number} test {'file' if number == 1 else 'files'}: wink test" if number else ""


def _check_workflows(files: Sequence[Path]) -> dict[str, Sequence[Mistake]]:
    # Without a workflow nobody asks what its steps can use: a connector that is wrong would stop its own check.
    actions = known_actions() if files else {}
    return {
        str(file): check_workflow(file.read_bytes(), file.stem, actions=actions, schemas=no_schema).mistakes
        for file in files
    }
