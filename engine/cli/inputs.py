"""Values that a command takes by name, one by one or from a file: inputs of a workflow, fields of an approval."""

from collections.abc import Mapping, Sequence
from typing import BinaryIO

import click

from engine.cli.client import Row, row
from engine.definitions.bodies import read_json
from engine.errors import Rejected, nearest


def read_inputs(word: str, pairs: Sequence[str], file: BinaryIO | None, schemas: Row) -> Mapping[str, object]:
    """Return what was given with ``--<word>`` and ``--<word>s``; schemas: JSON Schemas by name.

    Raises:
        click.BadParameter: it cannot be read, or nothing is asked for by that name.
    """
    return {**_from_file(word, file), **dict(_input(word, pair, schemas) for pair in pairs)}


def _from_file(word: str, file: BinaryIO | None) -> Mapping[str, object]:
    if file is None:
        return {}
    try:
        found = read_json(file.read())
    except Rejected as error:
        raise click.BadParameter(f"{file.name}: {error.detail}", param_hint=f"--{word}s") from error
    if not isinstance(found, dict):
        raise click.BadParameter(f"{file.name} holds no JSON object of {word}s", param_hint=f"--{word}s")
    return found


def _input(word: str, pair: str, schemas: Row) -> tuple[str, object]:
    """Return one value; it is text where text is wanted, else JSON, so that 3 is a number."""
    name, equals, value = pair.partition("=")
    if not equals:
        raise click.BadParameter(f"write NAME=VALUE: {pair!r} has no =", param_hint=f"--{word}")
    if name not in schemas:
        known = f"; there are {', '.join(schemas)}" if schemas else "; none is asked for"
        words = f"there is no {word} {name!r}{nearest(name, schemas) or known}"
        raise click.BadParameter(words, param_hint=f"--{word}")
    if row(schemas[name]).get("type") == "string":
        return name, value
    try:
        return name, read_json(value.encode())
    except Rejected:
        return name, value
