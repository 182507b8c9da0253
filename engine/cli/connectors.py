"""Check the folder of a connector: its manifest, its samples, and the actions that it declares."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from engine.actions.caller import Caller
from engine.actions.client import HttpClient
from engine.actions.declared import declared_actions
from engine.actions.guard import Guard
from engine.authentication.spec import Spec, words
from engine.definitions.catalog import MANIFEST, SENDER, place_in, read_connector
from engine.definitions.connector import Connector
from engine.definitions.manifest import Manifest
from engine.definitions.sample import SampleSpec
from engine.definitions.sender import SenderSpec
from engine.errors import Invalid, Mistake, Mistakes
from engine.language.values import Path as Place
from engine.language.yaml12 import Document, load

#: What to say instead of the validator's own words, by the kind of mistake.
_WORDS = {"missing": "the key is missing", "extra_forbidden": "there is no such key"}


def connector_folders(path: Path) -> list[Path]:
    """Return the folders of connectors that a path names: as one of them, as a file in one, or as the folder above."""
    for folder in path.parents[:2] if path.is_file() else (path,):
        if (folder / MANIFEST).is_file():
            # A connector is called as its folder, and `.` is no name.
            return [folder if folder.name.strip(".") else folder.resolve()]
    return [manifest.parent for manifest in sorted(path.glob(f"*/{MANIFEST}"))]


def check_connector(folder: Path) -> Mapping[str, list[Mistake]]:
    """Return every mistake by the file that it is in; what the files say together is told of the manifest."""
    manifest = folder / MANIFEST
    found = {str(manifest): _mistakes(manifest, Manifest)}
    found |= {str(sample): _mistakes(sample, SampleSpec) for sample in sorted(folder.glob("samples/*.yaml"))}
    if (sender := folder / SENDER).is_file():
        found[str(sender)] = _mistakes(sender, SenderSpec)
    if not any(found.values()):
        found[str(manifest)] = list(_mistakes_together(folder))
    return found


def _mistakes(file: Path, model: type[Spec]) -> list[Mistake]:
    """Return the mistakes of one file, in the order of its lines."""
    try:
        document = load(file.read_bytes())
        model.model_validate(document.value)
    except Mistakes as error:
        return list(error.mistakes)
    except ValidationError as error:
        told = [_told(document, place_in(document, one["loc"]), one["type"], one["msg"]) for one in error.errors()]
        return sorted(told, key=lambda mistake: (mistake.line, mistake.column))
    return []


def _told(document: Document, place: Place, kind: str, message: str) -> Mistake:
    said = _WORDS.get(kind) or words(message)
    return _mistake(document, place, ": ".join(filter(None, (".".join(map(str, place)), said))))


def _mistakes_together(folder: Path) -> Iterator[Mistake]:
    document = load((folder / MANIFEST).read_bytes())
    try:
        connector = read_connector(folder)
    except Invalid as error:
        yield _mistake(document, ("name",), str(error).removeprefix(f"{folder / MANIFEST}: "))
        return
    for action in connector.actions:
        try:
            declared_actions(Caller(HttpClient(Guard()), {}), connector.name, _with_one_action(connector, action))
        except Invalid as error:
            yield _mistake(document, ("actions", action), str(error))


def _with_one_action(connector: Connector, action: str) -> Connector:
    """Return the connector with one of its actions alone: the mistakes of one would hide those of the next."""
    alone = {"actions": {action: connector.actions[action]}}
    return replace(connector, manifest=connector.manifest.model_copy(update=alone))


def _mistake(document: Document, place: Place, message: str) -> Mistake:
    mark = document.key_mark(place)
    return Mistake(mark.line, mark.column, message)
