"""Conditions as rows: the builder's form of an expression, and the way back.

A row is ``{left: expression, op: name, right: value}``; ``right`` may be one hole, ``${{ vars.limit }}``. Groups are
``{all: [..]}``, ``{any: [..]}`` and ``{not: ..}``.
"""

import ast
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final

from engine.errors import ExpressionError
from engine.language.compiler import MAX_DEPTH
from engine.language.expression import compile_expression
from engine.language.operators import OPERATORS, Operator, Right
from engine.language.source import Source, quote, read_source
from engine.language.syntax import is_literal, written_value
from engine.language.values import Path, phrase

_JOINTS: Final = {"all": " and ", "any": " or "}
_PLACES: Final = frozenset({"left", "right", "low", "high"})
_HOLE: Final = re.compile(r"\$\{\{(.*)\}\}", re.DOTALL)
#: Parts that need no brackets around them, wherever they are put.
_COMPACT: Final = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.List, ast.Dict)


def rows_to_text(rows: Mapping[str, object], path: Path = ()) -> str:
    """Write rows as an expression.

    Raises:
        ExpressionError: a row cannot be read; its ``path`` says which.
    """
    if len(path) > MAX_DEPTH:
        raise ExpressionError(f"the rows are nested more than {MAX_DEPTH} deep", path=path)
    group = next(iter(rows), "") if len(rows) == 1 else ""
    if group in _JOINTS:
        return _join(group, rows[group], (*path, group))
    if group == "not":
        return f"not ({_part_text(rows['not'], (*path, 'not'))})"
    return _row_text(rows, path)


def text_to_rows(text: str) -> dict[str, object] | None:
    """Return an expression as rows, None where rows cannot say it.

    Raises:
        ExpressionError: the text is no expression.
    """
    source = read_source(text)
    return _to_rows(source.tree, source)


def _part_text(part: object, path: Path) -> str:
    if not isinstance(part, Mapping):
        raise ExpressionError(f"a row is a mapping of left, op and right, not {phrase(part)}", path=path)
    return rows_to_text(part, path)


def _join(group: str, parts: object, path: Path) -> str:
    if not isinstance(parts, list) or not parts:
        raise ExpressionError(f"`{group}` takes a list of at least one row", path=path)
    texts = [_part_text(part, (*path, place)) for place, part in enumerate(parts)]
    return texts[0] if len(texts) == 1 else _JOINTS[group].join(map(_in_brackets, texts))


def _in_brackets(text: str) -> str:
    return f"({text})" if isinstance(read_source(text).tree, ast.BoolOp) else text


def _row_text(row: Mapping[str, object], path: Path) -> str:
    """Write one row, and make sure that it compiles, so that a mistake in it is told of its own place."""
    operator = _operator(row, path)
    sides = {"left": _left_text(row, path), **_right_texts(row, operator, (*path, "right"))}
    text = re.sub(r"\b(left|right|low|high)\b", lambda side: sides[side[0]], operator.form)
    try:
        compile_expression(text)
    except ExpressionError as error:
        raise ExpressionError(error.detail, path=path) from error
    return text


def _operator(row: Mapping[str, object], path: Path) -> Operator:
    wrong = [str(key) for key in row if key not in ("left", "op", "right")]
    if wrong or "left" not in row or "op" not in row:
        found = f"`{wrong[0]}` is no part of one" if wrong else "one of them is missing"
        raise ExpressionError(f"a row has left, op and right, or is a group, all, any or not: {found}", path=path)
    name = str(row["op"])
    if name not in OPERATORS:
        close = get_close_matches(name, list(OPERATORS), 1)
        advice = f"; did you mean `{close[0]}`?" if close else f": there are {' '.join(sorted(OPERATORS))}"
        raise ExpressionError(f"there is no operator `{name}`{advice}", path=(*path, "op"))
    return OPERATORS[name]


def _left_text(row: Mapping[str, object], path: Path) -> str:
    left = row["left"]
    if not isinstance(left, str):
        raise ExpressionError("`left` is an expression, such as event.data.severity", path=(*path, "left"))
    return _bracketed(_read(left, (*path, "left")))


def _read(text: str, path: Path) -> Source:
    try:
        return read_source(text)
    except ExpressionError as error:
        raise ExpressionError(error.detail, error.column, path) from error


def _bracketed(source: Source) -> str:
    return source.text if isinstance(source.tree, _COMPACT) else f"({source.text})"


