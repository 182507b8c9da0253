"""How manifests are read: models that check what was written and describe themselves as JSON Schema."""

from datetime import timedelta
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError, WithJsonSchema

from engine.clock import parse_duration
from engine.errors import Invalid

Read = TypeVar("Read")

_DURATION_SCHEMA = {"type": "string", "pattern": r"^(\d+(ms|[smhd]))+$", "examples": ["30s", "5m"]}


def _duration(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else parse_duration(str(value))


#: A length of time with its unit, as manifests and workflows write it.
Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema(_DURATION_SCHEMA)]


class Spec(BaseModel):
    """A part of a manifest. Unknown keys and values of another type are mistakes: a typo must not weaken a proof."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


def by_name(value: object) -> object:
    """Return a part that was written as its name alone as the mapping that it stands for."""
    return {"name": value} if isinstance(value, str) else value


def one_or_more(value: object) -> object:
    """Return what was written alone as the list that it stands for."""
    return value if isinstance(value, list) else [value]


def read_spec(adapter: TypeAdapter[Read], value: object, where: str) -> Read:
    """Check a value against a model.

    Raises:
        Invalid: with every mistake and its place, which starts with ``where``.
    """
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise Invalid(mistakes_of(error, where), where) from error


def mistakes_of(error: ValidationError, where: str) -> str:
    """Return every mistake with its place, in words, without the values: they may be secrets."""
    return "; ".join(f"{'.'.join(map(str, (where, *found['loc'])))}: {words(found['msg'])}" for found in error.errors())


def words(message: str) -> str:
    """Return a validator's message without what pydantic puts before it."""
    return message.removeprefix("Value error, ")
