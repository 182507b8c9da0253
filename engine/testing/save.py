"""Make a test of an event that came: what each workflow did with it, with personal data replaced."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.actions.action import Action
from engine.clock import rfc3339
from engine.definitions.dialect import Failure
from engine.definitions.workflow import Workflow
from engine.errors import ActionFailed, NotFound
from engine.language.yaml_text import dump
from engine.path.explain import explain
from engine.path.folder import TESTS
from engine.path.scope import parsed
from engine.runtime import Engine
from engine.store import show, triggers, workflows
from engine.store.rows import Entry, Event, Run
from engine.testing.kept import kept_of
from engine.testing.model import Answer, CannotPlay, Given, Happening, Mock
from engine.testing.play import is_real, play
from engine.testing.pseudonyms import Pseudonyms, TooMuch
from engine.words import TRIGGER, Outcome

#: Steps of one run that become mocks.
MOST_STEPS = 1_000

_HEAD = (
    "# Made from an event that came. What is known as personal data is replaced by made-up values, as docs/testing.md\n"
    "# tells; there can be more of it: read all of this before you commit it.\n"
)
_BY_HAND = "write its test by hand"
_KINDS = frozenset(kind.value for kind in Failure)


@dataclass(frozen=True, slots=True)
class Saved:
    """What becomes of one workflow: the text of a test file, or why there is none."""

    workflow: str
    text: str = ""
    problem: str = ""

    @property
    def file(self) -> str:
        """What the file is called, beside the workflow's."""
        return f"{self.workflow}{TESTS}.yaml"


def saved_tests(engine: Engine, event_id: str, only: str | None = None) -> Sequence[Saved]:
    """Return a test file for each workflow that was asked about an event, or for one of them alone.

    Raises:
        NotFound: there is no such event (404).
    """
    history = explain(engine, event_id).history
    asked = dict.fromkeys(match.workflow for match in history.matches if match.workflow != TRIGGER)
    trigger = engine.store.read(triggers.find, history.event.trigger_id).name
    wanted = [name for name in asked if only in {None, name}]
    return [_saved(engine, name, trigger, history.event, history.runs) for name in wanted]


def _saved(engine: Engine, name: str, trigger: str, event: Event, runs: Sequence[Run]) -> Saved:
    try:
        version = engine.store.read(workflows.find, name).version
        workflow = engine.published.workflow(name, version)
    except NotFound as error:
        return Saved(name, problem=error.detail)
    ran = [run for run in runs if (run.workflow, run.version) == (name, version) and run.finished_at is not None]
    entries = engine.store.read(show.steps, ran[-1].id, 0, MOST_STEPS + 1) if ran else []
    if len(entries) > MOST_STEPS:
        return Saved(name, problem=f"its run has more than {MOST_STEPS:,} steps: {_BY_HAND}")
    happening = Happening(event.type, parsed(event), time=event.time, received_at=event.received_at)
    given = Given(happening, trigger if trigger in workflow.triggers else None, None, None, event.received_at)
    return _made(workflow, given, entries, engine.actions)


def _made(workflow: Workflow, given: Given, entries: Sequence[Entry], actions: Mapping[str, Action]) -> Saved:
    mocks = dict(_mocks(entries, actions))
    try:
        safe, safe_mocks = _safe(given, mocks, Pseudonyms(kept_of(workflow.text)))
    except TooMuch as error:
        return Saved(workflow.identity, problem=f"{error}: {_BY_HAND}")
    before, after = _played(workflow, given, mocks, actions), _played(workflow, safe, safe_mocks, actions)
    if _shape(before) != _shape(after):
        problem = f"with personal data replaced, the workflow does something else with this event: {_BY_HAND}"
        return Saved(workflow.identity, problem=problem)
    return Saved(workflow.identity, _HEAD + dump({"tests": [_test(workflow, safe, safe_mocks, after)]}))


