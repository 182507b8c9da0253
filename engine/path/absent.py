"""Warn of what a workflow names and is not there: it can come before a run needs it, and a typing error never does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.actions.waiting import RUN_WORKFLOW
from engine.definitions import dialect
from engine.definitions.connection_uses import connection_uses, fits, steps_in
from engine.definitions.reading import WAIT_FOR_EVENT
from engine.definitions.workflow import Workflow
from engine.errors import Mistake, nearest
from engine.language.template import compile_template
from engine.language.values import Path
from engine.language.yaml12 import Document, load
from engine.path.inputs import default_inputs, wrong_inputs
from engine.runtime import Engine
from engine.store import connections, triggers


@dataclass(frozen=True, slots=True)
class Coming:
    """Names of what is about to be made: nobody is warned that it is not there yet."""

    triggers: frozenset[str] = frozenset()
    workflows: frozenset[str] = frozenset()


#: The place of a name, and what is wrong with it.
_Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class _Named:
    """A name as a file has it, and where."""

    name: str
    path: Path
    #: The inputs of the step that names it.
    beside: Mapping[str, object]


def absent(engine: Engine, workflow: Workflow, coming: Coming) -> Iterator[Mistake]:
    """Yield a warning for each trigger, workflow and connection that is not there, or that cannot be used so."""
    document = load(workflow.text)
    found = (
        *_absent_triggers(engine, workflow, document, coming),
        *_absent_workflows(engine, workflow, document, coming),
        *_absent_connections(engine, document),
    )
    for path, words in found:
        mark = document.mark(path)
        yield Mistake(mark.line, mark.column, words, warning=True)


def _absent_triggers(engine: Engine, workflow: Workflow, document: Document, coming: Coming) -> _Found:
    starting = [
        (name, (dialect.ON.name, key, at))
        for key, names in ((dialect.TRIGGER.name, workflow.triggers), (dialect.SILENCE.name, workflow.silences))
        for at, name in enumerate(names)
    ]
    awaited = [(one.name, one.path) for one in _named(document, WAIT_FOR_EVENT, "trigger")]
    there = {trigger.name: trigger for trigger in engine.store.read(triggers.all_of)}
    known = coming.triggers.union(there)
    for name, path in (*starting, *awaited):
        if name not in known:
            yield path, f"there is no trigger {name!r} yet{nearest(name, sorted(known))}"
        elif path[1] == dialect.SILENCE.name and name in there and there[name].silence is None:
            yield path, f"the trigger {name!r} does not say how long silence is normal: set its `silence`"


def _absent_workflows(engine: Engine, workflow: Workflow, document: Document, coming: Coming) -> _Found:
    known = {**engine.published.now().by_name, workflow.identity: workflow}
    for one in _named(document, RUN_WORKFLOW.name, "workflow"):
        called = known.get(one.name)
        if called is not None:
            yield from _misfits(called, one)
        elif one.name not in coming.workflows:
            yield one.path, f"there is no enabled workflow {one.name!r} yet{nearest(one.name, sorted(known))}"


def _misfits(called: Workflow, use: _Named) -> _Found:
    """Yield why a run of another workflow would fail, as far as its inputs are written out."""
    if not called.manual:
        yield use.path, f"the workflow {called.identity!r} is not run by others: write `manual: true` in its `on:`"
    given, path = use.beside.get("inputs", {}), (*use.path[:-1], "inputs")
    if not isinstance(given, dict):
        return
    for name, words in wrong_inputs(called, {**default_inputs(called), **given}):
        if name not in given or name not in called.inputs or compile_template(given[name]).constant:
            yield (*path, name), f"the input {name!r} of {called.identity!r}: {words}"


def _absent_connections(engine: Engine, document: Document) -> _Found:
    uses = list(connection_uses(document))
    known = connection_kinds(engine) if uses else {}
    for use in uses:
        if use.connection not in known:
            yield use.path, f"there is no connection {use.connection!r} yet{nearest(use.connection, sorted(known))}"
        elif not fits(engine.actions[use.action].spec, known[use.connection]):
            kind = known[use.connection]
            yield use.path, f"the connection {use.connection!r} ({kind}) is not one that `{use.action}` takes"


def connection_kinds(engine: Engine) -> Mapping[str, str]:
    """Return the connector of each connection, or its scheme where it is for any service."""
    return {row.name: row.connector or row.scheme.value for row in engine.store.read(connections.all_of)}


def _named(document: Document, action: str, key: str) -> Iterator[_Named]:
    """Yield what the steps that use an action name in one of its inputs, unless a run fills that in."""
    for path, step in steps_in(document):
        inputs = step.get(dialect.WITH.name) if step.get(dialect.USES.name) == action else None
        name = inputs.get(key) if isinstance(inputs, dict) else None
        if isinstance(inputs, dict) and isinstance(name, str) and compile_template(name).constant:
            yield _Named(name, (*path, dialect.WITH.name, key), inputs)
