"""Values that several requests and answers share."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from engine.clock import parse_duration, parse_time, rfc3339
from engine.definitions.kinds import SLUG
from engine.store.search import Span

#: Ids and slugs are shorter than this.
LONGEST_NAME = 200

Item = TypeVar("Item")

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


class Given(BaseModel):
    """A request: what it holds beyond the known fields is a mistake, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _moment(value: object) -> datetime:
    return min(max(parse_time(str(value)), _EARLIEST), _LATEST)


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("write a length of time with its unit, such as 30s, 5m or 2h")  # noqa: TRY004 - pydantic's way
    return parse_duration(value)


#: No column takes a NUL.
_PATTERN = r"^[^\x00]*$"

#: Text that goes into a column.
Text = Annotated[str, StringConstraints(max_length=2_000, pattern=_PATTERN)]
#: An id, a slug, a type.
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=_PATTERN)]
#: A name that is made: the use case says in words what is wrong with another one.
Slug = Annotated[Name, WithJsonSchema(dict(SLUG.schema))]
#: A length of time with its unit, in requests.
Duration = Annotated[
    timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": r"^([0-9]+(ms|s|m|h|d))+$"})
]
#: A moment in requests: RFC 3339.
When = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
#: A moment in answers.
Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
#: A condition: an expression, or rows.
ConditionIn = Annotated[object, WithJsonSchema({"type": ["string", "object", "boolean", "null"]})]


class PageQuery(Given):
    """Which part of a list; cursor: ``next`` of the part before."""

    limit: int = Field(default=50, ge=1, le=500)
    cursor: Name | None = None


class SpanQuery(PageQuery):
    """Which part of a list that has times: from ``since`` to before ``until``."""

    since: When | None = None
    until: When | None = None

    def span(self) -> Span:
        """Return the part as the store takes it."""
        return Span(self.limit, self.cursor, self.since, self.until)


def slice_of(items: Sequence[Item], name: Callable[[Item], str], query: PageQuery) -> tuple[Sequence[Item], str | None]:
    """Return one page of a short list that is sorted by name, and the cursor of the page after it."""
    rest = [item for item in items if query.cursor is None or name(item) > query.cursor]
    page = rest[: query.limit]
    return page, name(page[-1]) if len(rest) > len(page) else None
