"""What a list is asked for: the fields of its form as they were typed, read as the API reads the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, ValidationError

from engine.errors import NotFound
from engine.store.search import Page
from web.pages.forms import Errors, sentence

Query = TypeVar("Query", bound=BaseModel)
Line = TypeVar("Line")

_WORDS = {
    "string_too_long": "This is too long: at most {max_length} characters.",
    "string_pattern_mismatch": "This holds a NUL character, which no text here has.",
    "value_error": "Write a time, such as 2026-01-31T12:00.",
    "enum": "Choose one of those in the list.",
    "bool_parsing": "Choose one of those in the list.",
}


@dataclass(frozen=True, slots=True)
class Listing(Generic[Line]):
    """A part of a list, and the form that asked for it; found: None where a field is wrong."""

    typed: Mapping[str, str]
    errors: Errors
    found: Page[Line] | None

    @property
    def path(self) -> str:
        """The address of the list without any filter."""
        return request.path

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return 422 if self.errors else 200

    @property
    def items(self) -> Sequence[Line]:
        """The lines of this part."""
        return self.found.items if self.found else ()

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the newest of all was asked for."""
        return any(value for name, value in self.typed.items() if name != "cursor")

    @property
    def is_first(self) -> bool:
        """Whether this is the newest part, the one that changes."""
        return not self.typed["cursor"]

    @property
    def is_short(self) -> bool:
        """Whether nothing may be on this part although there is a next one: it was looked for, not looked up."""
        return self.found is not None and self.found.next is not None and not self.found.items

    @property
    def newest(self) -> str:
        """The address of the newest part."""
        return self._address(cursor="")

    @property
    def older(self) -> str | None:
        """The address of the part below this one; None at the end."""
        return self._address(cursor=self.found.next) if self.found and self.found.next else None

    @property
    def part(self) -> str:
        """The address of the list without the page around it."""
        return self._address(part="list")

    def _address(self, **more: str) -> str:
        given = {name: value for name, value in {**self.typed, **more}.items() if value}
        return f"{request.path}?{urlencode(given)}" if given else request.path


def listing(model: type[Query], names: Sequence[str], find: Callable[[Query], Page[Line]]) -> Listing[Line]:
    """Return what the present request asks for; an empty field asks for nothing, and others are not looked at."""
    typed = {name: request.args.get(name, "") for name in (*names, "cursor")}
    try:
        return Listing(typed, {}, find(model.model_validate({key: value for key, value in typed.items() if value})))
    except ValidationError as error:
        return Listing(typed, {str(each["loc"][0]): _words(each) for each in error.errors()}, None)
    except NotFound as error:  # only a trigger is looked up by its name
        return Listing(typed, {"trigger": sentence(error.detail)}, None)


def options(words: Iterable[str], given: str) -> list[tuple[str, str]]:
    """Return what a choice offers: any of the words, and what was given, also where there is no such word."""
    offered = dict.fromkeys([*words, *([given] if given else [])])
    return [("", "Any"), *((str(word), str(word).replace("_", " ")) for word in offered)]


def is_part(name: str) -> bool:
    """Tell whether a page's script asks for that part of it alone."""
    return request.args.get("part") == name


def _words(error: Mapping[str, object]) -> str:
    words, context = _WORDS.get(str(error["type"])), error.get("ctx")
    return f"{error['msg']}." if words is None else words.format(**context if isinstance(context, dict) else {})
