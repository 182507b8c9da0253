"""``wink new``: begin a workflow or a connector with files that pass all checks."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from engine.cli.options import FOLDER, load_settings
from engine.definitions.kinds import is_slug
from engine.errors import Conflict, Invalid

TEMPLATES = files("engine.cli") / "templates"

#: What stands for the name in the files.
NAME = "__name__"


@click.group()
def new() -> None:
    """Write files to begin with; they pass all checks."""


@new.command("workflow")
@click.argument("name")
@click.option("--into", type=FOLDER, help="Folder to write it to. Default: the workflows folder of the settings.")
def new_workflow(name: str, into: Path | None) -> None:
    """Write NAME.yaml, a workflow to go on from."""
    file = (into or load_settings().workflows) / f"{_slug(name)}.yaml"
    _write(TEMPLATES / "workflow.yaml", file, name)
    click.echo(f"{file} is there. `wink check {file}` says what is wrong in it.")


@new.command("connector")
@click.argument("name")
@click.option("--into", type=FOLDER, default="connectors", show_default=True, help="Folder to write it to.")
def new_connector(name: str, into: Path) -> None:
    """Write the folder NAME, a connector to go on from.

    It holds the manifest, connector.yaml, a setup page, a sample, and vectors: requests to accept and to refuse.
    """
    folder = into / _slug(name)
    if folder.exists():
        raise Conflict(f"{folder} exists already: choose another name, or delete it")
    _copy(TEMPLATES / "connector", folder, name)
    click.echo(f"{folder} is there. Begin with {folder / 'connector.yaml'}. `wink check {folder}` says what is wrong.")


def _slug(name: str) -> str:
    if not is_slug(name):
        raise Invalid(f"{name!r} is no name: write lower-case letters, digits and hyphens")
    return name


def _copy(source: Traversable, folder: Path, name: str) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            _copy(entry, folder / entry.name, name)
        else:
            _write(entry, folder / entry.name, name)


def _write(source: Traversable, file: Path, name: str) -> None:
    """Write a template under its new name; what is there already stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as handle:
            handle.write(source.read_text("utf-8").replace(NAME, name))
    except FileExistsError as error:
        raise Conflict(f"{file} exists already: choose another name, or delete it") from error
