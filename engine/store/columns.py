"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from engine import json_bytes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Bulk(TypeDecorator[Any]):
    """A type that binds a whole column at once: a call for each value costs more than what it does."""

    __abstract__ = True

    def bind_all(self, values: Sequence[Any]) -> Sequence[object]:
        """Return the values as the driver takes them."""
        raise NotImplementedError

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        return self.bind_all((value,))[0]


class Moment(Bulk):
    """An aware datetime, stored as microseconds since 1970 so that both databases order and compare it alike."""

    impl = BigInteger
    cache_ok = True

    def bind_all(self, values: Sequence[datetime | None]) -> Sequence[object]:
        return [None if value is None else (value - EPOCH) // MICROSECOND for value in values]

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(Bulk):
    """A JSON value, stored as bytes: PostgreSQL's text and jsonb refuse the NUL character, which is valid JSON.

    None is SQL NULL; JSON's null inside a list or mapping stays what it is.
    """

    impl = LargeBinary
    cache_ok = True

    def bind_all(self, values: Sequence[object]) -> Sequence[object]:
        return json_bytes.dump_all(values)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> object:
        return None if value is None else json_bytes.parse(bytes(value))


class Word(Bulk):
    """One of the words of an enumeration, stored as plain text: PostgreSQL's driver would store its Python name."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def bind_all(self, values: Sequence[str | None]) -> Sequence[object]:
        return [None if value is None else str(value) for value in values]

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)
