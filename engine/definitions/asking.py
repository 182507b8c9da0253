"""Expressions in manifests: over ``method headers query body item``, compiled when the manifest is read."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from pydantic import AfterValidator

from engine.authentication.request import MAX_FIELDS, Inbound
from engine.errors import ExpressionError
from engine.language.expression import Expression, compile_expression

NAMES = frozenset({"method", "headers", "query", "body", "item"})

_HOLE = re.compile(r"(?P<before>[^$]*)\$\{\{(?P<hole>.+)\}\}", re.DOTALL)


def scope_of(request: Inbound, body: object, names: frozenset[str]) -> dict[str, object]:
    """Return what a manifest's expressions see; only what one of the names asks for is made."""
    scope: dict[str, object] = {"method": request.method, "body": body}
    if "headers" in names:
        scope["headers"] = {name: values[0] for name, values in request.headers.items() if values}
    if "query" in names:
        scope["query"] = _first_values(request.query)
    return scope


def _first_values(query: str) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def split_hole(text: str) -> tuple[str, str] | None:
    """Return what stands before the one hole that ends a text, and the hole's expression; None without a hole."""
    found = _HOLE.fullmatch(text)
    return (found["before"], found["hole"].strip()) if found else None


def compile_asked(text: str) -> Expression:
    """Compile an expression of a manifest, with or without ``${{ }}`` around it.

    Raises:
        ValueError: it cannot be read, or uses a name that manifests do not have.
    """
    split = split_hole(text)
    if split and split[0].strip():
        raise ValueError("write the expression alone, with nothing before or after it")
    try:
        expression = compile_expression(split[1] if split else text)
    except ExpressionError as error:
        raise ValueError(str(error)) from error
    if unknown := expression.names - NAMES:
        raise ValueError(f"there is no {', '.join(sorted(unknown))} here; there are {', '.join(sorted(NAMES))}")
    return expression


def _compiles(text: str) -> str:
    compile_asked(text)
    return text


#: An expression in a manifest, with or without ``${{ }}`` around it.
Asked = Annotated[str, AfterValidator(_compiles)]
