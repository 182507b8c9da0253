"""Rule: what is compared can be compared, as far as the schemas tell; and a condition can be true and can be false."""

import ast
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from engine.definitions.checker_names import Spot
from engine.definitions.remarks import Place
from engine.definitions.schema import TYPE_WORDS
from engine.definitions.scope import Scope, types_at
from engine.language.expression import Expression, Unknown
from engine.language.source import Source
from engine.language.syntax import is_literal, split_path, written_value
from engine.language.values import phrase

#: Two moments: an answer that is the same at both does not depend on the time.
_EARLY, _LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
#: Signs without one of which nothing is compared by order or equality.
_SIGNS = frozenset("<>=")
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_EQUALITY = (ast.Eq, ast.NotEq)
#: Asking for null is a guard: samples that never had it prove nothing.
_NULL = frozenset({"null"})
_ORDERED = frozenset({"string", "number"})
#: The JSON type of each Python type that a literal can have.
_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null", list: "array"}
_Types = frozenset[str]


def check_comparisons(spot: Spot, scope: Scope) -> bool:
    """Note comparisons that can never be answered, and equalities with one answer only; say whether there are any."""
    if _SIGNS.isdisjoint(spot.expression.text):
        return False
    typing, found = _Typing(spot.expression.source, scope), False
    for part, operator, left, right in typing.comparisons():
        if not left or not right:
            continue
        if isinstance(operator, _ORDER) and not left & right & _ORDERED:
            spot.note(part, f"`{part}` compares {_words(left)} with {_words(right)}")
            found = True
        elif isinstance(operator, _EQUALITY) and not left & right and _NULL not in (left, right):
            answer = "false" if isinstance(operator, ast.Eq) else "true"
            message = f"`{part}` is always {answer}: it compares {_words(left)} with {_words(right)}"
            spot.note(part, message, warning=True)
            found = True
    return found


def check_constant(spot: Spot) -> bool:
    """Note a condition that has the same answer whatever happens, or can have none; say whether it is one."""
    if spot.expression.names and _may_fill_in(spot.expression):
        return False
    key = spot.place.path[-1]
    first = spot.expression.evaluate({}, _EARLY)
    if isinstance(first, bool) and spot.expression.evaluate({}, _LATE) is first:
        spot.note("", f"`{key}` is always {str(first).lower()}", warning=True)
    elif not spot.expression.names and isinstance(first, Unknown):
        spot.note("", f"`{key}` can never be answered: {first.reason}")
    elif not spot.expression.names and not isinstance(first, bool):
        spot.note("", f"`{key}` must be true or false, and this is always {phrase(first)}")
    else:
        return False
    return True


def check_cases(spot: Spot, cases: Sequence[tuple[Place, object]], scope: Scope) -> None:
    """Note the cases of a ``switch`` whose value it can never have; cases: each with its place."""
    source = spot.expression.source
    types = _Typing(source, scope).types(source.tree)
    for place, value in cases:
        kind = _TYPES[type(value)]
        if types and kind not in types:
            message = f"this case never runs: `switch` is {_words(types)}, and the case is {_words(frozenset({kind}))}"
            place.wrong_key(message, warning=True)


def _may_fill_in(expression: Expression) -> bool:
    """Tell whether an expression can have a value where a path has none: then the empty scope proves nothing."""
    if "(" not in expression.text and " for " not in expression.text:
        return False
    parts = ast.walk(expression.source.tree)
    return any(isinstance(node, ast.Call | ast.ListComp | ast.GeneratorExp) for node in parts)


def _words(types: _Types) -> str:
    return " or ".join(TYPE_WORDS.get(name, name) for name in sorted(types))


@dataclass(frozen=True, slots=True)
class _Typing:
    """What the schemas tell about the parts of one expression."""

    source: Source
    scope: Scope

    def comparisons(self) -> Iterator[tuple[str, ast.cmpop, _Types, _Types]]:
        """Yield each comparison: its text, and the types that its two sides can have."""
        parts = list(ast.walk(self.source.tree))
        targets = (part.target for part in parts if isinstance(part, ast.comprehension))
        bound = {target.id for target in targets if isinstance(target, ast.Name)}
        for node in parts:
            if isinstance(node, ast.Compare):
                types = [self.types(side, bound) for side in (node.left, *node.comparators)]
                for operator, (left, right) in zip(node.ops, pairwise(types), strict=True):
                    yield self.source.of(node), operator, left, right

    def types(self, node: ast.expr, bound: AbstractSet[str] = frozenset()) -> _Types:
        """Return the types that a part can have; none where nothing tells.

        bound: names of the part's own loops.
        """
        if is_literal(node):
            return frozenset({_TYPES[type(written_value(node, self.source))]})
        base, keys = split_path(node, self.source)
        if not isinstance(base, ast.Name) or base.id in bound:
            return frozenset()
        found = types_at(self.scope.schema, (base.id, *keys))
        return frozenset("number" if name == "integer" else name for name in found)
