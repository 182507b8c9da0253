"""Walks over whole values, paid from the evaluation's budget: equality, and copies in plain JSON values."""

from collections.abc import Mapping, Sequence

from engine.json_bytes import dump
from engine.language.frame import Frame
from engine.language.plain import plain_scalar
from engine.language.values import Kind, kind_of


def same(left: object, right: object, frame: Frame) -> bool:
    """Say whether two values are equal, all the way down: ``1`` is ``1.0`` and is not ``true``."""
    kind = kind_of(left)
    if kind is not kind_of(right):
        return False
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _same_mappings(left, right, frame)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return _same_lists(left, right, frame)
    return left is right if kind is Kind.OTHER else bool(left == right)


def plain(value: object, frame: Frame) -> object:
    """Copy a value into plain JSON values, within the room that is left.

    A value whose parts are shared a thousandfold is small in memory and endless once it is written down.

    Raises:
        ValueError: JSON has no such value.
    """
    if isinstance(value, str):
        frame.make(len(value))
        return plain_scalar(value)
    if isinstance(value, list | tuple):
        frame.make(1 + len(value))
        return [plain(item, frame) for item in value]
    if isinstance(value, Mapping):
        frame.make(1 + sum(len(str(key)) for key in value))
        return {str(key): plain(item, frame) for key, item in value.items()}
    return plain_scalar(value)


def text_of(value: object, frame: Frame) -> str:
    """Write a value as templates do: text as it is, everything else as JSON.

    Raises:
        ValueError: JSON has no such value.
    """
    if isinstance(value, str):  # as nearly all are
        frame.make(len(value))
        return value
    made = plain(value, frame)
    return made if isinstance(made, str) else dump(made).decode()


def _same_mappings(left: Mapping[str, object], right: Mapping[str, object], frame: Frame) -> bool:
    frame.spend(1)
    frame.read(left)
    return left.keys() == right.keys() and all(same(value, right[key], frame) for key, value in left.items())


def _same_lists(left: Sequence[object], right: Sequence[object], frame: Frame) -> bool:
    frame.spend(1)
    frame.read(left)
    return len(left) == len(right) and all(same(one, other, frame) for one, other in zip(left, right, strict=True))
