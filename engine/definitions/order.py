"""The order of a trigger: of events about the same thing, one that comes after a later one starts nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from engine import json_bytes
from engine.clock import parse_time
from engine.errors import ExpressionError
from engine.language.expression import Expression, compile_expression
from engine.language.values import Unknown

#: The parts of an order.
KEY, BY = "key", "by"

#: Longer keys are told apart by their hash.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Order:
    """What events are about, and what tells which of two is the later one."""

    key: Expression
    by: Expression

    def place(self, scope: Mapping[str, object], now: datetime) -> tuple[str, float] | None:
        """Return the event's key and where it stands among those with it; None where it does not say."""
        key, position = self.key.evaluate(scope, now), _position(self.by.evaluate(scope, now))
        return None if key is None or isinstance(key, Unknown) or position is None else (_text(key), position)


def read_order(written: Mapping[str, str]) -> Order:
    """Compile an order.

    Raises:
        ExpressionError: a part is missing, cannot be read, or names what is not there yet (422).
    """
    if written.keys() != {KEY, BY}:
        raise ExpressionError("an order has a key and a by: what events are about, and which of them is later")
    parts = {name: compile_expression(text) for name, text in written.items()}
    for name, part in parts.items():
        if unknown := part.names - {"event", "trigger"}:
            raise ExpressionError(f"{name} can name event and trigger, not {', '.join(sorted(unknown))}")
    return Order(**parts)


def _position(value: object) -> float | None:
    """Return where a value stands: a number, or a time in seconds since 1970."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) if math.isfinite(value) else None
        return parse_time(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _text(key: object) -> str:
    text = key if isinstance(key, str) else json_bytes.dump(key).decode()
    return sha256(text.encode()).hexdigest() if len(text) > _LONGEST or "\0" in text else text
