"""What a function of the language is: a Python function whose annotations say which values it takes."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from engine.language.frame import Frame
from engine.language.values import KINDS, PHRASES, Kind

Number = int | float
Items = list[object]
Entries = Mapping[str, object]
#: A time, or text that names one.
Moment = datetime | str
#: A length of time, or text that names one.
Length = timedelta | str

#: Tells whether a value that is written into the expression can be used at all; it raises ValueError if not.
Check = Callable[[Any], object]

ANYTHING: Final = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes in one place."""

    name: str
    kinds: frozenset[Kind]
    #: Judges a literal when the expression is compiled, long before there is an event.
    check: Check | None

    @property
    def phrase(self) -> str:
        """Return what it takes as it stands in a sentence."""
        return " or ".join(PHRASES[kind] for kind in Kind if kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Function:
    """A pure function that expressions can call."""

    name: str
    #: One line for people.
    doc: str
    #: A call, and an expression that it equals: a test, and what the reference shows.
    example: str
    result: str
    #: Called with the values, all of fitting kinds and none unknown; ValueError makes the result unknown.
    run: Callable[..., object]
    takes_frame: bool
    parameters: tuple[Parameter, ...]
    #: How many values must be given.
    required: int
    #: Whether the last parameter takes any number of values.
    variadic: bool
    #: Kinds that the result can have.
    kinds: frozenset[Kind]

    @property
    def signature(self) -> str:
        """Return how it is called: ``round(number, digits?)``."""
        names = [p.name if at < self.required else f"{p.name}?" for at, p in enumerate(self.parameters)]
        return f"{self.name}({', '.join(names)}{', ...' if self.variadic else ''})"

    def parameter(self, place: int) -> Parameter:
        """Return what is taken in a place, counted from 0."""
        return self.parameters[min(place, len(self.parameters) - 1)]

    def takes(self, count: int) -> bool:
        """Say whether the function can be called with that many values."""
        return self.required <= count and (self.variadic or count <= len(self.parameters))


def function(example: str, result: str) -> Callable[[Callable[..., object]], Function]:
    """Make a function of the language from a Python one, named alike but for an underscore at the end."""

    def make(run: Callable[..., object]) -> Function:
        hints = get_type_hints(run, include_extras=True)
        returned = _kinds(hints.pop("return"))
        takes_frame = hints.pop("frame", None) is Frame
        given = [p for name, p in inspect.signature(run).parameters.items() if name in hints]
        return Function(
            name=run.__name__.rstrip("_"),
            doc=inspect.getdoc(run) or "",
            example=example,
            result=result,
            run=run,
            takes_frame=takes_frame,
            parameters=tuple(Parameter(p.name, _kinds(hints[p.name]), _check(hints[p.name])) for p in given),
            required=sum(p.default is p.empty for p in given),
            variadic=any(p.kind is p.VAR_POSITIONAL for p in given),
            kinds=returned,
        )

    return make


def _kinds(hint: object) -> frozenset[Kind]:
    """Return the kinds of value that a type annotation covers."""
    if hint is object:
        return ANYTHING
    if get_origin(hint) is Annotated:
        return _kinds(get_args(hint)[0])
    kind = KINDS.get(get_origin(hint) or hint)  # type: ignore[arg-type]  # what is no key is not found
    return frozenset({kind}) if kind else frozenset().union(*map(_kinds, get_args(hint)))


def _check(hint: object) -> Check | None:
    check: Check | None = get_args(hint)[1] if get_origin(hint) is Annotated else None
    return check
