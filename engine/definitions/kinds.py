"""What the values in a workflow file can be: how JSON Schema says it, and how each is read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from keyword import iskeyword
from typing import Generic, TypeVar

from engine.clock import parse_duration
from engine.definitions.remarks import did_you_mean
from engine.definitions.schedule import check_cron, check_timezone
from engine.language.condition import compile_condition
from engine.language.expression import Expression, compile_expression
from engine.language.patterns import compile_glob
from engine.language.template import Template, compile_template
from engine.language.values import phrase

T_co = TypeVar("T_co", covariant=True)
Word = TypeVar("Word", bound=StrEnum)
Schema = Mapping[str, object]

#: Longest slug and longest identifier, in characters.
LONGEST_NAME = 80
#: Groups that one ``parallel`` can have, as many as turns of a ``for_each`` can run at once.
MAX_BRANCHES = 100
_SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
_IDENTIFIER = re.compile("[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """One kind of value.

    read: returns what the model holds. Raises ``ExpressionError``, or ``ValueError`` with what goes on a sentence that
    begins with the key: "must be a list of steps, and this is text".
    """

    schema: Schema
    read: Callable[[object], T_co]


def is_slug(text: str) -> bool:
    """Tell whether a text can be a name in an address: lower-case letters and digits, with hyphens between."""
    return len(text) <= LONGEST_NAME and _SLUG.fullmatch(text) is not None


def _refusal(wanted: str, value: object) -> ValueError:
    return ValueError(f"must be {wanted}, and this is {phrase(value)}")


def _no_unit(value: float) -> ValueError:
    return ValueError(f"needs a unit: write {value}s, {value}m, {value}h or {value}d")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _refusal("text", value)
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _glob(value: object) -> str:
    text = _text(value)
    compile_glob(text)
    return text


def _slug(value: object) -> str:
    text = _text(value)
    if not is_slug(text):
        raise ValueError(f"must be lower-case letters, digits and hyphens, at most {LONGEST_NAME}: `{text}` is not")
    return text


def _identifier(value: object) -> str:
    text = _text(value)
    if not _IDENTIFIER.fullmatch(text) or len(text) > LONGEST_NAME:
        better = re.sub("[^A-Za-z0-9_]", "_", text)[:LONGEST_NAME]
        raise ValueError(f"must be letters, digits and underscores, as in `{better}`, so that expressions can name it")
    if iskeyword(text) or text == "on_error":
        raise ValueError(f"cannot be `{text}`, which means something else: write `{text}_`")
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _refusal("true or false", value)
    return value


def _duration(value: object) -> timedelta:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise _no_unit(value)
    length = parse_duration(_text(value))
    if not length:
        raise ValueError("must be longer than nothing")
    return length


def _cron(value: object) -> str:
    text = _text(value)
    check_cron(text)
    return text


def _timezone(value: object) -> str:
    text = _text(value)
    check_timezone(text)
    return text


def _factor(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refusal("a number", value)
    if not 1 <= value <= 10:
        raise ValueError("must be from 1 to 10")
    return float(value)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _refusal("a mapping", value)
    return value


def _mapping_template(value: object) -> Template:
    return compile_template(_mapping(value))


def _list_template(value: object) -> Template:
    template = compile_template(value)
    if not isinstance(value, list) and (template.constant or not isinstance(value, str)):
        raise _refusal("a list, or an expression that gives one, as in ${{ event.data.items }}", value)
    return template


def _continue_or_mapping(value: object) -> Mapping[str, object]:
    if value == "continue":
        return {}
    if not isinstance(value, dict) or not value:
        raise _refusal("`continue`, or a mapping with `steps` and `then`", value)
    return value


def _text_template(value: object) -> Template:
    template = compile_template(_text(value))
    if template.constant:
        raise ValueError("is the same for every run: write an expression, as in `${{ event.data.account }}`")
    return template


def _steps(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise _refusal("a list of steps", value)
    if not value:
        raise ValueError("is empty: write at least one step, or leave it out")
    return value


def _branches(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise _refusal("a list of groups, each with `id` and `steps`", value)
    if not 1 <= len(value) <= MAX_BRANCHES:
        raise ValueError(f"takes from 1 to {MAX_BRANCHES} groups, and these are {len(value)}")
    return value


def _cases(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _refusal("a mapping from values to steps", value)
    if not value:
        raise ValueError("is empty: write at least one case")
    return value


def _expression(value: object) -> Expression:
    if not isinstance(value, str):
        raise _refusal("an expression", value)
    return compile_expression(value)


def whole(least: int, most: int) -> Kind[int]:
    """Return the kind of whole numbers in a range."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refusal("a whole number", value)
        if not least <= value <= most:
            raise ValueError(f"must be from {least} to {most}")
        return value

    return Kind({"type": "integer", "minimum": least, "maximum": most}, read)


def choice(words: type[Word]) -> Kind[Word]:
    """Return the kind of values that are one of the words."""
    known = [word.value for word in words]

    def read(value: object) -> Word:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}{did_you_mean(str(value), known)}")
        return words(value)

    return Kind({"enum": known}, read)


def several(one: Kind[T_co]) -> Kind[tuple[T_co, ...]]:
    """Return the kind of values that are one thing or a list of them."""

    def read(value: object) -> tuple[T_co, ...]:
        if value == []:
            raise ValueError("must not be an empty list")
        return tuple(map(one.read, value if isinstance(value, list) else [value]))

    return Kind({"anyOf": [one.schema, {"type": "array", "items": one.schema, "minItems": 1}]}, read)


TEXT = Kind({"type": "string", "minLength": 1}, _text)
GLOB = Kind(TEXT.schema, _glob)
SLUG = Kind({"type": "string", "pattern": f"^{_SLUG.pattern}$", "maxLength": LONGEST_NAME}, _slug)
IDENTIFIER = Kind({"type": "string", "pattern": f"^{_IDENTIFIER.pattern}$", "maxLength": LONGEST_NAME}, _identifier)
FLAG = Kind({"type": "boolean"}, _flag)
DURATION = Kind({"type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$"}, _duration)
CRON = Kind(TEXT.schema, _cron)
TIMEZONE = Kind(TEXT.schema, _timezone)
FACTOR = Kind({"type": "number", "minimum": 1, "maximum": 10}, _factor)
MAPPING = Kind({"type": "object"}, _mapping)
VALUES = Kind({"type": "object"}, _mapping_template)
ITEMS = Kind({"anyOf": [{"type": "array"}, {"$ref": "#/$defs/hole"}]}, _list_template)
TEXT_TEMPLATE = Kind(TEXT.schema, _text_template)
CONDITION = Kind({"$ref": "#/$defs/condition"}, compile_condition)
CONTINUE_OR_MAPPING = Kind({"$ref": "#/$defs/on_error"}, _continue_or_mapping)
STEPS = Kind({"$ref": "#/$defs/steps"}, _steps)
BRANCHES = Kind({"$ref": "#/$defs/branches"}, _branches)
CASES = Kind({"type": "object", "minProperties": 1, "additionalProperties": STEPS.schema}, _cases)
EXPRESSION = Kind({"type": "string", "minLength": 1}, _expression)
