"""The catalogue: every folder under ``connectors/``, read and checked when asked for. The only reading of files."""

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from engine.authentication.spec import Spec, words
from engine.definitions.connector import Connector, build_connector
from engine.definitions.manifest import Manifest
from engine.definitions.sample import SampleSpec
from engine.definitions.sender import SenderSpec
from engine.errors import Invalid, Mistakes
from engine.language.values import Path as Place
from engine.language.yaml12 import Document, load
from engine.lazy import Lazy

Read = TypeVar("Read", bound=Spec)

MANIFEST = "connector.yaml"
SENDER = "sender.yaml"


def read_connectors(folder: Path) -> Lazy[Connector]:
    """Return the connectors without mistakes, by name: each is read when it is asked for, as a Wink uses few."""
    names = [path.parent.name for path in sorted(folder.glob(f"*/{MANIFEST}"))]
    return Lazy(dict.fromkeys(names), lambda name: read_connector(folder / name))


def read_connector(folder: Path) -> Connector:
    """Return the connector of one folder.

    What has not changed on disk since it was last read is not compiled again.

    Raises:
        Invalid: a manifest or a sample has mistakes, and the detail names the file and every place; or the folder is
            not called as its connector is.
    """
    return _compiled(folder, tuple(map(_state, sorted(folder.rglob("*")))))


def _state(path: Path) -> tuple[Path, int, int]:
    found = path.stat()
    return path, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1_024)
def _compiled(folder: Path, _: tuple[tuple[Path, int, int], ...]) -> Connector:
    manifest = read_file(folder / MANIFEST, Manifest)
    if manifest.name != folder.name:
        raise Invalid(f"{folder / MANIFEST}: the name is {manifest.name!r}, and the folder {folder.name!r}")
    specs = {path.stem: read_file(path, SampleSpec) for path in sorted(folder.glob("samples/*.yaml"))}
    missing = {each.sample for each in manifest.types.values() if each.sample} - specs.keys()
    if missing:
        raise Invalid(f"{folder / MANIFEST}: there is no samples/{', '.join(sorted(missing))}.yaml")
    setup, sender = folder / "setup.md", folder / SENDER
    return build_connector(
        manifest,
        setup=setup.read_text(encoding="utf-8") if setup.is_file() else "",
        samples={stem: spec.compile() for stem, spec in specs.items()},
        sender=read_file(sender, SenderSpec) if sender.is_file() else None,
    )


def read_file(path: Path, model: type[Read]) -> Read:
    """Read a YAML file into a model.

    Raises:
        Invalid: with the file, and line and column of every mistake; or the file cannot be read.
    """
    try:
        document = load(path.read_bytes())
        return model.model_validate(document.value)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from error
    except Mistakes as error:
        raise Invalid(f"{path}: {error}") from error
    except ValidationError as error:
        raise Invalid(f"{path}: {_located(document, error)}") from error


def _located(document: Document, error: ValidationError) -> str:
    lines = []
    for mistake in error.errors():
        path = place_in(document, mistake["loc"])
        mark = document.key_mark(path)
        lines.append(f"line {mark.line}, column {mark.column}: {'.'.join(map(str, path))}: {words(mistake['msg'])}")
    return "\n".join(lines)


def place_in(document: Document, location: tuple[int | str, ...]) -> Place:
    """Return a place of the file: a model's location also names alternatives, and keys that are missing."""
    place: Place = ()
    for part in location[:-1]:
        if (*place, part) in document.marks:
            place = (*place, part)
    return (*place, *location[-1:])
