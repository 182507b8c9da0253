"""Rule: a step uses an action that there is, and gives it the inputs that it takes."""

from collections.abc import Mapping

from engine.clock import parse_time
from engine.definitions.action import ActionSpec, Reader
from engine.definitions.dialect import CONNECTION, RETRY, USES, WITH, Failure
from engine.definitions.kinds import DURATION, Schema
from engine.definitions.remarks import Place, did_you_mean, meant
from engine.definitions.schema import mismatches, without_required
from engine.definitions.workflow import Retry, Step
from engine.errors import ExpressionError

#: What ``x-kind`` of an input can say, and how a text of that kind is read.
_KINDS: Mapping[str, Reader] = {"duration": DURATION.read, "wait": DURATION.read, "time": parse_time}

#: What ``x-kind`` of an input says that is never filled in, and what to write instead.
_NO_TEMPLATES = {
    "code": "data never becomes code; hand it over by `inputs`",
    "condition": "write the expression alone, which may name what templates may",
    "name": "it has to be known before the run begins",
}


def check_action(step: Step, actions: Mapping[str, ActionSpec], place: Place) -> None:
    """Note an action that there is not, and inputs that it does not take so."""
    if step.uses is None:
        return
    spec = actions.get(step.uses)
    if spec is None:
        place.at(USES.name).wrong(f"there is no action `{step.uses}`{did_you_mean(step.uses, actions)}")
        return
    if step.connection is not None and not spec.takes_connection:
        place.at(CONNECTION.name).wrong_key(f"`{spec.name}` takes no connection")
    if step.connection is None and spec.needs_connection:
        place.wrong(f"`{spec.name}` needs `connection:`, the name of the credentials to call with")
    if step.retry is not None and spec.awaits:
        _check_retry(step.retry, spec, place.at(RETRY.name))
    given = inputs_at(place)
    if given is not None:
        _check_inputs(spec, given, place.at(WITH.name))


def inputs_at(place: Place) -> Mapping[str, object] | None:
    """Return the inputs of the step at a place as they are written; None where they are no mapping, as a template."""
    written = place.value.get(WITH.name, {}) if isinstance(place.value, dict) else {}
    return written if isinstance(written, dict) else None


def _check_retry(retry: Retry, spec: ActionSpec, place: Place) -> None:
    """Judge the ``retry`` of a step that waits for somebody else, who may fail; of silence there is no second try."""
    worth = sorted(spec.failures.keys() - {Failure.TIMEOUT})
    if not worth:
        place.wrong_key(f"`{spec.name}` takes no `retry`: it waits once, and `on_error` can see to the end of its time")
    elif retry.when.isdisjoint(worth):
        place.wrong(f"`{spec.name}` is tried again when the other run has failed: write `when: [{', '.join(worth)}]`")


def _check_inputs(spec: ActionSpec, given: Mapping[str, object], place: Place) -> None:
    strangers = given.keys() - spec.inputs.keys()
    for name in strangers:
        place.at(name).wrong_key(f"`{spec.name}` has no input `{name}`{did_you_mean(name, spec.inputs)}")
    misspelt = meant(strangers, spec.inputs)
    for name, schema in spec.inputs.items():
        if name in given:
            _check_input(name, schema, place.at(name), spec.readers.get(name))
        elif schema.get("required") is True and name not in misspelt:
            place.wrong(f"`{spec.name}` needs the input `{name}`")
    for path, words in spec.judge(given) if spec.judge else ():
        place.at(*path).wrong_key(words)


def _check_input(name: str, schema: Schema, place: Place, reader: Reader | None) -> None:
    """Judge what is written out; of a value with holes in it only the type can be told."""
    value = place.value
    has_holes = _has_hole(value)
    if has_holes and schema.get("x-kind") in _NO_TEMPLATES:
        place.wrong(f"`{name}` takes no `${{{{ }}}}`: {_NO_TEMPLATES[str(schema['x-kind'])]}")
        return
    if _is_hole(value):
        return
    read = reader or _KINDS.get(str(schema.get("x-kind")))
    if read is DURATION.read and isinstance(value, int | float):
        _check_kind(name, value, read, place)
        return
    for mismatch in mismatches(_type_alone(schema) if has_holes else without_required(schema), value):
        place.wrong(f"`{name}{mismatch['path'].replace('/', '.')}` {mismatch['message']}")
    if read and isinstance(value, str) and not has_holes:
        _check_kind(name, value, read, place)


def _check_kind(name: str, value: object, read: Reader, place: Place) -> None:
    try:
        read(value)
    except ExpressionError as error:
        place.wrong_in(str(value), error.column, f"`{name}`: {error}")
    except ValueError as error:
        place.wrong(f"`{name}`: {error}")


def _type_alone(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key == "type"}


def _is_hole(value: object) -> bool:
    return isinstance(value, str) and value.startswith("${{") and value.endswith("}}")


def _has_hole(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_hole, value.values()))
    if isinstance(value, list):
        return any(map(_has_hole, value))
    return isinstance(value, str) and "${{" in value
