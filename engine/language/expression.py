"""Expressions: compiled once, evaluated over any scope, never raising an error about the data."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from engine.language.compiler import Compiler
from engine.language.explanation import Explanation
from engine.language.frame import Exhausted, Frame, Node
from engine.language.plain import plain_scalar
from engine.language.source import Source, read_source
from engine.language.values import MAX_SHOWN, Path, Scope, Unknown, shorten
from engine.language.walks import plain

__all__ = ["Expression", "Scope", "Unknown", "compile_expression"]

#: Types of result that need no further look.
_READY: Final = frozenset({bool, str, int, type(None), Unknown})


class Expression:
    """A compiled expression."""

    def __init__(self, source: Source) -> None:
        compiler = Compiler(source)
        #: The text and its syntax tree, for whoever judges or rewrites it.
        self.source = source
        self._node = compiler.build(source.tree)
        self._slots = compiler.slots
        self._makes = compiler.makes
        #: As written, without space around it.
        self.text = source.text
        #: Every path that is read, as far as it is written out: ``("event", "data", "finding", "severity")``.
        self.paths: frozenset[Path] = frozenset(compiler.required | compiler.optional)
        #: Those of them that need not be there, since ``default`` or ``exists`` asks.
        self.optional_paths: frozenset[Path] = frozenset(compiler.optional - compiler.required)
        #: Names of the scope that are read: ``event``, ``steps`` ...
        self.names: frozenset[str] = frozenset(str(path[0]) for path in self.paths)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, scope: Scope, now: datetime) -> object:
        """Return the value as plain JSON values, or Unknown. The scope's own values are returned uncopied."""
        return self._evaluate(self._node, Frame(scope, now, self._slots))

    def explain(self, scope: Scope, now: datetime) -> tuple[object, Explanation]:
        """Evaluate, and return the value with the tree of its parts."""
        frame = Frame(scope, now, self._slots)
        notes = frame.parts
        value = self._evaluate(self._traced, frame)
        return value, Explanation(self.text, value, notes[0].parts if notes else [])

    @cached_property
    def _traced(self) -> Node:
        """The same compilation with notes taken; most expressions are never asked to explain."""
        return Compiler(self.source, tracing=True).build(self.source.tree)

    def _evaluate(self, node: Node, frame: Frame) -> object:
        try:
            value = node(frame)
            return value if type(value) in _READY else self._finished(value, frame)
        except (Exhausted, ValueError, ArithmeticError) as error:
            return self._no_value(str(error))
        except RecursionError:
            return self._no_value("the values are nested too deep")

    def _no_value(self, why: str) -> Unknown:
        shown = shorten(self.text, MAX_SHOWN)
        return Unknown(shown, f"`{shown}` has no value: {why}")

    def _finished(self, value: object, frame: Frame) -> object:
        """Return a result as plain JSON values; what was there before the evaluation stays as it is."""
        if self._makes and isinstance(value, list | dict | tuple):
            return plain(value, frame)
        return plain_scalar(value) if isinstance(value, datetime | timedelta) else value


def compile_expression(text: str) -> Expression:
    """Compile an expression.

    Raises:
        ExpressionError: it is not part of the language.
    """
    return Expression(read_source(text))
