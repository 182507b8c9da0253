"""The tree of an evaluation: each part, the values that it saw, and its answer."""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from engine.language.plain import plain_scalar
from engine.language.values import Unknown, phrase, shorten
from engine.words import Answer

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

#: What of a value is shown: enough to see why, not a second copy of the event.
_LONGEST_TEXT: Final = 200
_LONGEST_INSIDE: Final = 60
_MOST_ITEMS: Final = 5
_DEEPEST: Final = 2


class Explanation:
    """One part of an expression with what came of it; the parts that it is made of are below it."""

    __slots__ = ("parts", "text", "value")

    def __init__(self, text: str, value: object, parts: "list[Explanation]") -> None:
        #: The part as its author wrote it.
        self.text = text
        self.value = value
        #: Only what was evaluated: what the answer did not need is not here.
        self.parts = parts

    @property
    def answer(self) -> Answer | None:
        """Return yes, no or unknown, or None when the part has a value of another kind."""
        if isinstance(self.value, Unknown):
            return Answer.UNKNOWN
        if isinstance(self.value, bool):
            return Answer.YES if self.value else Answer.NO
        return None

    def to_json(self) -> dict[str, Json]:
        """Return the tree as JSON values: ``text answer value? reason? parts``, long values cut."""
        tree: dict[str, Json] = {"text": self.text, "answer": self.answer}
        if isinstance(self.value, Unknown):
            tree["reason"] = self.value.reason
        elif self.answer is None:
            tree["value"] = cut(self.value)
        tree["parts"] = [part.to_json() for part in self.parts]
        return tree


def cut(value: object, depth: int = _DEEPEST) -> Json:
    """Return the beginning of a value as JSON values: long texts, long lists and deep parts are cut."""
    if isinstance(value, str):
        return shorten(value, _LONGEST_TEXT if depth == _DEEPEST else _LONGEST_INSIDE)
    if isinstance(value, Mapping):
        return _cut_mapping(value, depth)
    if isinstance(value, list | tuple):
        return [cut(item, depth - 1) for item in value[:_MOST_ITEMS]] if depth else ["…"]
    return _cut_scalar(value)


def _cut_mapping(mapping: Mapping[str, object], depth: int) -> Json:
    if not depth:
        return {"…": "…"}
    entries = islice(mapping.items(), _MOST_ITEMS)
    return {shorten(str(key), _LONGEST_INSIDE): cut(value, depth - 1) for key, value in entries}


def _cut_scalar(value: object) -> Json:
    try:
        return plain_scalar(value)
    except ValueError:
        return phrase(value)
