"""Rule: a condition can say yes and can say no, and so can each part of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from engine.definitions.answers import Answers, Part, Question
from engine.definitions.checker_names import Spot
from engine.definitions.regions import Domain
from engine.definitions.scope import Scope
from engine.language.values import PHRASES, Kind, path_text, shorten

#: What one file may cost, in characters that the evaluator reads, about half a second; then nothing more is judged.
_MOST_READ = 4_000_000
#: What taking a part out of its condition costs, in the same measure.
_READ_PER_PART = 3_000
#: Values that are told of a field, and characters of them.
_MOST_TOLD = 10
_LONGEST_TOLD = 200

_NEVER_TRUE, _NEVER_FALSE, _NO_ANSWER = "can never be true", "can never be false", "can never be answered"
#: What parts have to do with it that can say both, each for itself.
_TOGETHER = {
    _NEVER_TRUE: "its parts exclude each other",
    _NEVER_FALSE: "its parts leave nothing out",
    _NO_ANSWER: "its parts leave no answer",
}


@dataclass(slots=True)
class AnswerRule:
    """Judges the conditions of one file."""

    left: int = _MOST_READ

    def check(self, spot: Spot, scope: Scope) -> None:
        """Note the parts of a condition that have one answer only, or none; else the condition if it has."""
        if self.left <= 0:
            return
        question = Question(spot.expression.source, scope.schema)
        parts = list(_senseless(question))
        for part, words in parts:
            spot.note(part.text, f"`{part.text}` {words}{_why(part)}", warning=True)
        words = _words(None if parts else question.answers())
        if words:
            spot.note("", f"`if` {words}: {_TOGETHER[words]}", warning=True)
        self.left -= len(spot.expression.text) * question.asked + _READ_PER_PART * (1 + len(question.parts))


def _senseless(question: Question) -> Iterator[tuple[Part, str]]:
    for part in question.parts:
        words = "" if part.literal else _words(question.answers_of(part))
        if words:
            yield part, words


def _words(answers: Answers | None) -> str:
    """Return what is wrong with the answers that are possible, empty when nothing is."""
    if answers is None or {True, False} <= answers:
        return ""
    if answers == {None}:
        return _NO_ANSWER
    return _NEVER_FALSE if True in answers else _NEVER_TRUE


def _why(part: Part) -> str:
    """Say what the schemas tell of the paths in a part."""
    told = [
        f"`{path_text(atom.path)}` is {words}" for atom in part.atoms if atom.path and (words := _told(atom.domain))
    ]
    return f": by its schema, {' and '.join(told)}" if told else ""


def _told(domain: Domain) -> str:
    if domain.values is not None:
        return _one_of(domain.values)
    words = " or ".join(PHRASES[kind] for kind in Kind if kind in domain.kinds) if len(domain.kinds) < 3 else ""
    least = f"at least {domain.least}" if domain.least is not None else ""
    most = f"at most {domain.most}" if domain.most is not None else ""
    return " ".join(filter(None, (words, " and ".join(filter(None, (least, most))))))


def _one_of(values: tuple[object, ...]) -> str:
    shown = [json.dumps(value, ensure_ascii=False) for value in values[:_MOST_TOLD]]
    more = [f"{len(values) - _MOST_TOLD} others"] if len(values) > _MOST_TOLD else []
    return shorten(" or ".join([*shown, *more]), _LONGEST_TOLD)
