"""Rule: a workflow asks for no more time than this Wink gives."""

from collections.abc import Mapping
from datetime import timedelta

from engine.bounds import Bounds
from engine.clock import format_duration, parse_duration
from engine.definitions.action import ActionSpec
from engine.definitions.checker_actions import inputs_at
from engine.definitions.dialect import FILE_ON_ERROR, FILE_STEPS, LIMITS, TIMEOUT, WITH
from engine.definitions.remarks import Place
from engine.definitions.workflow import Step, Workflow, every_body


def check_bounds(workflow: Workflow, file: Place, actions: Mapping[str, ActionSpec], bounds: Bounds) -> None:
    """Note every length of time that is written out and that no run of this Wink has."""
    timeout = workflow.limits.timeout
    _check_length(timeout, bounds.run_timeout, "WINK_RUN_TIMEOUT", file.at(LIMITS.name, TIMEOUT.name))
    _check_steps(workflow.steps, file.at(FILE_STEPS.name), actions, bounds.max_wait)
    _check_steps(workflow.on_error, file.at(FILE_ON_ERROR.name), actions, bounds.max_wait)


def _check_steps(steps: tuple[Step, ...], place: Place, actions: Mapping[str, ActionSpec], longest: timedelta) -> None:
    for index, step in enumerate(steps):
        here, spec = place.at(index), actions.get(step.uses or "")
        if spec is not None:
            _check_waits(step, spec, here, longest)
        for path, inner in every_body(step):
            _check_steps(inner, here.at(*path), actions, longest)


def _check_waits(step: Step, spec: ActionSpec, place: Place, longest: timedelta) -> None:
    if spec.awaits:
        _check_length(step.timeout, longest, "WINK_MAX_WAIT", place.at(TIMEOUT.name))
    for name, written in (inputs_at(place) or {}).items():
        if spec.inputs.get(name, {}).get("x-kind") == "wait":
            _check_length(_length(written), longest, "WINK_MAX_WAIT", place.at(WITH.name, name))


def _length(written: object) -> timedelta | None:
    """Return a length of time that is written out; None for a template, and for what another rule refuses."""
    try:
        return parse_duration(str(written))
    except (ValueError, OverflowError):
        return None


def _check_length(length: timedelta | None, longest: timedelta, setting: str, place: Place) -> None:
    if length is not None and length > longest:
        place.wrong(f"{format_duration(length)} is more than this Wink gives: {format_duration(longest)} ({setting})")
