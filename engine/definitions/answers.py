"""Which answers a condition can have: the evaluator itself is asked about values that stand for all others.

Parts that compare a path with known values are looked into; any other part, such as a call, is taken for a value that
nobody knows. So what is found to be impossible is impossible, and not all that is impossible is found.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise, product
from math import prod
from typing import Final

from engine.definitions.regions import MISSING, Compared, Domain, domain_at
from engine.language.expression import Expression
from engine.language.forms import Form
from engine.language.functions import FUNCTIONS
from engine.language.source import Source
from engine.language.syntax import WORDS, is_literal, split_path, written_value
from engine.language.values import Kind, Path

#: Combinations of values that one condition is asked about; beyond them nobody knows.
MOST_COMBINATIONS: Final = 1_024
_ORDER: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_NOW: Final = datetime(2000, 1, 1, tzinfo=UTC)
_BOOLEAN: Final = Domain(frozenset({Kind.BOOLEAN}))

#: True and false where a condition can answer so; None where it can have no answer, left out where it can say both.
Answers = frozenset[bool | None]


@dataclass(slots=True, eq=False)
class Atom:
    """A part that is taken for a value; wherever it stands in the condition, it is the same one."""

    name: str
    domain: Domain
    #: Where the value is, None of one that is calculated.
    path: Path | None
    compared: Compared = field(default_factory=Compared)

    @property
    def representatives(self) -> list[object]:
        """Return values that stand for all that it can have."""
        return self.domain.representatives(self.compared)


@dataclass(frozen=True, slots=True)
class Part:
    """A comparison, or whatever else stands between ``and``, ``or`` and ``not``."""

    #: As it is written.
    text: str
    #: The same with names for its atoms.
    expression: Expression
    atoms: Sequence[Atom]
    #: Whether it is written out, such as ``true``.
    literal: bool


class Question:
    """A condition taken apart."""

    def __init__(self, source: Source, schema: object) -> None:
        """Take it apart; schema: what is told of the whole scope."""
        self._source = source
        self._schema = schema
        self._atoms: dict[object, Atom] = {}
        self.parts: list[Part] = []
        #: How often the evaluator was asked.
        self.asked = 0
        self._whole = self._expression(self._judged(source.tree))

    def answers(self) -> Answers | None:
        """Return the answers that are possible, None where there is too much to look at."""
        return self._answers(self._whole, {atom.name: self._distinct(atom) for atom in self._atoms.values()})

    def answers_of(self, part: Part) -> Answers | None:
        """Return the answers that a part can have, whatever the others say."""
        return self._answers(part.expression, {atom.name: atom.representatives for atom in part.atoms})

    def _distinct(self, atom: Atom) -> Sequence[object]:
        """Return the values of an atom without those that make no difference to any part."""
        values, parts = atom.representatives, [part for part in self.parts if atom in part.atoms]
        if any(len(part.atoms) > 1 for part in parts):
            return values
        found = {tuple(self._answer(part.expression, {atom.name: one}) for part in parts): one for one in values}
        return list(found.values())

    def _judged(self, node: ast.expr) -> ast.expr:
        """Return a part that is asked for yes or no, with names for its atoms."""
        match node:
            case ast.BoolOp():
                return ast.copy_location(ast.BoolOp(node.op, [self._judged(one) for one in node.values]), node)
            case ast.UnaryOp(op=ast.Not()):
                return ast.copy_location(ast.UnaryOp(node.op, self._judged(node.operand)), node)
        built = self._valued(node, Compared())
        names = {one.id for one in ast.walk(built) if isinstance(one, ast.Name)}
        atoms = [atom for atom in self._atoms.values() if atom.name in names]
        self.parts.append(Part(self._source.of(node), self._expression(built), atoms, is_literal(node)))
        return built

    def _valued(self, node: ast.expr, compared: Compared) -> ast.expr:
        """Return a part that is asked for its value; compared: what with."""
        match node:
            case _ if is_literal(node):
                return node
            case ast.Compare() if self._is_known(node):
                return self._comparison(node)
            case ast.Call(func=ast.Name(id="default"), args=[one, other]):
                arguments = [self._valued(part, compared) for part in (one, other)]
                return ast.copy_location(ast.Call(node.func, arguments, []), node)
            case ast.Call(func=ast.Name(id="exists"), args=[one]):
                return ast.copy_location(ast.Call(node.func, [self._valued(one, Compared())], []), node)
        atom = self._atom(node)
        atom.compared |= compared
        return ast.copy_location(ast.Name(atom.name, ast.Load()), node)

    def _is_known(self, node: ast.Compare) -> bool:
        """Tell whether each of two neighbours is compared with a value that is written out."""
        sides = pairwise([node.left, *node.comparators])
        return all(_is_known_pair(sign, *pair) for sign, pair in zip(node.ops, sides, strict=True))

    def _comparison(self, node: ast.Compare) -> ast.expr:
        sides = [node.left, *node.comparators]
        compared = [Compared() for _ in sides]
        for at, (sign, (left, right)) in enumerate(zip(node.ops, pairwise(sides), strict=True)):
            compared[at] |= self._written(sign, right)
            compared[at + 1] |= self._written(sign, left)
        first, *rest = (self._valued(side, beside) for side, beside in zip(sides, compared, strict=True))
        return ast.copy_location(ast.Compare(first, node.ops, rest), node)

    def _written(self, sign: ast.cmpop, node: ast.expr) -> Compared:
        """Return what the other side of a comparison is compared with; ``in`` compares with each item."""
        if not is_literal(node):
            return Compared()
        value = written_value(node, self._source)
        items = value if isinstance(sign, ast.In | ast.NotIn) and isinstance(value, list) else [value]
        return Compared(items, isinstance(sign, _ORDER))

    def _atom(self, node: ast.expr) -> Atom:
        base, keys = split_path(node, self._source)
        path = (base.id, *keys) if isinstance(base, ast.Name) and base.id not in WORDS else None
        key: object = path or self._source.of(node)
        if key not in self._atoms:
            domain = domain_at(self._schema, path) if path else _calculated(node)
            # No key of the language has a space in it, so that no name of the author's is the same.
            self._atoms[key] = Atom(f"part {len(self._atoms)}", domain, path)
        return self._atoms[key]

    def _expression(self, tree: ast.expr) -> Expression:
        return Expression(Source(self._source.text, tree, self._source.quoted))

    def _answers(self, expression: Expression, values: Mapping[str, Sequence[object]]) -> Answers | None:
        if prod(map(len, values.values())) > MOST_COMBINATIONS:
            return None
        found: set[bool | None] = set()
        for chosen in product(*values.values()):
            found.add(self._answer(expression, dict(zip(values, chosen, strict=True))))
            if {True, False} <= found:
                break
        return frozenset(found)

    def _answer(self, expression: Expression, scope: Mapping[str, object]) -> bool | None:
        self.asked += 1
        there = {name: value for name, value in scope.items() if value is not MISSING}
        value = expression.evaluate(there, _NOW)
        return value if isinstance(value, bool) else None


def _is_known_pair(sign: ast.cmpop, left: ast.expr, right: ast.expr) -> bool:
    if isinstance(sign, ast.In | ast.NotIn):
        return isinstance(right, ast.List) and is_literal(right)
    return is_literal(left) or is_literal(right)


def _calculated(node: ast.expr) -> Domain:
    if isinstance(node, ast.Compare):
        return _BOOLEAN
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return Domain()
    function = FUNCTIONS[node.func.id]
    return _BOOLEAN if isinstance(function, Form) else Domain(function.kinds)
