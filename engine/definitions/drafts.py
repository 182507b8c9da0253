"""How one delivery becomes events: the ``event`` part of a manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field

from engine.authentication.request import Inbound
from engine.authentication.spec import Spec
from engine.clock import parse_time
from engine.definitions.asking import Asked, compile_asked, scope_of, split_hole
from engine.errors import ExpressionError, Rejected, UnknownPath
from engine.language.expression import Expression
from engine.language.template import Template, compile_template
from engine.language.values import Unknown
from engine.words import Reason

#: The longest type or id of an event, in characters: what the tables index.
LONGEST_NAME = 512

#: More events than this in one delivery are no batch of any vendor.
MAX_EVENTS = 10_000

WHOLE_BODY = "${{ body }}"

#: Instead of an expression: a hash of the raw body.
BODY = "body"


class EventDraft(NamedTuple):
    """One event of a delivery, before it has an id of ours."""

    type: str
    #: What the vendor tells two events apart by; None where each delivery is an event of its own.
    key: str | None
    time: datetime | None
    data: object
    #: Whether the data is all of a JSON body, so that the raw bytes serve as its JSON.
    whole_body: bool


@dataclass(frozen=True, slots=True)
class TypeRule:
    """What an event is called: the connector's name, a dot, and the vendor's word for it."""

    prefix: str
    #: The vendor's word; None where there is but one type.
    word: Expression | None
    #: The word of an event that does not say what it is.
    untyped: str

    def find(self, scope: Mapping[str, object], now: datetime) -> str:
        """Return the type of an event."""
        word = self.word.evaluate(scope, now) if self.word else None
        return f"{self.prefix}{word}" if isinstance(word, str) and word else self.prefix + self.untyped


@dataclass(frozen=True, slots=True)
class EventRules:
    """A compiled ``event``."""

    type: TypeRule
    #: Tried in order, until one has an answer; None stands for a hash of the raw body.
    keys: tuple[Expression | None, ...]
    time: Expression | None
    #: None for the whole body.
    data: Template | None
    each: Expression | None
    #: The names that any of these asks for.
    names: frozenset[str]

    def drafts(self, request: Inbound, body: object, *, is_json: bool) -> Sequence[EventDraft]:
        """Return the events of a delivery.

        Raises:
            Rejected: MALFORMED_BODY, the body does not hold what the vendor says it does.
        """
        scope = scope_of(request, body, self.names)
        if self.each is None:
            return (self._draft(request, scope, whole_body=is_json and self.data is None),)
        items = enumerate(self._items(request, scope))
        return [self._draft(request, {**scope, "item": item}, index=index) for index, item in items]

    def _items(self, request: Inbound, scope: Mapping[str, object]) -> Sequence[object]:
        items = self.each.evaluate(scope, request.received_at) if self.each else None
        if isinstance(items, Unknown):
            raise _malformed(items.reason)
        if not isinstance(items, list) or len(items) > MAX_EVENTS:
            raise _malformed(f"the events should be a list of at most {MAX_EVENTS}")
        return items

    def _draft(
        self, request: Inbound, scope: Mapping[str, object], *, index: int | None = None, whole_body: bool = False
    ) -> EventDraft:
        now = request.received_at
        key = self._key(request, scope, index)
        return EventDraft(
            type=_checked("type", self.type.find(scope, now)),
            key=None if key is None else _checked("id", key),
            time=_moment(self.time.evaluate(scope, now)) if self.time else None,
            data=self._data(scope, now),
            whole_body=whole_body,
        )

    def _key(self, request: Inbound, scope: Mapping[str, object], index: int | None) -> str | None:
        """Return the vendor's id; one that all events of a delivery share says which of them this is."""
        for expression in self.keys:
            value = expression.evaluate(scope, request.received_at) if expression else sha256(request.body).hexdigest()
            if type(value) is int or (isinstance(value, str) and value):  # `True` is an int, and no id
                is_own = index is None or (expression is not None and "item" in expression.names)
                return str(value) if is_own else f"{value}#{index}"
        return None

    def _data(self, scope: Mapping[str, object], now: datetime) -> object:
        if self.data is None:
            return scope["body"]
        try:
            return self.data.render(scope, now)
        except UnknownPath as error:
            raise _malformed(error.detail) from error

    def with_key(self, text: str) -> Self:
        """Return the rules with another answer to what makes two events the same.

        Raises:
            ValueError: the expression cannot be read.
        """
        keys = (_key(text),)
        return replace(self, keys=keys, names=self.names.union(*(key.names for key in keys if key)))


def _malformed(words: str) -> Rejected:
    return Rejected(Reason.MALFORMED_BODY, words)


def _checked(what: str, text: str) -> str:
    """Refuse what the tables refuse: PostgreSQL's text holds no NUL, and an index no endless name."""
    if len(text) > LONGEST_NAME or "\0" in text:
        raise _malformed(f"the {what} of the event is longer than {LONGEST_NAME} characters, or holds a NUL")
    return text


def _moment(value: object) -> datetime | None:
    """Return a vendor's time: a moment, ISO 8601 text, or seconds since 1970; None when it is none of these."""
    try:
        if isinstance(value, str):
            return parse_time(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return value if isinstance(value, datetime) else None


def _key(text: str) -> Expression | None:
    return None if text.strip() == BODY else compile_asked(text)


def _key_compiles(text: str) -> str:
    _key(text)
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value or []


def _data_compiles(value: object) -> object:
    try:
        compile_template(value)
    except ExpressionError as error:
        raise ValueError(str(error)) from error
    return value


def _type_compiles(text: str) -> str:
    split = split_hole(text)
    if split:
        compile_asked(split[1])
    elif "$" in text:
        raise ValueError("write the connector's name, a dot, and the vendor's word in ${{ }} or as it is")
    return text


Key = Annotated[str, AfterValidator(_key_compiles)]


class EventSpec(Spec):
    """How a delivery becomes events. Expressions see ``method headers query body``, with ``each`` also ``item``."""

    #: The list that holds the events, where one delivery holds several.
    each: Asked | None = None
    #: The connector's name and a dot, then the vendor's word for the event in ``${{ }}``, or one word for all.
    type: Annotated[str, AfterValidator(_type_compiles)]
    #: The word for an event that does not say what it is.
    untyped: str = "unknown"
    #: What tells two events apart; of a list, the first that is there. ``body`` is a hash of the raw body: right only
    #: where the bodies of two events cannot be equal. None: each delivery is an event of its own.
    id: Annotated[list[Key], BeforeValidator(_listed, json_schema_input_type=Key | list[Key] | None)] = Field(
        default_factory=list
    )
    time: Asked | None = None
    data: Annotated[object, AfterValidator(_data_compiles)] = WHOLE_BODY
    source: str | None = None

    def compile(self) -> EventRules:
        """Return the rules."""
        split = split_hole(self.type)
        prefix, _, only = self.type.rpartition(".")
        word = compile_asked(split[1]) if split else None
        each, time = (compile_asked(text) if text else None for text in (self.each, self.time))
        data = None if self.data == WHOLE_BODY else compile_template(self.data)
        keys = tuple(map(_key, self.id))
        asked = [expression for expression in (word, each, time, *keys) if expression]
        holes = [expression for _, expression in data.expressions] if data else []
        return EventRules(
            type=TypeRule(split[0] if split else f"{prefix}.", word, self.untyped if split else only),
            keys=keys,
            time=time,
            data=data,
            each=each,
            names=frozenset().union(*(expression.names for expression in (*asked, *holes))),
        )
