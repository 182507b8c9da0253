"""The functions that do more than take values: they decide which of their arguments are evaluated, and how."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import ExpressionError
from engine.language.frame import Frame, Node
from engine.language.loops import Stream, quantifier
from engine.language.values import Unknown


class Building(Protocol):
    """What a form needs of the compiler."""

    def build(self, node: ast.expr) -> Node:
        """Compile a part."""
        ...

    def build_optional(self, node: ast.expr) -> Node:
        """Compile a part whose paths may be missing without anybody being told."""
        ...

    def build_stream(self, node: ast.expr, *, neutral: bool | None) -> Stream:
        """Compile a list so that its items are evaluated one by one."""
        ...

    def element_text(self, node: ast.expr) -> str:
        """Return the text of what a comprehension yields, or of the list itself."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """A function that the compiler builds instead of calling it."""

    name: str
    doc: str
    example: str
    result: str
    signature: str
    build: Callable[[Building, Sequence[ast.expr]], Node]
    #: How many arguments it takes.
    arity: int

    def takes(self, count: int) -> bool:
        """Say whether it can be called with that many arguments."""
        return count == self.arity


def form(signature: str, example: str, result: str) -> Callable[[Callable[[Building, Sequence[ast.expr]], Node]], Form]:
    """Make a form of a function that builds it, with the function's docstring as its line of documentation."""

    def make(build: Callable[[Building, Sequence[ast.expr]], Node]) -> Form:
        name = build.__name__.rstrip("_")
        return Form(name, build.__doc__ or "", example, result, signature, build, 1 + signature.count(","))

    return make


@form("default(path, value)", "default(event.data.severity, 'low')", "'low'")
def default(building: Building, arguments: Sequence[ast.expr]) -> Node:
    """The first value, or the second where the first is unknown; null is a value."""
    value, fallback = building.build_optional(arguments[0]), building.build(arguments[1])

    def node(frame: Frame) -> object:
        found = value(frame)
        return fallback(frame) if isinstance(found, Unknown) else found

    return node


@form("exists(path)", "exists(event.data.severity)", "false")
def exists(building: Building, arguments: Sequence[ast.expr]) -> Node:
    """Whether the path is there, be it null."""
    if not isinstance(arguments[0], ast.Name | ast.Attribute | ast.Subscript):
        raise ExpressionError("exists() takes a path, such as event.data.severity", arguments[0].col_offset)
    value = building.build_optional(arguments[0])
    return lambda frame: not isinstance(value(frame), Unknown)


@form("any(list)", "any(n > 2 for n in [1, 2, 3])", "true")
def any_(building: Building, arguments: Sequence[ast.expr]) -> Node:
    """Whether at least one item is true; true settles it, whatever is unknown."""
    stream = building.build_stream(arguments[0], neutral=False)
    return quantifier(stream, building.element_text(arguments[0]), settled_by=True)


@form("all(list)", "all(n > 2 for n in [1, 2, 3])", "false")
def all_(building: Building, arguments: Sequence[ast.expr]) -> Node:
    """Whether no item is false; false settles it, whatever is unknown."""
    stream = building.build_stream(arguments[0], neutral=True)
    return quantifier(stream, building.element_text(arguments[0]), settled_by=False)
