"""Rule: an expression names only what is there when it is evaluated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.definitions.remarks import Place, did_you_mean
from engine.definitions.scope import Missing, Scope, find_missing
from engine.definitions.workflow import Step, bodies
from engine.language.expression import Expression
from engine.language.values import Path, path_text

#: Names that exist at other places than this one, or in other products, each with what to say.
_ELSEWHERE: Mapping[str, str] = {
    "secrets": "there is no `secrets`: credentials go in by the step's `connection:` alone",
    "error": "`error` is there only in `on_error`",
    "loop": "`loop` is there only in `for_each` and `while`",
    "event": "`event` is there only in runs that a trigger starts, and this workflow has no `trigger`",
    "trigger": "`trigger` is there only in runs that a trigger starts, and this workflow has no `trigger`",
    "payload": "there is no `payload`: write event.data",
    "env": "there is no `env`: write the value into `vars`",
}
#: Names that a run has, and that are not there before it, or before they are filled in.
_LATER = frozenset({"workflow", "run", "inputs", "vars", "steps"})


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an expression stands: a place, and the text there that it is part of."""

    place: Place
    text: str | None
    expression: Expression

    def note(self, part: str, message: str, *, warning: bool = False) -> None:
        """Note something about a part of the expression, at the part if it can be found in the text."""
        begin = -1 if self.text is None else self.text.find(self.expression.text)
        if self.text is None or begin < 0:
            self.place.remarks.note(self.place.mark, message, warning=warning)
        else:
            offset = begin + max(self.expression.text.find(part), 0)
            self.place.wrong_in(self.text, offset, message, warning=warning)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a step stands."""

    line: int
    #: Ids of the groups around it, outermost first.
    groups: tuple[str, ...]


def homes(steps: tuple[Step, ...], place: Place, groups: tuple[str, ...] = ()) -> Iterator[tuple[str, Home]]:
    """Yield every step of a list and of the groups in it, with where it stands."""
    for index, step in enumerate(steps):
        here = place.at(index)
        yield step.id, Home(here.mark.line, groups)
        for path, inner in bodies(step):
            yield from homes(inner, here.at(*path), (*groups, step.id))


def check_names(spot: Spot, scope: Scope, homes: Mapping[str, Home]) -> None:
    """Note every path of an expression that its place does not have."""
    schema = scope.schema
    for path in spot.expression.paths:
        missing = find_missing(schema, path)
        if missing is not None and (missing.certain or path not in spot.expression.optional_paths):
            message = _words(path, missing, scope, homes)
            spot.note(path_text(path), message, warning=not missing.certain)


def _words(path: Path, missing: Missing, scope: Scope, homes: Mapping[str, Home]) -> str:
    key = str(path[missing.depth])
    if missing.depth == 0:
        return _no_name(key, missing)
    if path[0] == "steps" and missing.depth == 1:
        return _no_step(key, scope, homes)
    if path[:2] == ("event", "payload"):
        return f"`event.payload` is Blink's: write {path_text(('event', 'data', *path[2:]))}"
    wanted = path_text(path[: missing.depth + 1])
    if path[:2] == ("event", "data"):
        return f"the trigger's schema has no `{wanted}`{did_you_mean(key, missing.known)}"
    return f"there is no `{wanted}`{did_you_mean(key, missing.known)}"


def _no_name(name: str, missing: Missing) -> str:
    if name in _LATER:
        return f"`{name}` is not there yet when this is evaluated"
    return _ELSEWHERE.get(name) or f"there is no `{name}` here{did_you_mean(name, missing.known)}"


def _no_step(step_id: str, scope: Scope, homes: Mapping[str, Home]) -> str:
    home, known = homes.get(step_id), scope.steps or {}
    if home is None:
        return f"there is no step `{step_id}` before this one{did_you_mean(step_id, known)}"
    if home.groups and home.groups[0] in known:
        path = "".join(f".{group}.output" for group in home.groups)
        return f"the step `{step_id}` is inside `{home.groups[-1]}`: write steps{path}.{step_id}"
    return f"the step `{step_id}` in line {home.line} has not run when this is evaluated"
