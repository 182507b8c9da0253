"""What a test expects beside what came of it: each difference with its place, for people to read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from engine.language.yaml12 import Mark
from engine.language.yaml_text import dump
from engine.testing import dialect
from engine.testing.model import WorkflowTest
from engine.testing.play import Played
from engine.words import Answer

#: Lines around a difference that are shown with it.
CONTEXT = 3

#: What may say less than there is: of each call, each line and the error, what is written counts.
_IN_PART = frozenset({dialect.CALLS.name, dialect.LOGS.name, dialect.ERROR.name})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as a test expects it."""

    #: Where the test says otherwise.
    mark: Mark
    #: What differs, in a line.
    words: str
    #: Further lines: those with ``-`` were expected, those with ``+`` came instead.
    lines: Sequence[str] = ()


def differences(test: WorkflowTest, played: Played) -> Iterator[Difference]:
    """Yield what a test expects and did not come."""
    results = played.results
    for key, wanted in test.expected.items():
        mark = test.place.remarks.document.key_mark((*test.place.path, dialect.EXPECT.name, key))
        if key not in results:
            yield Difference(mark, f"`{key}` was expected, and {_nothing(key, played)}")
            continue
        got = _written(results[key], wanted) if key in _IN_PART else results[key]
        if not same(got, wanted):
            yield _difference(mark, key, wanted, got, _why(key, played))


def same(one: object, other: object) -> bool:
    """Tell whether two values are the same; as in expressions, ``1`` is ``1.0``, and neither ``'1'`` nor true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _written(got: object, wanted: object) -> object:
    """Return of what came what the test says something about."""
    if isinstance(got, Mapping) and isinstance(wanted, Mapping):
        return {key: got[key] for key in wanted if key in got}
    if isinstance(got, list) and isinstance(wanted, list):
        return [*map(_written, got, wanted), *got[len(wanted) :]]
    return got


def _difference(mark: Mark, key: str, wanted: object, got: object, why: str) -> Difference:
    if not isinstance(wanted, Mapping | list) and not isinstance(got, Mapping | list):
        return Difference(mark, f"`{key}` is {_inline(got)}, and {_inline(wanted)} was expected{why}")
    diff = unified_diff(dump(wanted).splitlines(), dump(got).splitlines(), n=CONTEXT, lineterm="")
    lines = [line for line in list(diff)[2:] if not line.startswith("@@")]
    return Difference(mark, f"`{key}` is not as expected{why}", lines)


def _inline(value: object) -> str:
    return dump([value]).strip().removeprefix("- ")


def _nothing(key: str, played: Played) -> str:
    if played.end is None:
        return f"nothing ran: the workflow answers {played.answer}{_reason(played.explanation)}"
    if key == dialect.ERROR.name:
        return f"the run {played.end.outcome}"
    return "no event was given that the workflow is asked about"


def _why(key: str, played: Played) -> str:
    """Return what tells why the answer or the end is another one."""
    if key == dialect.CONDITION.name:
        return _reason(played.explanation) if played.answer is not Answer.YES else ""
    error = played.end.error if played.end else None
    if key == dialect.OUTCOME.name and error:
        return f": at {error['step']}: {error['message']}" if error["step"] else f": {error['message']}"
    return ""


def _reason(explanation: object) -> str:
    if not isinstance(explanation, Mapping):
        return ""
    return f": {explanation.get('reason') or '`' + str(explanation['text']) + '` is ' + str(explanation['answer'])}"
