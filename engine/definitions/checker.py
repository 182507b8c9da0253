"""Check a workflow file: every mistake at once, each with its line and column, or the workflow as it will run."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.bounds import Bounds
from engine.definitions import dialect
from engine.definitions.action import ActionSpec
from engine.definitions.checker_bounds import check_bounds
from engine.definitions.checker_names import homes
from engine.definitions.checker_steps import StepRules
from engine.definitions.described import wrong_words
from engine.definitions.fields import written_keys
from engine.definitions.kinds import LONGEST_NAME, is_slug
from engine.definitions.reading import read_workflow
from engine.definitions.remarks import Place, Remarks, TooMany
from engine.definitions.schema import object_schema
from engine.definitions.scope import ERROR, RUN, TRIGGER, WORKFLOW, Scope, event, sealed
from engine.definitions.workflow import Workflow
from engine.errors import Mistake, Mistakes
from engine.language.values import Path
from engine.language.yaml12 import Document, Mark, load

#: Returns the JSON Schema of a trigger's events of one type, None when there is none yet.
Schemas = Callable[[str, str], object]

_WILDCARD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A file as far as it could be read, also with mistakes in it: to be shown, never to be run."""

    workflow: Workflow
    document: Document
    #: What expressions may name, by the place below which they may.
    scopes: Mapping[Path, Scope]

    def scope_at(self, path: Path) -> Scope:
        """Return what an expression at a place may name: what its step may, or nothing outside of all."""
        while path and path not in self.scopes:
            path = path[:-1]
        return self.scopes.get(path, Scope({}))


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: the workflow when there is no mistake, and every mistake and warning."""

    workflow: Workflow | None
    mistakes: tuple[Mistake, ...]
    #: None when it is no YAML, or has too many mistakes.
    outline: Outline | None = None


def no_schema(trigger: str, event_type: str) -> None:
    """What the triggers' schemas say is in a database, which a file can be checked without."""


def check_workflow(
    text: str | bytes,
    identity: str,
    *,
    actions: Mapping[str, ActionSpec],
    schemas: Schemas | None,
    bounds: Bounds | None = None,
) -> Checked:
    """Check a workflow file.

    identity: the file's stem, or the name in the API's address; schemas: see :data:`Schemas`, None of a text that was
    published once and stays, whatever is looked for since; bounds: of the Wink that is to run it, where that is known.
    """
    try:
        document = load(text)
    except Mistakes as error:
        return Checked(None, error.mistakes)
    remarks = Remarks(text if isinstance(text, str) else text.decode(), document)
    try:
        outline = _check(identity, remarks, actions, schemas, bounds)
    except TooMany as error:
        return Checked(None, (*remarks.mistakes, Mistake(1, 1, str(error))))
    mistakes = remarks.mistakes
    return Checked(outline.workflow if all(mistake.warning for mistake in mistakes) else None, mistakes, outline)


def _check(
    identity: str, remarks: Remarks, actions: Mapping[str, ActionSpec], schemas: Schemas | None, bounds: Bounds | None
) -> Outline:
    workflow = read_workflow(identity, remarks)
    if not is_slug(identity):
        remarks.note(Mark(1, 1), _identity_words(identity))
    place = Place(remarks)
    if bounds is not None:
        check_bounds(workflow, place, actions, bounds)
    if schemas is not None:
        _check_inputs(workflow, place.at(dialect.INPUTS.name))
    scopes = _check_rules(workflow, place, actions, _data_schema(workflow, schemas))
    return Outline(workflow, remarks.document, scopes)


def _identity_words(identity: str) -> str:
    better = re.sub("[^a-z0-9]+", "-", identity.lower()).strip("-")[:LONGEST_NAME]
    advice = f", such as `{better}`" if better else ""
    return f"a workflow's identity is lower-case letters, digits and hyphens, at most {LONGEST_NAME}{advice}"


def _check_inputs(workflow: Workflow, place: Place) -> None:
    for name, schema in workflow.inputs.items():
        for path, words in wrong_words(schema):
            place.at(name, *path).wrong_key(words)


def _data_schema(workflow: Workflow, schemas: Schemas | None) -> object:
    """Return what the triggers' schemas tell of ``event.data``: anything, as soon as one of them is not known."""
    if schemas is None or not workflow.events or any(_WILDCARD.search(event_type) for event_type in workflow.events):
        return {}
    known = [schemas(trigger, event_type) for trigger in workflow.triggers for event_type in workflow.events]
    return {"anyOf": known} if known and None not in known else {}


def _check_rules(
    workflow: Workflow, file: Place, actions: Mapping[str, ActionSpec], data: object
) -> Mapping[Path, Scope]:
    """Judge every expression of the file in the order in which a run comes to it; return what each may name."""
    starts = written_keys(dialect.ON_TABLE, _part(file, dialect.ON))
    silent = {"trigger": TRIGGER} if dialect.SILENCE.name in starts else {}
    started = Scope({"event": event(data), "trigger": TRIGGER} if dialect.TRIGGER.name in starts else silent)
    running = started.with_names(workflow=WORKFLOW, run=RUN, inputs=object_schema(workflow.inputs))
    begun = Scope({**running.names, "vars": sealed({name: {} for name in _part(file, dialect.VARS)})}, steps={})
    steps_place, error_place = file.at(dialect.FILE_STEPS.name), file.at(dialect.FILE_ON_ERROR.name)
    known = {**dict(homes(workflow.on_error, error_place)), **dict(homes(workflow.steps, steps_place))}
    rules = StepRules(actions, known)
    rules.check_condition(workflow.condition, file.at(dialect.ON.name, dialect.ON_IF.name), started)
    rules.check_template(workflow.vars, file.at(dialect.VARS.name), running)
    rules.check_template(workflow.limits.runs_per, file.at(dialect.LIMITS.name, dialect.RUNS_PER.name), running)
    ended = rules.check_steps(workflow.steps, steps_place, begun)
    rules.check_steps(workflow.on_error, error_place, ended.with_names(error=ERROR))
    rules.check_template(workflow.outputs, file.at(dialect.OUTPUTS.name), ended)
    parts = [(dialect.ON, started), (dialect.VARS, running), (dialect.LIMITS, running), (dialect.OUTPUTS, ended)]
    return {**{(key.name,): scope for key, scope in parts}, **rules.scopes}


def _part(file: Place, key: dialect.Key[object]) -> Mapping[str, object]:
    """Return a mapping of the file as it is written, empty when it is none."""
    part = file.value.get(key.name) if isinstance(file.value, dict) else None
    return part if isinstance(part, dict) else {}
