"""Blink's expressions, ``{{ event.payload.x }}``, as Wink writes them.

Blink takes the language of the Go library `expr`; what both have is mapped, anything else is refused.
Source: https://docs.blinkops.com/docs/workflows/building-workflows/dynamic-variables/expression-language/workflow-engine-operators
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import ExpressionError
from engine.language.blink import from_blink
from engine.language.expression import compile_expression
from engine.language.source import MAX_LENGTH, QUOTED

#: Returns the path by which a place knows a step of Blink's, from the step's id; None when there is no such step.
Resolve = Callable[[str], str | None]

_STEP = re.compile(
    rf"""(?P<text>{QUOTED})|(?<![\w.])steps(?:\.(?P<plain>\w+)|\[\s*(?P<quote>['"])(?P<quoted>[^'"]+)(?P=quote)\s*\])""",
    re.DOTALL,
)
#: What is read by these names is another thing here.
_REFUSED: Mapping[str, str] = {
    "variables": "Wink's values never change: give them a name by `core.set`, and read its output",
    "metadata": "there is no such thing here",
}
_NAMES = frozenset({"event", "steps", "inputs", "run", "workflow"})
#: Other functions of the same name can take other arguments.
_FUNCTIONS = frozenset({"length"})


@dataclass(frozen=True, slots=True)
class BlinkHole:
    """An expression in a text."""

    text: str
    #: Where its braces begin in the text around it.
    offset: int


def split_blink(text: str) -> Iterator[str | BlinkHole]:
    """Yield what stands in a text as it is, and its holes."""
    at = 0
    while (begin := text.find("{{", at)) >= 0 and (end := text.find("}}", begin)) >= 0:
        yield text[at:begin]
        yield BlinkHole(text[begin + 2 : end], begin)
        at = end + 2
    yield text[at:]


def map_expression(text: str, resolve: Resolve) -> str:
    """Return an expression of Blink's as one of Wink's.

    Raises:
        ExpressionError: it says something that Wink has no words for, or that could mean something else here.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text):,} characters: at most {MAX_LENGTH:,} are read")
    named = _STEP.sub(lambda found: found["text"] or _step(found, resolve), text.strip())
    expression = compile_expression(from_blink(named))
    for name in sorted(expression.names - _NAMES):
        raise ExpressionError(f"`{name}`: {_REFUSED.get(name, 'there is no such name here')}")
    for path in sorted(expression.paths, key=str):
        if path[0] == "steps" and path[-1] == "status":
            raise ExpressionError("`status` is 'OK' or 'Failed': write `outcome`, which is 'succeeded' or 'failed'")
    _refuse_calls(expression.source.tree)
    return expression.text


def _step(found: re.Match[str], resolve: Resolve) -> str:
    step_id = found["plain"] or found["quoted"]
    path = resolve(step_id)
    if path is None:
        raise ExpressionError(f"there is no step `{step_id}` that is known here")
    return path


def _refuse_calls(tree: ast.expr) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in _FUNCTIONS:
            raise ExpressionError(f"`{node.func.id}(...)` can mean something else here: look it up, and write it anew")
