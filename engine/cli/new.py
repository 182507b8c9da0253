"""``wink new``: begin a workflow or a connector with files that pass all checks."""

import json
import shlex
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from engine.cli.options import FOLDER, from_here, load_settings
from engine.cli.served import SERVER, look_for_server
from engine.definitions.kinds import is_slug
from engine.errors import Conflict, Invalid, WinkError
from engine.language.yaml12 import load
from engine.settings import Settings

TEMPLATES = files("engine.cli") / "templates"


@click.group()
def new() -> None:
    """Write files to begin with; they pass all checks."""


@new.command("workflow")
@click.argument("name")
@click.option("--into", type=FOLDER, help="Folder to write it to. Default: the workflows folder of the settings.")
def new_workflow(name: str, into: Path | None) -> None:
    """Write NAME.yaml, a workflow to go on from."""
    file = (into or from_here(load_settings().workflows)) / f"{_slug(name)}.yaml"
    _write(TEMPLATES / "workflow.yaml", file, _filling(name))
    tell_next(
        file,
        f"write its steps: {file}",
        f"wink check {shlex.quote(str(file))}",
        f"wink triggers create {name}    (or name a trigger that is there: wink triggers list)",
        f"wink workflows show {name}    (the server at {url} loads the file by itself)"
        if (url := _server(load_settings())) and into is None
        else "wink serve    (when it runs, it has loaded the file by itself)",
    )


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
    _copy(TEMPLATES / "connector", folder, _filling(name))
    tell_next(
        folder,
        f"write down what the vendor says of its webhooks: {folder / 'connector.yaml'}",
        f"put in a delivery as the vendor sends it: {folder / 'samples'}, {folder / 'vectors.yaml'}",
        f"wink check {shlex.quote(str(folder))}",
        "start wink serve anew: it reads connectors when it starts",
    )


def _slug(name: str) -> str:
    if not is_slug(name):
        raise Invalid(f"{name!r} is no name: write lower-case letters, digits and hyphens")
    return name


def _filling(name: str) -> Mapping[str, str]:
    """Return what stands in the templates for what: the name as it is and as YAML's text, and where Wink answers."""
    text = name if load(name).value == name else json.dumps(name)
    settings = load_settings()
    address = settings.public_url if "public_url" in settings.model_fields_set else _server(settings)
    return {"__name__": name, "__text__": text, "__address__": address or settings.public_url}


def _server(settings: Settings) -> str | None:
    """Return where the Wink answers that serves the data folder; it can listen elsewhere than the settings say here."""
    if not (settings.data / SERVER).exists():
        return None
    try:
        served = look_for_server(settings, {})
    except WinkError:
        return None
    return served.url if served else None


def tell_next(made: Path, *steps: str) -> None:
    """Print what is there now, and what to do next."""
    numbered = [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    click.echo("\n".join([f"{made} is there. What to do next:", *numbered]))


def _copy(source: Traversable, folder: Path, filling: Mapping[str, str]) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            _copy(entry, folder / entry.name, filling)
        else:
            _write(entry, folder / entry.name, filling)


def _write(source: Traversable, file: Path, filling: Mapping[str, str]) -> None:
    """Write a template filled in; what is there already stays."""
    text = source.read_text("utf-8")
    for gap, words in filling.items():
        text = text.replace(gap, words)
    write_new(file, text)


def write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises:
        Conflict: it is there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as handle:
            handle.write(text)
    except FileExistsError as error:
        raise Conflict(f"{file} exists already: choose another name, or delete it") from error
