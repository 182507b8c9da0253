"""What the tests of the language share: one moment, one event, and a short way to evaluate."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.language.expression import compile_expression


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
def scope() -> dict[str, object]:
    """Return a scope with the finding that Detectify's page shows."""
    finding = {
        "title": "SQL Injection",
        "severity": "critical",
        "asset": "shop.example.com",
        "score": 9.5,
        "tags": ["prod", "web"],
        "hits": [{"id": 1, "ok": True}, {"id": 2}],
        "fixed": False,
        "note": None,
    }
    return {"event": {"id": "evt_1", "type": "detectify.finding", "data": {"finding": finding, "x-id": "a b"}}}


@pytest.fixture
def evaluate(scope, now) -> Callable[..., object]:
    """Return a function that evaluates a text over the scope, or over the one that is given by name."""

    def evaluate(text: str, **own: object) -> object:
        return compile_expression(text).evaluate(own or scope, now)

    return evaluate


@pytest.fixture
def reason(evaluate) -> Callable[..., str]:
    """Return a function that says why an expression is unknown."""

    def reason(text: str, **own: object) -> str:
        return evaluate(text, **own).reason

    return reason
