"""From a loaded document to a workflow: each key read by the dialect, with a remark for each that does not fit.

What comes back is whole even when the file has mistakes, so that the rules can go on and find the others; it must not
run then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import count

from engine.definitions import dialect
from engine.definitions.described import wrong_schema
from engine.definitions.fields import Fields, open_fields, read, written_keys
from engine.definitions.remarks import Place, Remarks
from engine.definitions.schedule import Schedule
from engine.definitions.workflow import Case, Limits, OnError, Retry, Step, StepKind, Then, Workflow
from engine.language.template import compile_template
from engine.language.values import kind_of
from engine.words import WhenBusy

#: Lists of steps that may stand within each other; a run walks them by recursion.
MAX_DEPTH = 16
#: Steps of one list.
MAX_STEPS = 500

DEFAULT_TIMEZONE = "UTC"
DEFAULT_ITEM = "item"
DEFAULT_WAIT = timedelta(seconds=1)
DEFAULT_FACTOR = 2.0
DEFAULT_MAX_WAIT = timedelta(minutes=5)
DEFAULT_WHEN = (
    dialect.Failure.TIMEOUT,
    dialect.Failure.CONNECTION,
    dialect.Failure.HTTP_429,
    dialect.Failure.HTTP_5XX,
)

#: The action that waits for an event; which one has to be known before it comes.
WAIT_FOR_EVENT = "core.wait_for_event"

#: What a step is, by the key that says so.
_KINDS = {
    dialect.USES.name: StepKind.USES,
    dialect.STEPS_OF_GROUP.name: StepKind.GROUP,
    dialect.PARALLEL.name: StepKind.PARALLEL,
    dialect.SWITCH.name: StepKind.SWITCH,
}
_NOTHING = compile_template({})

#: What starts runs that nobody gives inputs.
_UNASKED = (dialect.SCHEDULE.name, dialect.SILENCE.name)


def read_workflow(identity: str, remarks: Remarks) -> Workflow:
    """Read a whole file; what is wrong with it is in the remarks."""
    file = open_fields(dialect.FILE, remarks.document.value, Place(remarks))
    on = _read_on(file)
    return Workflow(
        identity=identity,
        title=file.get(dialect.NAME) or identity,
        description=file.get(dialect.DESCRIPTION) or "",
        version=sha256(remarks.text.encode()).hexdigest(),
        text=remarks.text,
        triggers=on.get(dialect.TRIGGER) or (),
        awaits=frozenset(_awaited(file.values)),
        events=on.get(dialect.EVENT) or (),
        condition=on.get(dialect.ON_IF),
        schedule=_read_schedule(on),
        silences=on.get(dialect.SILENCE) or (),
        manual=on.get(dialect.MANUAL) or False,
        inputs=_read_inputs(file, unasked=next((key for key in _UNASKED if key in on.values), None)),
        vars=file.get(dialect.VARS) or _NOTHING,
        limits=_read_limits(file),
        steps=_read_steps(file, dialect.FILE_STEPS),
        on_error=_read_steps(file, dialect.FILE_ON_ERROR),
        outputs=file.get(dialect.OUTPUTS),
    )


def _awaited(written: object) -> Iterator[str]:
    """Yield the triggers of ``core.wait_for_event``, wherever in the file it is used."""
    if isinstance(written, Mapping):
        inputs = written.get(dialect.WITH.name)
        if written.get(dialect.USES.name) == WAIT_FOR_EVENT and isinstance(inputs, Mapping):
            yield str(inputs.get("trigger"))
        written = list(written.values())
    if isinstance(written, list):
        for part in written:
            yield from _awaited(part)


def _open(file: Fields, key: dialect.Key[Mapping[str, object]], table: dialect.Table) -> Fields:
    """Read a mapping below; without one, everything in it is absent."""
    value = file.get(key)
    return Fields(file.at(key), {}) if value is None else open_fields(table, value, file.at(key))


def _read_limits(file: Fields) -> Limits:
    limits = _open(file, dialect.LIMITS, dialect.LIMITS_TABLE)
    return Limits(
        timeout=limits.get(dialect.TIMEOUT),
        runs_per=limits.get(dialect.RUNS_PER),
        when_busy=limits.get(dialect.WHEN_BUSY) or WhenBusy.QUEUE,
    )


def _read_on(file: Fields) -> Fields:
    on = _open(file, dialect.ON, dialect.ON_TABLE)
    written = written_keys(dialect.ON_TABLE, on.values)
    starts = on.values.get("manual", "manual" in written) is True or not {"trigger", *_UNASKED}.isdisjoint(written)
    if dialect.ON.name in file.values and not starts:
        on.place.wrong("nothing starts this workflow: write `trigger`, `schedule`, `silence`, or `manual: true`")
    return on


def _read_schedule(on: Fields) -> Schedule | None:
    if dialect.SCHEDULE.name not in on.values:
        return None
    fields = _open(on, dialect.SCHEDULE, dialect.SCHEDULE_TABLE)
    cron, zone = fields.get(dialect.CRON_TIMES), fields.get(dialect.ZONE)
    return None if cron is None else Schedule(cron, zone or DEFAULT_TIMEZONE)


def _read_inputs(file: Fields, *, unasked: str | None) -> Mapping[str, Mapping[str, object]]:
    inputs = file.get(dialect.INPUTS) or {}
    places = {name: file.at(dialect.INPUTS).at(name) for name in inputs}
    return {name: _read_input(schema, places[name], unasked=unasked) for name, schema in inputs.items()}


def _read_input(schema: object, place: Place, *, unasked: str | None) -> Mapping[str, object]:
    for path, words in wrong_schema(schema):
        place.at(*path).wrong_key(words)
    if not isinstance(schema, dict):
        return {}
    if unasked and schema.get("required") is True and "default" not in schema:
        place.wrong(f"a run by `{unasked}` has nobody to give this input: write a `default`")
    return schema


def _read_steps(
    fields: Fields, key: dialect.Key[Sequence[object]], table: dialect.Table = dialect.STEP
) -> tuple[Step, ...]:
    return _read_list(fields.get(key) or (), fields.at(key), table)


def _read_list(values: Sequence[object], place: Place, table: dialect.Table) -> tuple[Step, ...]:
    if values and sum(isinstance(part, int) for part in place.path) >= MAX_DEPTH:
        place.wrong(f"steps stand at most {MAX_DEPTH} lists deep")
        return ()
    if len(values) > MAX_STEPS:
        place.wrong(f"a list has at most {MAX_STEPS} steps, and this one has {len(values)}")
        return ()
    ids = _ids(values, place)
    return tuple(
        _read_step(step_id, open_fields(table, value, place.at(index)))
        for index, (step_id, value) in enumerate(zip(ids, values, strict=True))
    )


def _read_step(step_id: str, fields: Fields) -> Step:
    fields.get(dialect.ID)
    kind = next((kind for name, kind in _KINDS.items() if name in fields.values), StepKind.USES)
    is_parallel = kind is StepKind.PARALLEL
    key, table = (dialect.PARALLEL, dialect.BRANCH) if is_parallel else (dialect.STEPS_OF_GROUP, dialect.STEP)
    return Step(
        id=step_id,
        name=fields.get(dialect.STEP_NAME),
        kind=kind,
        uses=fields.get(dialect.USES),
        inputs=fields.get(dialect.WITH) or _NOTHING,
        connection=fields.get(dialect.CONNECTION),
        steps=_read_steps(fields, key, table),
        switch=fields.get(dialect.SWITCH),
        cases=_read_cases(fields),
        otherwise=_read_steps(fields, dialect.ELSE),
        condition=fields.get(dialect.IF),
        for_each=fields.get(dialect.FOR_EACH),
        item=fields.get(dialect.AS) or DEFAULT_ITEM,
        at_once=fields.get(dialect.AT_ONCE) or 1,
        while_true=fields.get(dialect.WHILE),
        max_turns=fields.get(dialect.MAX) or 1,
        retry=_read_retry(fields),
        timeout=fields.get(dialect.TIMEOUT),
        on_error=_read_on_error(fields),
        disabled=fields.get(dialect.DISABLED) or False,
        keep_output=fields.get(dialect.KEEP_OUTPUT) is not False,
        effect=fields.get(dialect.EFFECT),
    )


def _read_cases(step: Fields) -> tuple[Case, ...]:
    found: dict[tuple[object, object], Case] = {}
    for key, steps in (step.get(dialect.CASES_OF_SWITCH) or {}).items():
        place = step.at(dialect.CASES_OF_SWITCH).at(key)
        case = _read_case(key, steps, place)
        if case is None:
            continue
        twin = found.setdefault((kind_of(case.value), case.value), case)
        if twin is not case:
            place.wrong_key(f"the case `{twin.key}` before it is for the same value")
    return tuple(found.values())


def _read_case(key: str, steps: object, place: Place) -> Case | None:
    inside = read(dialect.CASE, steps, place) or ()
    try:
        value = place.remarks.document.key_value(place.path)
    except ValueError as error:
        place.wrong_key(str(error))
        return None
    return Case(value, key, _read_list(inside, place, dialect.STEP))


def _read_retry(step: Fields) -> Retry | None:
    if dialect.RETRY.name not in step.values:
        return None
    retry = _open(step, dialect.RETRY, dialect.RETRY_TABLE)
    return Retry(
        attempts=retry.get(dialect.ATTEMPTS) or 1,
        wait=retry.get(dialect.WAIT) or DEFAULT_WAIT,
        factor=retry.get(dialect.GROWTH) or DEFAULT_FACTOR,
        max_wait=retry.get(dialect.MAX_WAIT) or DEFAULT_MAX_WAIT,
        when=frozenset(retry.get(dialect.WHEN) or DEFAULT_WHEN),
    )


def _read_on_error(step: Fields) -> OnError | None:
    value = step.get(dialect.ON_ERROR)
    if not value:
        return None if value is None else OnError((), Then.CONTINUE)
    fields = open_fields(dialect.ON_ERROR_TABLE, value, step.at(dialect.ON_ERROR))
    return OnError(_read_steps(fields, dialect.ERROR_STEPS), fields.get(dialect.THEN) or Then.FAIL)


def _ids(values: Sequence[object], place: Place) -> list[str]:
    """Return an id for each step of a list: its own, or one made from its action or its place."""
    steps = [value if isinstance(value, dict) else {} for value in values]
    written = [step["id"] if isinstance(step.get("id"), str) else None for step in steps]
    _note_twins(written, place)
    taken = {name for name in written if name is not None}
    ids: list[str] = []
    for number, (name, step) in enumerate(zip(written, steps, strict=True), 1):
        ids.append(_made_id(step.get("uses"), number, taken) if name is None else name)
        taken.add(ids[-1])
    return ids


def _note_twins(written: Sequence[str | None], place: Place) -> None:
    seen: set[str] = set()
    for index, name in enumerate(written):
        if name in seen:
            place.at(index, dialect.ID.name).wrong(f"a step before it in this list has the id `{name}` too")
        seen.update(filter(None, [name]))


def _made_id(uses: object, number: int, taken: Collection[str]) -> str:
    """Return ``http_post``, ``http_post_2`` and so on for the use of an action, ``step_3`` for anything else."""
    base = uses.replace(".", "_") if isinstance(uses, str) else ""
    base = base if base.isascii() and base.isidentifier() else f"step_{number}"
    return next(name for name in _numbered(base) if name not in taken)


def _numbered(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}_{number}" for number in count(2))
