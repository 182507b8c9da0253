"""Templates: values with ``${{ expression }}`` in them, compiled once, filled in one pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.errors import ExpressionError, UnknownPath
from engine.language.expression import Expression, compile_expression
from engine.language.frame import Exhausted, Frame
from engine.language.holes import Hole, split_holes
from engine.language.values import Path, Scope, Unknown
from engine.language.walks import text_of

#: Fills in one value of a template.
Fill = Callable[[Scope, datetime], object]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template."""

    #: Every hole: where it is within the value, and what it holds.
    expressions: tuple[tuple[Path, Expression], ...]
    fill: Fill = field(repr=False)

    @property
    def constant(self) -> bool:
        """Whether there is nothing to fill in."""
        return not self.expressions

    def render(self, scope: Scope, now: datetime) -> object:
        """Return the value with its holes filled in; what a hole takes from the scope is not copied.

        Raises:
            UnknownPath: a hole asks for something that is not there.
        """
        return self.fill(scope, now)


def compile_template(value: object) -> Template:
    """Compile a value as YAML gives it: mappings, lists, and texts that may hold holes.

    Raises:
        ExpressionError: a hole cannot be read; its ``path`` and ``column`` say where.
    """
    compiling = _Compiling()
    fill = compiling.value(value, ())
    return Template(tuple(compiling.holes), fill)


class _Compiling:
    """One walk over a value, gathering its holes."""

    def __init__(self) -> None:
        self.holes: list[tuple[Path, Expression]] = []

    def value(self, value: object, path: Path) -> Fill:
        if isinstance(value, Mapping):
            return _mapping({key: self._entry(key, item, path) for key, item in value.items()})
        if isinstance(value, list | tuple):
            return _list([self.value(item, (*path, place)) for place, item in enumerate(value)])
        return self._text(value, path) if isinstance(value, str) else _unchanged(value)

    def _entry(self, key: str, item: object, path: Path) -> Fill:
        if "${{" in key:
            raise ExpressionError("a key cannot hold ${{ }}: only values can", path=path)
        return self.value(item, (*path, key))

    def _text(self, text: str, path: Path) -> Fill:
        try:
            parts = [part if isinstance(part, str) else self._hole(part, path) for part in split_holes(text)]
        except ExpressionError as error:
            raise ExpressionError(error.detail, error.column, path) from error
        if len(parts) == 1 and isinstance(parts[0], Expression):
            return _whole(parts[0])
        if any(isinstance(part, Expression) for part in parts):
            return _mixed(parts)
        return _unchanged("".join(map(str, parts)))

    def _hole(self, hole: Hole, path: Path) -> Expression:
        try:
            expression = compile_expression(hole.text)
        except ExpressionError as error:
            raise ExpressionError(error.detail, hole.column + error.column) from error
        self.holes.append((path, expression))
        return expression


def _unchanged(value: object) -> Fill:
    return lambda _scope, _now: value


def _mapping(fills: Mapping[str, Fill]) -> Fill:
    return lambda scope, now: {key: fill(scope, now) for key, fill in fills.items()}


def _list(fills: Sequence[Fill]) -> Fill:
    return lambda scope, now: [fill(scope, now) for fill in fills]


def _whole(expression: Expression) -> Fill:
    return lambda scope, now: _known(expression, scope, now)


def _mixed(parts: Sequence[str | Expression]) -> Fill:
    def fill(scope: Scope, now: datetime) -> object:
        frame = Frame(scope, now, 0)
        try:
            return "".join([part if isinstance(part, str) else _written(part, frame) for part in parts])
        except (Exhausted, ValueError) as error:
            raise UnknownPath(str(error)) from error

    return fill


def _written(part: Expression, frame: Frame) -> str:
    return text_of(_known(part, frame.scope, frame.now), frame)


def _known(expression: Expression, scope: Scope, now: datetime) -> object:
    value = expression.evaluate(scope, now)
    if isinstance(value, Unknown):
        raise UnknownPath(value.reason)
    return value
