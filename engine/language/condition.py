"""Conditions: a question about an event, written as an expression or as rows, which are two views of one thing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from engine.errors import ExpressionError
from engine.language.explanation import Explanation
from engine.language.expression import Expression, compile_expression
from engine.language.logic import truth
from engine.language.rows import rows_to_text, text_to_rows
from engine.language.values import MAX_SHOWN, Scope, Unknown, phrase, shorten
from engine.words import Answer


class Judgement(NamedTuple):
    """What a condition says about an event, and why."""

    answer: Answer
    explanation: Explanation

    @property
    def reason(self) -> str:
        """Why the answer is unknown, as a sentence; empty when it is not."""
        value = self.explanation.value
        return value.reason if isinstance(value, Unknown) else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition."""

    expression: Expression

    @property
    def text(self) -> str:
        """The condition as an expression."""
        return self.expression.text

    def rows(self) -> object | None:
        """Return the condition as rows, None where rows cannot say it."""
        return text_to_rows(self.expression.text)

    def ask(self, scope: Scope, now: datetime) -> Judgement:
        """Answer the question; what is neither true nor false is unknown."""
        value, explanation = self.expression.explain(scope, now)
        if not isinstance(value, bool | Unknown):
            value = truth(value, shorten(self.text, MAX_SHOWN))
            explanation = Explanation(self.text, value, explanation.parts)
        return Judgement(explanation.answer or Answer.UNKNOWN, explanation)


def compile_condition(spec: object) -> Condition:
    """Compile a condition from an expression's text, from rows, or from true or false.

    Raises:
        ExpressionError: it cannot be read; ``path`` says where within the rows.
    """
    if isinstance(spec, bool):
        return Condition(compile_expression("true" if spec else "false"))
    if isinstance(spec, str):
        return Condition(compile_expression(spec))
    if isinstance(spec, Mapping):
        return Condition(compile_expression(rows_to_text(spec)))
    raise ExpressionError(f"a condition is an expression or rows, not {phrase(spec)}")
