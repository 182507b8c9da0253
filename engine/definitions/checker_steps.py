"""Walk the steps of a workflow as a run would, and judge every expression by what is in scope there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definitions import dialect
from engine.definitions.action import ActionSpec
from engine.definitions.checker_actions import check_action
from engine.definitions.checker_answers import AnswerRule
from engine.definitions.checker_names import Home, Spot, check_names
from engine.definitions.checker_types import check_comparisons, check_constant
from engine.definitions.remarks import Place
from engine.definitions.scope import ERROR, LOOP, Scope, result, sealed
from engine.definitions.workflow import Step
from engine.language.condition import Condition
from engine.language.functions import FUNCTIONS
from engine.language.template import Template
from engine.language.values import Path

#: Names that a loop's item cannot have: the scope's own, and those of functions.
_TAKEN = frozenset({"event", "trigger", "workflow", "run", "vars", "inputs", "steps", "error", "loop"}) | frozenset(
    {"true", "false", "null"}
)


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

    def _check(self, spot: Spot, scope: Scope) -> bool:
        """Judge an expression; say whether a comparison in it makes no sense."""
        check_names(spot, scope, self.homes)
        return check_comparisons(spot, scope)

    def _check_step(self, step: Step, place: Place, scope: Scope) -> None:
        self.check_condition(step.condition, place.at(dialect.IF.name), scope)
        self.check_template(step.for_each, place.at(dialect.FOR_EACH.name), scope)
        self.check_steps(step.otherwise, place.at(dialect.ELSE.name), scope)
        if step.on_error is not None:
            self.check_steps(
                step.on_error.steps, place.at(dialect.ON_ERROR.name, "steps"), scope.with_names(error=ERROR)
            )
        inside = self._inside(step, place, scope)
        body = (dialect.WITH.name, dialect.STEPS_OF_GROUP.name)
        self.scopes.update({place.path: scope, **{place.at(name).path: inside for name in body}})
        check_action(step, self.actions, place)
        self.check_template(step.inputs, place.at(dialect.WITH.name), inside)
        self.check_steps(step.steps, place.at(dialect.STEPS_OF_GROUP.name), inside)

    def _inside(self, step: Step, place: Place, scope: Scope) -> Scope:
        """Return the scope of the step's own body: in a loop, the item and ``loop`` are there too."""
        if step.for_each is None:
            return scope
        if step.item in _TAKEN or step.item in FUNCTIONS:
            place.at(dialect.AS.name).wrong(f"`{step.item}` has a meaning already: give the item another name")
        return scope.with_names(**{step.item: {}, "loop": LOOP})

    def _output(self, step: Step) -> object:
        """Return the schema of a step's output; anything where its ``else`` can run instead."""
        if step.otherwise:
            return {}
        output = self._body_output(step)
        return output if step.for_each is None else {"type": "array", "items": output}

    def _body_output(self, step: Step) -> object:
        if step.steps:
            return sealed({inner.id: result(self._output(inner)) for inner in step.steps})
        spec = self.actions.get(step.uses or "")
        return {} if spec is None else spec.output
