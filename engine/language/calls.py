"""Calls of functions: the values are checked once, here, so that no function does it again."""

import ast
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final

from engine.errors import ExpressionError
from engine.language.forms import Form
from engine.language.frame import Frame, Node
from engine.language.functions import FUNCTIONS
from engine.language.functions.function import Function, Parameter
from engine.language.source import Source
from engine.language.syntax import is_literal, written_value
from engine.language.values import MAX_SHOWN, Unknown, kind_of, phrase, shorten

#: Functions as other languages call them.
_FOREIGN: Final = {
    "len": "length",
    "size": "length",
    "count": "length",
    "includes": "contains",
    "indexof": "contains",
    "match": "regex",
    "matches": "regex",
    "search": "regex",
    "tolower": "lower",
    "tolowercase": "lower",
    "toupper": "upper",
    "touppercase": "upper",
    "strip": "trim",
    "sorted": "sort",
    "fromjson": "parse_json",
    "tojson": "json",
    "number": "float",
    "string": "str",
    "typeof": "type_of",
    "type": "type_of",
    "map": "pluck",
    "coalesce": "default",
    "get": "default",
}


def find_function(call: ast.Call, source: Source) -> Function | Form:
    """Return the function that a call names, fit for its number of arguments.

    Raises:
        ExpressionError: there is none, or it takes another number.
    """
    if isinstance(call.func, ast.Attribute):
        raise ExpressionError(_no_method(call.func, source), call.func.col_offset)
    if not isinstance(call.func, ast.Name):
        raise ExpressionError("only a function can be called, by its name", call.col_offset)
    found = FUNCTIONS.get(call.func.id)
    if found is None:
        raise ExpressionError(f"there is no function `{call.func.id}`{_advice(call.func.id)}", call.col_offset)
    if call.keywords or not found.takes(len(call.args)):
        raise ExpressionError(f"`{found.name}` is called as {found.signature}", call.col_offset)
    return found


def check_literals(function: Function, arguments: Sequence[ast.expr], source: Source) -> None:
    """Judge the arguments that are written out, long before there is an event.

    Raises:
        ExpressionError: the function can do nothing with one of them.
    """
    for place, argument in enumerate(arguments):
        if is_literal(argument):
            _check(function, function.parameter(place), argument, written_value(argument, source))


def call_node(function: Function, arguments: Sequence[Node], text: str) -> Node:
    """Compile a call; text: the call as written."""
    run, takes_frame = function.run, function.takes_frame
    places = [(argument, function.parameter(place)) for place, argument in enumerate(arguments)]

    def node(frame: Frame) -> object:
        values: list[object] = [frame] if takes_frame else []
        for argument, parameter in places:
            value = argument(frame)
            if isinstance(value, Unknown):
                return value
            if kind_of(value) not in parameter.kinds:
                return Unknown(text, f"`{text}`: {_misfit(function, parameter, value)}")
            frame.read(value)
            values.append(value)
        return _result(run, values, frame, text)

    return node


def _result(run: Callable[..., object], values: Sequence[object], frame: Frame, text: str) -> object:
    try:
        result = run(*values)
    except (ValueError, ArithmeticError, TypeError) as error:
        return Unknown(text, f"`{text}` has no value: {error}")
    if isinstance(result, Unknown):
        return Unknown(text, lambda: f"`{text}`: {result.reason}")
    if isinstance(result, str | list):
        frame.make(len(result))
    return result


def _check(function: Function, parameter: Parameter, argument: ast.expr, value: object) -> None:
    if kind_of(value) not in parameter.kinds:
        raise ExpressionError(_misfit(function, parameter, value), argument.col_offset)
    try:
        if parameter.check:
            parameter.check(value)
    except ValueError as error:
        raise ExpressionError(str(error), argument.col_offset) from error


def _misfit(function: Function, parameter: Parameter, value: object) -> str:
    return f"{function.signature} takes {parameter.phrase} as `{parameter.name}`, not {phrase(value)}"


def _no_method(attribute: ast.Attribute, source: Source) -> str:
    name = _named(attribute.attr)
    advice = f": write {name}({shorten(source.of(attribute.value), MAX_SHOWN)}, ...)" if name else ""
    return f"values have no methods such as .{attribute.attr}(){advice}"


def _advice(name: str) -> str:
    meant = _named(name)
    return f"; did you mean `{meant}`?" if meant else ""


def _named(name: str) -> str | None:
    """Return the function that somebody means who writes this name."""
    if name.lower() in _FOREIGN:
        return _FOREIGN[name.lower()]
    close = get_close_matches(name.lower(), list(FUNCTIONS), 1)
    return close[0] if close else None
