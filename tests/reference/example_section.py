"""The section of a page that shows an example, and what it came to when it was run for this page."""

from collections.abc import Iterator, Mapping

from engine.definitions.example import Example, Gives, HttpAnswer
from engine.store.rows import Entry
from engine.words import Outcome
from tests.reference.markdown import code, json, quoted, section, table
from tests.reference.stage import Ran

#: Longest output that stands in a table, in characters; a longer one has a block of its own.
_LONGEST = 60


def example_section(example: Example, ran: Ran, result: str) -> str:
    """Return the section; result: what came of it."""
    others = [part for name, text in example.others.items() for part in (f"`{name}`:", code("yaml", text))]
    return section("Example", *_start(example), code("yaml", example.text), *others, *_answers(example), result)


def steps_of(ran: Ran) -> str:
    """Return how the run and each of its steps ended, and what they gave back."""
    rows = [(f"`{entry.path}`", entry.outcome.value, _output(entry)) for entry in ran.entries]
    outputs = f", and gives back {quoted(ran.outputs)}" if ran.outputs is not None else ""
    return f"The run {_ended(ran)}{outputs}:\n\n{table(['step', 'outcome', 'output'], rows)}"


def output_of(ran: Ran, action: str) -> str:
    """Return what the action gave back, or how the run ended where it gave nothing."""
    if ran.outcome is Outcome.SUCCEEDED:
        return f"Its output:\n\n{json(ran.output(action))}"
    return f"The run {_ended(ran)}."


def _ended(ran: Ran) -> str:
    if ran.outcome is Outcome.WAITING:
        return f"waits at `{ran.entries[-1].path}`"
    message = "" if ran.error is None else f", as `{ran.error['kind']}`: {ran.error['message']}"
    return f"ends as {ran.outcome.value}{message}"


def _start(example: Example) -> Iterator[str]:
    if example.scheduled_for is not None:
        yield f"Started by the clock, for {example.scheduled_for}:"
    elif example.silence is not None:
        yield f"Started by the silence of `{example.silence}`:"
    elif example.inputs is not None:
        yield f"Started by hand with {quoted(example.inputs)}:"
    elif example.data:
        yield f"With `event.data` {quoted(example.data)}:"


def _answers(example: Example) -> Iterator[str]:
    told = [_told(answer) for answer in example.answers]
    if told:
        yield f"{'The answer is' if len(told) == 1 else 'The answers are'} {', then '.join(told)}."


def _told(answer: HttpAnswer | Gives) -> str:
    if isinstance(answer, Gives):
        return quoted(answer.output)
    return f"{answer.status}" if answer.json is None else f"{answer.status} with {quoted(answer.json)}"


def _output(entry: Entry) -> str:
    if entry.uses == "core.log" and isinstance(entry.input, Mapping):
        return f"logs {quoted(entry.input['message'])}"
    if entry.output is None:
        return ""
    text = quoted(entry.output)
    return text if len(text) <= _LONGEST or "status" not in text else quoted(_without_headers(entry.output))


def _without_headers(value: object) -> object:
    """Return an output without the headers of answers, which are long and tell nothing here."""
    if isinstance(value, dict):
        return {name: _without_headers(part) for name, part in value.items() if name != "headers"}
    return [_without_headers(part) for part in value] if isinstance(value, list) else value
