"""From syntax tree to closures: each part becomes one function of a frame, bound to its operands once."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from engine.errors import ExpressionError
from engine.language.arithmetic import OPERATORS, arithmetic, negative
from engine.language.calls import call_node, check_literals, find_function
from engine.language.comparison import COMPARES, comparison
from engine.language.displays import constant, list_display, mapping_display
from engine.language.forms import Form
from engine.language.frame import Node
from engine.language.functions import FUNCTIONS
from engine.language.logic import choice, junction, negation
from engine.language.loops import Stream, Turns, each, items_of, listing, loop, single
from engine.language.paths import local_value, part_by_value, path_below, scope_path
from engine.language.source import Source
from engine.language.syntax import WORDS, is_literal, literal, loop_name, size_of, split_path, written_value
from engine.language.tracing import traced
from engine.language.values import MAX_SHOWN, Path, shorten

MAX_DEPTH: Final = 32


class Compiler:
    """Compiles one expression and notes what it reads."""

    def __init__(self, source: Source, *, tracing: bool = False) -> None:
        self._source = source
        self._tracing = tracing
        self._depth = 0
        self._optional = 0
        self._locals: Mapping[str, int] = {}
        #: How many loop variables there are.
        self.slots = 0
        #: Paths that are read and must be there, and those that need not be.
        self.required: set[Path] = set()
        self.optional: set[Path] = set()
        #: Whether the result can hold lists or mappings that the expression itself made.
        self.makes = False

    def build(self, node: ast.expr) -> Node:
        """Compile a part, with a note of its value when tracing.

        Raises:
            ExpressionError: it is not part of the language, or nested too deep.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep", node.col_offset)
        builder = self._BUILDERS.get(type(node))
        if builder is None:
            raise ExpressionError(f"`{self._text(node)}` is not part of the language", node.col_offset)
        built = builder(self, node)
        self._depth -= 1
        return traced(self._text(node), built) if self._tracing and not is_literal(node) else built

    def build_optional(self, node: ast.expr) -> Node:
        """Compile a part whose paths may be missing without anybody being told."""
        self._optional += 1
        built = self.build(node)
        self._optional -= 1
        return built

    def build_stream(self, node: ast.expr, *, neutral: bool | None) -> Stream:
        """Compile a list so that its items are evaluated one by one; neutral: see :func:`loop`."""
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return self._loops(node.generators, node.elt, neutral=neutral)
        if isinstance(node, ast.List):
            return each([self.build(item) for item in node.elts])
        return items_of(self.build(node), self._text(node))

    def element_text(self, node: ast.expr) -> str:
        """Return the text of what a comprehension yields, or of the list itself."""
        return self._text(node.elt if isinstance(node, ast.ListComp | ast.GeneratorExp) else node)

    def _text(self, node: ast.expr) -> str:
        """Return a part as it is shown in reasons and explanations."""
        return shorten(self._source.of(node), MAX_SHOWN)

    def _with_text(self, node: ast.expr) -> tuple[Node, str]:
        return self.build(node), self._text(node)

    def _constant(self, node: ast.Constant) -> Node:
        return constant(literal(node, self._source))

    def _path(self, node: ast.expr) -> Node:
        """Compile ``a.b['c'][0]`` as one step from where it begins."""
        base, keys = split_path(node, self._source)
        if isinstance(base, ast.Name):
            return self._named_path(base, keys)
        if isinstance(base, ast.Subscript):
            built = part_by_value(self.build(base.value), self.build(base.slice), self._text(base))
        else:
            built = self.build(base)
        return path_below(built, (self._text(base), *keys)) if keys else built

    def _named_path(self, base: ast.Name, keys: Path) -> Node:
        """Compile a path that begins with a word, a loop variable or a name of the scope."""
        name = base.id
        if name in WORDS:
            return path_below(constant(WORDS[name]), (name, *keys)) if keys else constant(WORDS[name])
        if name in self._locals:
            start = local_value(self._locals[name])
            return path_below(start, (name, *keys)) if keys else start
        if name in FUNCTIONS:
            raise ExpressionError(f"`{name}` is a function: call it as {FUNCTIONS[name].signature}", base.col_offset)
        (self.optional if self._optional else self.required).add((name, *keys))
        return scope_path((name, *keys))

    def _list(self, node: ast.List) -> Node:
        self.makes = True
        items = [self.build(item) for item in node.elts]
        return constant(written_value(node, self._source)) if is_literal(node) else list_display(items)

    def _mapping(self, node: ast.Dict) -> Node:
        self.makes = True
        keys = [self._with_text(key) for key in node.keys if key is not None]  # `**` has no key, and is refused before
        return mapping_display(keys, [self.build(value) for value in node.values])

    def _junction(self, node: ast.BoolOp) -> Node:
        return junction([self._with_text(part) for part in node.values], settled_by=isinstance(node.op, ast.Or))

    def _unary(self, node: ast.UnaryOp) -> Node:
        if isinstance(node.op, ast.Not):
            return negation(*self._with_text(node.operand))
        if isinstance(node.op, ast.USub):
            return negative(*self._with_text(node.operand))
        raise ExpressionError(f"`{self._text(node)}` is not part of the language", node.col_offset)

    def _arithmetic(self, node: ast.BinOp) -> Node:
        if type(node.op) not in OPERATORS:
            raise ExpressionError(f"`{self._text(node)}` is not part of the language", node.col_offset)
        return arithmetic(type(node.op), self.build(node.left), self.build(node.right), self._text(node))

    def _comparison(self, node: ast.Compare) -> Node:
        if not all(type(sign) in COMPARES for sign in node.ops):
            raise ExpressionError("`is` is not part of the language: write == null", node.col_offset)
        nodes = [self.build(part) for part in (node.left, *node.comparators)]
        return comparison([COMPARES[type(sign)] for sign in node.ops], nodes, self._text(node))

    def _choice(self, node: ast.IfExp) -> Node:
        return choice(*self._with_text(node.test), self.build(node.body), self.build(node.orelse))

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Node:
        self.makes = True
        return listing(self.build_stream(node, neutral=None))

    def _call(self, node: ast.Call) -> Node:
        found = find_function(node, self._source)
        if isinstance(found, Form):
            return found.build(self, node.args)
        check_literals(found, node.args, self._source)
        return call_node(found, [self.build(argument) for argument in node.args], self._text(node))

    def _loops(self, generators: Sequence[ast.comprehension], element: ast.expr, *, neutral: bool | None) -> Stream:
        """Compile the ``for`` clauses of a comprehension from the outside in."""
        if not generators:
            return single(self.build(element))
        clause, *rest = generators
        source, name, outer = self._with_text(clause.iter), loop_name(clause), self._locals
        slot, self.slots = self.slots, self.slots + 1
        self._locals = {**outer, name: slot}
        conditions = [self._with_text(condition) for condition in clause.ifs]
        inner = self._loops(rest, element, neutral=neutral)
        self._locals = outer
        return loop(Turns(*source, slot, conditions, size_of(*clause.ifs, *rest, element)), inner, neutral=neutral)

    #: What compiles each kind of part; nothing else is part of the language.
    _BUILDERS: ClassVar[Mapping[type[ast.expr], Callable[["Compiler", Any], Node]]] = {
        ast.Name: _path,
        ast.Attribute: _path,
        ast.Subscript: _path,
        ast.Constant: _constant,
        ast.List: _list,
        ast.Dict: _mapping,
        ast.BoolOp: _junction,
        ast.UnaryOp: _unary,
        ast.BinOp: _arithmetic,
        ast.Compare: _comparison,
        ast.IfExp: _choice,
        ast.ListComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.Call: _call,
    }
