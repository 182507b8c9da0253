"""Questions about the syntax tree that several parts of the compiler ask."""

import ast
from typing import Final

from engine.errors import ExpressionError
from engine.language.arithmetic import bounded
from engine.language.source import Source
from engine.language.values import Path

#: Words that stand for a value.
WORDS: Final = {"true": True, "false": False, "null": None}


def is_literal(node: ast.AST) -> bool:
    """Say whether a part is a value that is written out, with nothing to evaluate in it."""
    if isinstance(node, ast.List):
        return all(map(is_literal, node.elts))
    if isinstance(node, ast.UnaryOp):
        number = node.operand.value if isinstance(node.operand, ast.Constant) else None
        return isinstance(node.op, ast.USub) and type(number) in (int, float)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in WORDS)


def written_value(node: ast.expr, source: Source) -> object:
    """Return the value of a literal, as :func:`is_literal` knows them.

    Raises:
        ExpressionError: the language has no such literal.
    """
    match node:
        case ast.List():
            return [written_value(item, source) for item in node.elts]
        case ast.UnaryOp(operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Name():
            return WORDS[node.id]
        case ast.Constant():
            return literal(node, source)
    raise ExpressionError("this is no value", node.col_offset)


def literal(node: ast.Constant, source: Source) -> bool | int | float | str | None:
    """Return the value of a constant.

    Raises:
        ExpressionError: the language has no such constant.
    """
    value = node.value
    if isinstance(value, str) and node.col_offset in source.quoted:
        return source.quoted[node.col_offset]
    if value is not None and not isinstance(value, int | float):
        raise ExpressionError("quoted texts take no letter before the quote but r", node.col_offset)
    try:
        bounded(value)
    except ValueError as error:
        raise ExpressionError(str(error), node.col_offset) from error
    return value


def split_path(node: ast.expr, source: Source) -> tuple[ast.expr, Path]:
    """Return where a path begins and its known keys; a key known only at run time ends the walk.

    Raises:
        ExpressionError: a key is none.
    """
    keys: list[str | int] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        key = node.attr if isinstance(node, ast.Attribute) else _written_key(node.slice, source)
        if key is None:
            break
        keys.append(key)
        node = node.value
    return node, tuple(reversed(keys))


def loop_name(clause: ast.comprehension) -> str:
    """Return the loop variable of a ``for``.

    Raises:
        ExpressionError: it is not one plain name.
    """
    if isinstance(clause.target, ast.Name) and clause.target.id not in WORDS and not clause.is_async:
        return clause.target.id
    raise ExpressionError("a loop has one name: write for item in list", clause.target.col_offset)


def size_of(*nodes: ast.AST) -> int:
    """Return how many parts there are in all: the evaluation steps that they take together."""
    return sum(1 for node in nodes for _ in ast.walk(node))


def _written_key(key: ast.expr, source: Source) -> str | int | None:
    """Return a key that is written out, or None for one that must be evaluated."""
    if isinstance(key, ast.Slice):
        raise ExpressionError("a part of a list cannot be cut out; first() and last() give its ends", key.col_offset)
    if not is_literal(key):
        return None
    value = written_value(key, source)
    if isinstance(value, int) and value < 0:
        raise ExpressionError("lists count from 0, and not from their end: write last(...)", key.col_offset)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ExpressionError("a key is text or a whole number", key.col_offset)
    return value
