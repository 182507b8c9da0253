"""The keys of a workflow file: the one definition that the checker and the published JSON Schema are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from engine.definitions.kinds import (
    CONDITION,
    CONTINUE_OR_MAPPING,
    DURATION,
    FACTOR,
    FLAG,
    GLOB,
    IDENTIFIER,
    ITEMS,
    MAPPING,
    SLUG,
    STEPS,
    TEXT,
    VALUES,
    Kind,
    Schema,
    choice,
    several,
    whole,
)
from engine.definitions.workflow import Then
from engine.words import Effect

T_co = TypeVar("T_co", covariant=True)


class Failure(StrEnum):
    """Kinds of failure that ``retry.when`` can name, as in :class:`engine.errors.ActionFailed`."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    HTTP_429 = "http_429"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    REFUSED = "refused"
    FAILED = "failed"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Key(Generic[T_co]):
    """One key: its name, what its value can be, and one line for people."""

    name: str
    kind: Kind[T_co]
    doc: str
    required: bool = False
    #: The key that must stand beside this one for it to mean anything.
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with known keys."""

    #: As it stands in a sentence: ``a step``.
    title: str
    keys: Mapping[str, Key[object]]
    #: Keys that the language has and this version of Wink does not take yet.
    later: frozenset[str] = frozenset()
    #: Keys of which exactly one must be there.
    one_of: tuple[str, ...] = ()


def _table(title: str, *keys: Key[object], later: frozenset[str] = frozenset(), one_of: tuple[str, ...] = ()) -> Table:
    return Table(title, {key.name: key for key in keys}, later, one_of)


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


NAME = Key("name", TEXT, "What people call it.", required=True)
DESCRIPTION = Key("description", TEXT, "One full sentence about what it does.")
ON = Key("on", Kind(_reference("on"), MAPPING.read), "What starts it; any of these.", required=True)
INPUTS = Key(
    "inputs",
    Kind({"type": "object", "additionalProperties": _reference("input")}, MAPPING.read),
    "What a run on demand is given: a JSON Schema for each name, with `required: true` where it must be given.",
)
VARS = Key("vars", VALUES, "Values with a name, filled in once when the run starts.")
LIMITS = Key("limits", Kind(_reference("limits"), MAPPING.read), "What one run may take.")
FILE_STEPS = Key("steps", STEPS, "What is done, from top to bottom.", required=True)
FILE_ON_ERROR = Key("on_error", STEPS, "Steps that run when the workflow has failed; `error` is in scope.")
OUTPUTS = Key("outputs", VALUES, "What the run gives back.")
FILE = _table("a workflow", NAME, DESCRIPTION, ON, INPUTS, VARS, LIMITS, FILE_STEPS, FILE_ON_ERROR, OUTPUTS)

TRIGGER = Key("trigger", several(SLUG), "Name of the trigger whose events start it, or a list of names.")
EVENT = Key("event", several(GLOB), "Type of event, or a list of types; `*` stands for any part.", beside="trigger")
ON_IF = Key("if", CONDITION, "Which events start it: an expression, or rows.", beside="trigger")
MANUAL = Key("manual", FLAG, "Whether people may start it on demand.")
ON_TABLE = _table("`on`", TRIGGER, EVENT, ON_IF, MANUAL, later=frozenset({"schedule"}))

TIMEOUT = Key("timeout", DURATION, "Longest time that it may take, such as 30s, 5m, 2h or 3d.")
LIMITS_TABLE = _table("`limits`", TIMEOUT, later=frozenset({"runs_per", "when_busy"}))

ID = Key("id", IDENTIFIER, "The name by which expressions know the step; unique in its list.")
STEP_NAME = Key("name", TEXT, "What people read instead of the id.")
USES = Key("uses", Kind(_reference("action"), TEXT.read), "The action that the step uses.")
WITH = Key("with", VALUES, "The action's inputs.", beside="uses")
CONNECTION = Key(
    "connection",
    SLUG,
    "Name of the stored credentials to call with: `http.*` and the actions of connectors take one.",
    beside="uses",
)
STEPS_OF_GROUP = Key("steps", STEPS, "The steps of a group.")
IF = Key("if", CONDITION, "The step runs when this is true: an expression, or rows.")
ELSE = Key("else", STEPS, "Steps that run instead when `if` is false.", beside="if")
FOR_EACH = Key("for_each", ITEMS, "A list; the step runs once for each of its items.")
AS = Key("as", IDENTIFIER, "Name of the current item; `item` when left out.", beside="for_each")
AT_ONCE = Key(
    "at_once", whole(1, 100), "How many turns of `for_each` run together; 1 when left out.", beside="for_each"
)
RETRY = Key(
    "retry", Kind(_reference("retry"), MAPPING.read), "When and how often the step is tried again.", beside="uses"
)
ON_ERROR = Key("on_error", CONTINUE_OR_MAPPING, "What happens when the step has failed for good.")
DISABLED = Key("disabled", FLAG, "Whether the step is left out.")
KEEP_OUTPUT = Key(
    "keep_output",
    FLAG,
    "Whether the output is kept in database and log; true when left out. One that is not kept is there for later steps "
    "of the same group until the run waits or Wink starts anew: then it is missing.",
)
EFFECT = Key(
    "effect",
    choice(Effect),
    "What a crash in the middle of the step means: `idempotent` repeats it with its key, `once` waits for a person.",
    beside="uses",
)
STEP = _table(
    "a step",
    ID,
    STEP_NAME,
    USES,
    WITH,
    CONNECTION,
    STEPS_OF_GROUP,
    IF,
    ELSE,
    FOR_EACH,
    AS,
    AT_ONCE,
    RETRY,
    TIMEOUT,
    ON_ERROR,
    DISABLED,
    KEEP_OUTPUT,
    EFFECT,
    later=frozenset({"parallel", "switch", "cases", "while", "max"}),
    one_of=(USES.name, STEPS_OF_GROUP.name),
)

ATTEMPTS = Key("attempts", whole(1, 100), "How often it is tried in all, the first try included.", required=True)
WAIT = Key("wait", DURATION, "Pause before the second try; 1s when left out.")
GROWTH = Key("factor", FACTOR, "How much longer each further pause is; 2 when left out.")
MAX_WAIT = Key("max_wait", DURATION, "Longest pause; 5m when left out.")
WHEN = Key(
    "when",
    several(choice(Failure)),
    "Failures worth another try; `timeout connection http_429 http_5xx` when left out.",
)
RETRY_TABLE = _table("`retry`", ATTEMPTS, WAIT, GROWTH, MAX_WAIT, WHEN)

ERROR_STEPS = Key("steps", STEPS, "Steps that run when the step has failed; `error` is in scope.", required=True)
THEN = Key("then", choice(Then), "Whether the run goes on after them; `fail` when left out.")
ON_ERROR_TABLE = _table("`on_error`", ERROR_STEPS, THEN)

#: Core actions that the language has and this version of Wink does not take yet.
LATER_ACTIONS = frozenset({"core.approve", "core.code", "core.run_workflow", "core.wait_for_event"})
