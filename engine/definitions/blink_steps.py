"""Blink's steps as Wink's: what has no counterpart becomes a step that fails, so that nothing is left out unseen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import dumps
from types import MappingProxyType

from engine.definitions.blink_expressions import BlinkHole, map_expression, split_blink
from engine.definitions.kinds import IDENTIFIER
from engine.definitions.remarks import Place
from engine.errors import ExpressionError

#: Actions whose branches Blink keeps in ``transitions``.
#: Source: https://docs.blinkops.com/docs/workflows/building-workflows/workflow-yaml
_CHOICES = frozenset({"internal.if", "internal.ifCondition"})
_COMPARISONS: Mapping[str, str] = {"Equals": "==", "Not equals": "!=", "Greater than": ">"}
_JOINTS: Mapping[str, str] = {"And": " and ", "Or": " or "}
#: Keys of a step that are mapped, or mean nothing here.
_KNOWN = frozenset({"id", "name", "action", "inputs", "steps", "transitions"})

_LONGEST_SHOWN = 100

Made = dict[str, object]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a step of Blink's is here."""

    step_id: str
    #: Ids of the groups around it, outermost first.
    groups: tuple[str, ...]


@dataclass(slots=True)
class StepMapper:
    """Maps the steps of one file."""

    #: Names of the actions that Wink has.
    actions: frozenset[str]
    #: Groups around the steps that are mapped now.
    groups: tuple[str, ...] = ()
    #: By Blink's ids; those mapped so far, in the order in which they run.
    homes: dict[str, Home] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    #: Expressions that could not be mapped.
    broken: list[str] = field(default_factory=list)

    def steps(self, place: Place) -> list[Made]:
        """Map a list of steps; what is no step is remarked."""
        if not isinstance(place.value, list):
            place.wrong("this is no list of steps: it is left out")
            return []
        return [made for at in range(len(place.value)) for made in self._step(place.at(at))]

    def template(self, place: Place) -> object:
        """Return a value with its holes written as Wink's; one that cannot be mapped is remarked, and left empty."""
        value = place.value
        if isinstance(value, dict):
            return {key: self.template(place.at(key)) for key in value}
        if isinstance(value, list):
            return [self.template(place.at(at)) for at in range(len(value))]
        return "".join(self._parts(place, value)) if isinstance(value, str) else value

    def resolve(self, step_id: str) -> str | None:
        """Return the path by which the present place knows a step; see :data:`Resolve`."""
        home = self.homes.get(step_id)
        if home is None:
            return None
        shared = 0
        while shared < min(len(home.groups), len(self.groups)) and home.groups[shared] == self.groups[shared]:
            shared += 1
        return "steps" + "".join(f".{group}.output" for group in home.groups[shared:]) + f".{home.step_id}"

    def _parts(self, place: Place, text: str) -> Iterator[str]:
        *parts, end = split_blink(text)
        for part in parts:
            if isinstance(part, BlinkHole):
                mapped = self._expression(place, text, part)
                yield "" if mapped is None else f"${{{{ {mapped} }}}}"
            else:
                # A dollar before a hole would begin it: `$${{` stands for itself.
                plain = part.rstrip("$")
                dollars = part[len(plain) :]
                yield _escaped(plain) + (f"${{{{ '{dollars}' }}}}" if dollars else "")
        yield _escaped(str(end))

    def _expression(self, place: Place, text: str, hole: BlinkHole) -> str | None:
        """Return an expression of Blink's as Wink's; None where it cannot be mapped, which is remarked."""
        try:
            return map_expression(hole.text, self.resolve)
        except ExpressionError as error:
            shown = f"{{{{{hole.text}}}}}" if len(hole.text) < _LONGEST_SHOWN else "this expression"
            place.wrong_in(text, hole.offset, f"`{shown}` cannot be mapped: {error}")
            self.broken.append(hole.text)
            return None

    def _step(self, place: Place) -> Iterator[Made]:
        value = place.value
        if not isinstance(value, dict) or not isinstance(value.get("action"), str):
            place.wrong("this is no step with an `action`: it is left out")
            return
        for key in value.keys() - _KNOWN:
            if value[key] not in (None, "", {}, []):
                place.at(key).wrong_key(f"`{key}` has no counterpart: it is left out")
        head = self._head(place, value)
        if value["action"] in _CHOICES:
            yield from self._choice(head, place, value)
        else:
            yield self._use(head, place, value)
            yield from self._kept(head, [place.at("steps")] if "steps" in value else _branches(place))
        if isinstance(value.get("id"), str):
            self.homes[value["id"]] = Home(str(head["id"]), self.groups)

    def _head(self, place: Place, value: Mapping[str, object]) -> Made:
        """Return id and name of a step; an id that expressions could not write is changed."""
        wanted = value.get("id") if isinstance(value.get("id"), str) else "step"
        step_id = better = self._identifier(str(wanted))
        number = 1
        while step_id in self.taken:
            number += 1
            step_id = f"{better}_{number}"
        self.taken.add(step_id)
        if "id" in value and step_id != value["id"]:
            place.at("id").wrong(f"this is no name for a step here: it is now `{step_id}`")
        name = value.get("name")
        return {"id": step_id, "name": name} if isinstance(name, str) and name.strip() else {"id": step_id}

    def _identifier(self, text: str) -> str:
        for candidate in (text, "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text)[:70]):
            try:
                return IDENTIFIER.read(candidate)
            except ValueError:
                continue
        return "step"

    def _use(self, head: Made, place: Place, value: Mapping[str, object]) -> Made:
        """Map the use of an action: printing, or an action of the same name; any other becomes a failure."""
        action = str(value["action"])
        if not isinstance(value.get("inputs", {}), dict):
            place.at("inputs").wrong("inputs are a mapping: these are left out")
        before = len(self.broken)
        inputs = self.template(place.at("inputs")) if isinstance(value.get("inputs"), dict) else {}
        if len(self.broken) > before:
            return _failing(head, f"an input of Blink's `{action}` could not be mapped", value)
        if action == "internal.print" and isinstance(inputs, dict) and inputs.keys() == {"text"}:
            return {**head, "uses": "core.log", "with": {"message": inputs["text"]}}
        if action in self.actions:
            place.at("action").wrong(f"`{action}` is taken for Wink's action of that name: compare what it does")
            return {**head, "uses": action, **({"with": inputs} if inputs else {})}
        place.at("action").wrong(f"`{action}` has no counterpart: the step fails until you write another one")
        return _failing(head, f"Blink's `{action}` has no counterpart here", value)

    def _kept(self, head: Made, places: Sequence[Place]) -> Iterator[Made]:
        """Keep the steps inside of one that could not be mapped, in a group that does not run."""
        group = self._identifier(f"{head['id']}_steps")
        self.taken.add(group)
        inside = replace(self, groups=(*self.groups, group))
        steps = [step for place in places for step in inside.steps(place)]
        if steps:
            yield {"id": group, "disabled": True, "steps": steps}

    def _choice(self, head: Made, place: Place, value: Mapping[str, object]) -> Iterator[Made]:
        condition = self._condition(place)
        branches = {str(branch.at("on").value).lower(): branch.at("steps") for branch in _with_on(place)}
        if condition is None or not branches.keys() <= {"true", "false"} or "steps" in value or not branches:
            place.at("action").wrong(
                "this condition or its branches cannot be mapped: the step fails, its steps are kept"
            )
            yield _failing(head, "a condition of Blink's could not be mapped")
            yield from self._kept(head, [place.at("steps")] if "steps" in value else _branches(place))
            return
        inside = replace(self, groups=(*self.groups, str(head["id"])))
        yes, no = (inside.steps(branches[name]) if name in branches else [] for name in ("true", "false"))
        if yes:
            yield {**head, "if": condition, "steps": yes, **({"else": no} if no else {})}
        elif no:
            yield {**head, "if": f"not ({condition})", "steps": no}
        else:
            place.wrong("no branch of this condition has a step: it is left out")

    def _condition(self, place: Place) -> str | None:
        """Return the condition of a choice; None where it cannot be mapped, which is remarked."""
        inputs = place.value.get("inputs") if isinstance(place.value, dict) else None
        asked = inputs.get("condition") if isinstance(inputs, dict) else None
        at = place.at("inputs", "condition")
        if isinstance(asked, str):
            return self._side(at)
        if not isinstance(asked, dict) or asked.get("match", "And") not in _JOINTS:
            return None
        sentence = asked.get("sentence")
        rows = (
            [self._row(at.at("sentence", number)) for number in range(len(sentence))]
            if isinstance(sentence, list)
            else []
        )
        known = [row for row in rows if row is not None]
        return _JOINTS[str(asked.get("match", "And"))].join(known) if known and len(known) == len(rows) else None

    def _row(self, place: Place) -> str | None:
        row = place.value
        if not isinstance(row, dict) or not {"lvalue", "op", "rvalue"} <= row.keys():
            place.wrong("this is no comparison")
            return None
        if row["op"] not in _COMPARISONS:
            place.at("op").wrong("this comparison has no counterpart that is known")
            return None
        left, right = self._side(place.at("lvalue")), self._side(place.at("rvalue"))
        return None if left is None or right is None else f"({left} {_COMPARISONS[row['op']]} {right})"

    def _side(self, place: Place) -> str | None:
        """Return a side of a comparison, which is an expression in braces or without them."""
        value = place.value
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts = [part for part in split_blink(text) if isinstance(part, BlinkHole) or part.strip()]
        hole = parts[0] if len(parts) == 1 and isinstance(parts[0], BlinkHole) else BlinkHole(text, 0)
        return self._expression(place, text, hole)


def _failing(head: Made, message: str, step: Mapping[str, object] = MappingProxyType({})) -> Made:
    """Return a step that fails, with the inputs of Blink's in its message: whoever writes another one needs them."""
    inputs = step.get("inputs")
    if inputs and isinstance(inputs, dict):
        message += f"; its inputs: {dumps(inputs, ensure_ascii=False)}"
    # It quotes Blink's file, which is no template.
    return {**head, "uses": "core.fail", "with": {"message": message.replace("{{", "{ {")}}


def _escaped(text: str) -> str:
    """Return a text without holes as a template says it."""
    return text.replace("${{", "$${{")


def _with_on(place: Place) -> list[Place]:
    """Return the transitions of a step, as far as they are branches."""
    found = place.value.get("transitions") if isinstance(place.value, dict) else None
    places = [place.at("transitions", at) for at in range(len(found))] if isinstance(found, list) else []
    return [one for one in places if isinstance(one.value, dict) and {"on", "steps"} <= one.value.keys()]


def _branches(place: Place) -> list[Place]:
    return [branch.at("steps") for branch in _with_on(place)]
