"""Walk the steps of a workflow as a run would, and judge every expression by what is in scope there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definitions import dialect
from engine.definitions.action import ActionSpec
from engine.definitions.checker_actions import check_action, inputs_at
from engine.definitions.checker_answers import AnswerRule
from engine.definitions.checker_names import Home, Spot, check_names
from engine.definitions.checker_types import check_cases, check_comparisons, check_constant
from engine.definitions.fields import read, written_keys
from engine.definitions.kinds import CONDITION, Schema
from engine.definitions.remarks import Place
from engine.definitions.scope import ERROR, LOOP, Scope, event, repetition, result, sealed, with_event
from engine.definitions.workflow import Step, StepKind
from engine.language.condition import Condition
from engine.language.functions import FUNCTIONS
from engine.language.template import Template
from engine.language.values import Path

#: Names that a loop's item cannot have: the scope's own, and those of functions.
_TAKEN = frozenset({"event", "trigger", "workflow", "run", "vars", "inputs", "steps", "error", "loop"}) | frozenset(
    {"true", "false", "null"}
)
#: Keys of a step below which its own loop is in scope.
_BODY = tuple(
    key.name
    for key in (
        dialect.WITH,
        dialect.STEPS_OF_GROUP,
        dialect.PARALLEL,
        dialect.SWITCH,
        dialect.CASES_OF_SWITCH,
        dialect.WHILE,
    )
)
#: A condition about a later event, among the inputs of an action.
LATER = dialect.Key("if", CONDITION, "Which event.")
_NULL: Schema = {"type": "null"}


@dataclass(frozen=True, slots=True)
class StepRules:
    """What the rules know of the whole workflow."""

    actions: Mapping[str, ActionSpec]
    #: Where each step stands, by id.
    homes: Mapping[str, Home]
    #: What was in scope at each step that was judged, and in its body, by their places.
    scopes: dict[Path, Scope] = field(default_factory=dict)
    answers: AnswerRule = field(default_factory=AnswerRule)

    def check_steps(self, steps: tuple[Step, ...], place: Place, scope: Scope) -> Scope:
        """Judge a list of steps; return what is in scope after the last of them."""
        for index, step in enumerate(steps):
            self._check_step(step, place.at(index), scope)
            scope = scope.with_step(step.id, result(self._output(step)))
        return scope

    def check_template(self, template: Template | None, place: Place, scope: Scope) -> None:
        """Judge every hole of a template."""
        for path, expression in template.expressions if template else ():
            hole = place.at(*path)
            self._check(Spot(hole, str(hole.value), expression), scope)

    def check_condition(self, condition: Condition | None, place: Place, scope: Scope) -> None:
        """Judge a condition: its names, and whether it can say yes and no."""
        if condition is not None:
            spot = Spot(place, place.value if isinstance(place.value, str) else None, condition.expression)
            if not self._check(spot, scope) and not check_constant(spot):
                self.answers.check(spot, scope)

    def check_switch(self, step: Step, place: Place, scope: Scope) -> None:
        """Judge what a step chooses its case by, and each case's steps."""
        here, cases = place.at(dialect.SWITCH.name), place.at(dialect.CASES_OF_SWITCH.name)
        if step.switch is not None:
            spot = Spot(here, str(here.value), step.switch)
            self._check(spot, scope)
            check_cases(spot, [(cases.at(case.key), case.value) for case in step.cases], scope)
        for case in step.cases:
            self.check_steps(case.steps, cases.at(case.key), scope)

    def _check(self, spot: Spot, scope: Scope) -> bool:
        """Judge an expression; say whether a comparison in it makes no sense."""
        check_names(spot, scope, self.homes)
        return check_comparisons(spot, scope)

    def _check_step(self, step: Step, place: Place, scope: Scope) -> None:
        self.check_condition(step.condition, place.at(dialect.IF.name), scope)
        self.check_template(step.for_each, place.at(dialect.FOR_EACH.name), scope)
        if step.on_error is not None:
            self.check_steps(
                step.on_error.steps, place.at(dialect.ON_ERROR.name, "steps"), scope.with_names(error=ERROR)
            )
        inside = self._inside(step, place, scope)
        self.scopes.update({place.path: scope, **{place.at(name).path: inside for name in _BODY}})
        check_action(step, self.actions, place)
        self.check_template(step.inputs, place.at(dialect.WITH.name), inside)
        self._check_later(step, place, inside)
        self.check_condition(step.while_true, place.at(dialect.WHILE.name), inside)
        self.check_switch(step, place, inside)
        self.check_steps(step.otherwise, place.at(dialect.ELSE.name), inside if step.kind is StepKind.SWITCH else scope)
        if step.kind is StepKind.PARALLEL:
            for index, branch in enumerate(step.steps):
                self._check_step(branch, place.at(dialect.PARALLEL.name, index), inside)
        else:
            self.check_steps(step.steps, place.at(dialect.STEPS_OF_GROUP.name), inside)

    def _check_later(self, step: Step, place: Place, scope: Scope) -> None:
        """Judge the conditions among an action's inputs: they are asked about a later event."""
        spec, given = self.actions.get(step.uses or ""), inputs_at(place) or {}
        later = scope.with_names(event=event({}), run=with_event(scope.names.get("event")))
        for name, schema in spec.inputs.items() if spec else ():
            if schema.get("x-kind") == "condition" and name in given:
                here = place.at(dialect.WITH.name, name)
                self.check_condition(read(LATER, given[name], here), here, later)

    def _inside(self, step: Step, place: Place, scope: Scope) -> Scope:
        """Return the scope of the step's own body: in a loop, the item and ``loop`` are there too."""
        if step.while_true is not None:
            return scope.with_names(loop=repetition(self._body_output(step)))
        if dialect.FOR_EACH.name not in written_keys(dialect.STEP, place.value):
            return scope
        if step.item in _TAKEN or step.item in FUNCTIONS:
            place.at(dialect.AS.name).wrong(f"`{step.item}` has a meaning already: give the item another name")
        return scope.with_names(**{step.item: {}, "loop": LOOP})

    def _output(self, step: Step) -> object:
        """Return the schema of a step's output; anything where the ``else`` of its ``if`` can run instead."""
        if step.otherwise and step.kind is not StepKind.SWITCH:
            return {}
        output = self._body_output(step)
        is_loop = step.for_each is not None or step.while_true is not None
        return {"type": "array", "items": output} if is_loop else output

    def _body_output(self, step: Step) -> object:
        if step.steps:
            return self._outputs(step.steps)
        if step.kind is StepKind.SWITCH:
            lists = [*(case.steps for case in step.cases), step.otherwise]
            return {"anyOf": [*map(self._outputs, lists), _NULL]}
        spec = self.actions.get(step.uses or "")
        return {} if spec is None else spec.output

    def _outputs(self, steps: tuple[Step, ...]) -> Schema:
        return sealed({step.id: result(self._output(step)) for step in steps})