def _right_texts(row: Mapping[str, object], operator: Operator, path: Path) -> dict[str, str]:
    """Return the texts of what stands on the right, by their places in the operator's form."""
    if operator.right is Right.NOTHING:
        if "right" in row:
            raise ExpressionError(f"`{operator.name}` takes nothing on the right", path=path)
        return {}
    value = row.get("right")
    hole = _hole(value) if operator.right is not Right.RANGE else None
    if "right" not in row or not (hole or operator.right.fits(value)):
        raise ExpressionError(f"`{operator.name}` takes {operator.right} on the right", path=path)
    if operator.right is Right.RANGE and isinstance(value, list):
        return {"low": literal_text(value[0], path), "high": literal_text(value[1], path)}
    return {"right": literal_text(value, path)}


def _hole(value: object) -> str | None:
    """Return the expression of a value that is one hole."""
    found = _HOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1].strip() if found else None


def literal_text(value: object, path: Path = ()) -> str:
    """Write the right side of a row as the language does.

    Raises:
        ExpressionError: the language has no such value.
    """
    hole = _hole(value)
    if hole:
        return _bracketed(_read(hole, path))
    match value:
        case str() if "${{" not in value:
            return quote(value)
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return repr(value)
        case list():
            return f"[{', '.join(literal_text(item, path) for item in value)}]"
    raise ExpressionError("`right` holds text, numbers, true, false, null, a list of them, or one ${{ }}", path=path)


def _to_rows(node: ast.expr, source: Source) -> dict[str, object] | None:
    if isinstance(node, ast.BoolOp):
        parts = [_to_rows(part, source) for part in node.values]
        return None if None in parts else {"all" if isinstance(node.op, ast.And) else "any": parts}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _negated(node, source)
    return _to_row(node, source)


def _negated(node: ast.UnaryOp, source: Source) -> dict[str, object] | None:
    """Tell ``not (contains(a, b))``, a group, from ``not contains(a, b)``, one row."""
    in_brackets = "(" in source.text[node.col_offset : node.operand.col_offset]
    row = None if in_brackets else _to_row(node, source)
    part = None if row else _to_rows(node.operand, source)
    return {"not": part} if part else row


def _to_row(node: ast.expr, source: Source) -> dict[str, object] | None:
    for operator in OPERATORS.values():
        sides: dict[str, ast.expr] = {}
        if _fits(_form(operator.form), node, sides):
            row = _filled(operator, sides, source)
            if row:
                return row
    return None


def _filled(operator: Operator, sides: Mapping[str, ast.expr], source: Source) -> dict[str, object] | None:
    """Return the row of an operator whose form fits, None if its right side is nothing that the operator takes."""
    row: dict[str, object] = {"left": source.of(sides["left"]), "op": operator.name}
    if operator.right is Right.NOTHING:
        return row
    if operator.right is Right.RANGE:
        value: object = [_value(sides["low"], source), _value(sides["high"], source)]
    else:
        value = _value(sides["right"], source)
    return {**row, "right": value} if _hole(value) or operator.right.fits(value) else None


def _value(node: ast.expr, source: Source) -> object:
    """Return a right side as a value, or as one hole where it is no literal."""
    value = written_value(node, source) if is_literal(node) else None
    plain = is_literal(node) and "${{" not in repr(value)
    return value if plain else f"${{{{ {source.of(node)} }}}}"


@cache
def _form(form: str) -> ast.expr:
    return read_source(form).tree


def _fits(form: ast.AST, node: ast.AST, sides: dict[str, ast.expr]) -> bool:
    """Say whether a tree has the form, and note what stands in its places."""
    if isinstance(form, ast.Name) and form.id in _PLACES and isinstance(node, ast.expr):
        sides[form.id] = node
        return True
    if type(form) is not type(node):
        return False
    return all(_parts_fit(getattr(form, name), getattr(node, name), sides) for name in form._fields)


def _parts_fit(form: object, part: object, sides: dict[str, ast.expr]) -> bool:
    if isinstance(form, list) and isinstance(part, list):
        return len(form) == len(part) and all(_parts_fit(*pair, sides) for pair in zip(form, part, strict=True))
    if isinstance(form, ast.AST) and isinstance(part, ast.AST):
        return _fits(form, part, sides)
    return type(form) is type(part) and form == part
