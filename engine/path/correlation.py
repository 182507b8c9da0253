"""Which later event is the one: a condition over it, with what the condition needs of the run put away beside it.

The condition is asked about an event when its run is on disk only. So the values that it reads of the run are kept with
it, and where it wants something of the event to equal one of them, an index finds the few waiting steps that can fit.
"""

import ast
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, cast

from engine import json_bytes
from engine.errors import ActionFailed
from engine.language.condition import Condition, compile_condition
from engine.language.expression import compile_expression
from engine.language.functions import FUNCTIONS
from engine.language.syntax import WORDS
from engine.language.values import Path, Scope, Unknown
from engine.path.match import is_of
from engine.store.rows import Event, EventWait
from engine.words import Answer

#: Bytes of what may be kept of a run for one condition.
MOST_KEPT = 65_536

#: Longest key that is stored as it is; of a longer one, its digest.
_LONGEST_KEY = 200

#: Functions whose value changes while a step waits.
_OF_TIME = frozenset({"now", "within_last"})

compiled = lru_cache(maxsize=1024)(compile_condition)
_expression = lru_cache(maxsize=1024)(compile_expression)


class Key(NamedTuple):
    """Something of the event, and what it has to equal, as JSON; both empty where the condition says nothing such."""

    of: str = ""
    value: str = ""


def keep(condition: Condition, scope: Scope) -> Mapping[str, object]:
    """Return the part of a run's scope that a condition reads beside ``event``.

    Raises:
        ActionFailed: it is not there, or too large.
    """
    kept: dict[str, object] = {}
    expression = condition.expression
    for path in sorted(expression.paths, key=len):
        if path[0] != "event" and not _put(kept, scope, path) and path not in expression.optional_paths:
            raise ActionFailed("invalid", f"`if` reads `{_dotted(path)}`, which is not there")
    if len(json_bytes.dump(kept)) > MOST_KEPT:
        raise ActionFailed("invalid", f"`if` reads more than {MOST_KEPT // 1024} KiB of the run: read less of it")
    return kept


def key_in(condition: Condition, kept: Scope, now: datetime) -> Key:
    """Return what of an event has to equal which value of the run for the condition to be true."""
    source = condition.expression.source
    for left, right in _equalities(source.tree):
        for one, other in ((left, right), (right, left)):
            if _roots(one) == {"event"} and "event" not in _roots(other) and _plain(one) and _plain(other):
                written = canonical(_expression(source.of(other)).evaluate(kept, now))
                if written is not None:
                    return Key(source.of(one), written)
    return Key()


def key_of(text: str, scope: Scope, now: datetime) -> str | None:
    """Return an event's own key for what :class:`Key` names; None where it has none."""
    return canonical(_expression(text).evaluate(scope, now))


def fits(wait: EventWait, event: Event, scope: Scope, now: datetime) -> bool:
    """Tell whether an event is the one that a step waits for; what is unknown is not."""
    if event.received_at < wait.since or not is_of(wait.types, event.type):
        return False
    if wait.condition is None:
        return True
    return compiled(wait.condition).ask({**scope, **wait.kept}, now).answer is Answer.YES


def canonical(value: object) -> str | None:
    """Return a value so that equal values of the language are equal texts; None for what is no key."""
    if isinstance(value, Unknown) or not isinstance(value, str | int | float | None):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = json_bytes.dump(value).decode()
    return written if len(written) <= _LONGEST_KEY else sha256(written.encode()).hexdigest()


def _put(kept: dict[str, object], scope: Mapping[str, object], path: Path) -> bool:
    """Copy what stands at a path, as far as it goes through mappings; False where nothing does."""
    name, rest = str(path[0]), path[1:]
    if name not in scope:  # null may stand there, and is kept
        return False
    there = scope[name]
    if not rest or isinstance(there, list):
        kept[name] = there
        return True
    below = kept.setdefault(name, {})
    return isinstance(there, Mapping) and (below is there or _put(cast("dict[str, object]", below), there, rest))


def _equalities(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield both sides of each ``==`` without which the condition cannot be true."""
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in parts:
                yield from _equalities(part)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            yield left, right


def _roots(node: ast.expr) -> set[str]:
    """Return the names of the scope that a part reads."""
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return names - WORDS.keys() - FUNCTIONS.keys()


def _plain(node: ast.expr) -> bool:
    """Tell whether a part means the same when it stands alone, and later: no names of its own, and not the time."""
    parts = list(ast.walk(node))
    asks_time = any(isinstance(part, ast.Name) and part.id in _OF_TIME for part in parts)
    return not asks_time and not any(isinstance(part, ast.comprehension) for part in parts)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