def _safe(given: Given, mocks: Mapping[str, Mock], names: Pseudonyms) -> tuple[Given, Mapping[str, Mock]]:
    """Return a test without personal data; all of it is looked at first: what a mock names can stand in the event.

    Raises:
        TooMuch: it cannot be made.
    """
    for value in _values(given, mocks):
        names.learn(value)
    event = given.event and replace(given.event, data=names.replace(given.event.data))
    return replace(given, event=event), {path: _safe_mock(mock, names) for path, mock in mocks.items()}


def _values(given: Given, mocks: Mapping[str, Mock]) -> Iterator[object]:
    """Yield all that came from outside."""
    if given.event is not None:
        yield given.event.data
    for answer in (answer for mock in mocks.values() for answer in mock.answers):
        yield answer.output
        if answer.failure is not None:
            yield from (answer.failure.detail, answer.failure.output)


def _safe_mock(mock: Mock, names: Pseudonyms) -> Mock:
    return replace(mock, answers=tuple(_safe_answer(answer, names) for answer in mock.answers))


def _safe_answer(answer: Answer, names: Pseudonyms) -> Answer:
    failure, output = answer.failure, names.replace(answer.output)
    if failure is None:
        return Answer(output)
    return Answer(
        None, ActionFailed(failure.kind, str(names.replace(failure.detail)), output=names.replace(failure.output))
    )


def _mocks(entries: Sequence[Entry], actions: Mapping[str, Action]) -> Iterator[tuple[str, Mock]]:
    """Yield what the actions of a run came to, by the path of the step."""
    for entry in entries:
        if entry.uses is None or (entry.uses in actions and is_real(actions[entry.uses].spec)):
            continue
        if entry.outcome is Outcome.SUCCEEDED:
            yield entry.path, Mock((Answer(entry.output),), in_turn=False)
        elif entry.outcome is Outcome.FAILED:
            yield entry.path, Mock((_failure(entry),), in_turn=False)


def _failure(entry: Entry) -> Answer:
    error = entry.error or {}
    kind, message = str(error.get("kind")), str(error.get("message"))
    return Answer(None, ActionFailed(kind if kind in _KINDS else Failure.FAILED.value, message, output=entry.output))


def _played(
    workflow: Workflow, given: Given, mocks: Mapping[str, Mock], actions: Mapping[str, Action]
) -> Mapping[str, object]:
    """Return what comes of a test; of a workflow whose run is not known to its end, only what it answers."""
    try:
        return play(workflow, given, mocks, actions).results
    except CannotPlay:
        return {"condition": "yes"}


def _shape(results: Mapping[str, object]) -> Mapping[str, object]:
    """Return what must be the same with made-up values: the answer, the steps with their outcomes, and the end."""
    return {key: results.get(key) for key in ("condition", "outcome", "steps")}


def _test(
    workflow: Workflow, given: Given, mocks: Mapping[str, Mock], results: Mapping[str, object]
) -> Mapping[str, object]:
    event = given.event
    trigger = {"trigger": given.trigger} if given.trigger not in {None, *workflow.triggers[:1]} else {}
    happened = _event(event) if event else {}
    written = {path: _written(mock.answers[0]) for path, mock in mocks.items()}
    name = f"{event.type if event else 'A run'} of {rfc3339(given.now)[:19].replace('T', ' ')}: {results['condition']}"
    expect = {key: value for key, value in results.items() if value is not None and value != []}
    return {
        "name": name,
        "given": {**trigger, "event": happened},
        **({"mock": written} if written else {}),
        "expect": expect,
    }


def _event(event: Happening) -> Mapping[str, object]:
    times = {"time": event.time, "received_at": event.received_at}
    return {"type": event.type, **{name: rfc3339(at) for name, at in times.items() if at}, "data": event.data}


def _written(answer: Answer) -> Mapping[str, object]:
    if answer.failure is None:
        return {"output": answer.output}
    output = {} if answer.failure.output is None else {"output": answer.failure.output}
    return {"fail": answer.failure.kind, "message": answer.failure.detail, **output}
