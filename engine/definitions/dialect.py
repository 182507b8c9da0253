"""The keys of a workflow file: the one definition that the checker and the published JSON Schema are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from engine.definitions import file_examples, step_examples
from engine.definitions.example import Example
from engine.definitions.kinds import (
    BRANCHES,
    CASES,
    CONDITION,
    CONTINUE_OR_MAPPING,
    CRON,
    DURATION,
    EXPRESSION,
    FACTOR,
    FLAG,
    GLOB,
    IDENTIFIER,
    ITEMS,
    MAPPING,
    SLUG,
    STEPS,
    TEXT,
    TEXT_TEMPLATE,
    TIMEZONE,
    VALUES,
    Kind,
    Schema,
    choice,
    several,
    whole,
)
from engine.definitions.workflow import Then
from engine.words import Effect, WhenBusy

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
    #: Another key that may stand beside this one in its place.
    or_beside: str | None = None
    #: Of a key that has a page of its own in the reference.
    example: Example | None = None

    @property
    def companions(self) -> tuple[str, ...]:
        """Return the keys of which one must stand beside this one; none where it stands alone."""
        return tuple(filter(None, (self.beside, self.or_beside)))


@dataclass(frozen=True, slots=True)
class Apart:
    """Keys that cannot stand together, the one that is blamed first; and why, as it goes on a sentence."""

    keys: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with known keys."""

    #: As it stands in a sentence: ``a step``.
    title: str
    keys: Mapping[str, Key[object]]
    #: Keys of which exactly one must be there.
    one_of: tuple[str, ...] = ()
    apart: tuple[Apart, ...] = ()


def _table(
    title: str,
    *keys: Key[object],
    one_of: tuple[str, ...] = (),
    apart: tuple[Apart, ...] = (),
) -> Table:
    return Table(title, {key.name: key for key in keys}, one_of, apart)


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


NAME = Key("name", TEXT, "What people call it.", required=True, example=file_examples.FILE_NAME)
DESCRIPTION = Key("description", TEXT, "One full sentence about what it does.", example=file_examples.DESCRIPTION)
ON = Key(
    "on", Kind(_reference("on"), MAPPING.read), "What starts it; any of these.", required=True, example=file_examples.ON
)
INPUTS = Key(
    "inputs",
    Kind({"type": "object", "additionalProperties": _reference("input")}, MAPPING.read),
    "What a run on demand is given: a JSON Schema for each name, with `required: true` where it must be given.",
    example=file_examples.INPUTS,
)
VARS = Key("vars", VALUES, "Values with a name, filled in once when the run starts.", example=file_examples.VARS)
LIMITS = Key("limits", Kind(_reference("limits"), MAPPING.read), "What one run may take.", example=file_examples.LIMITS)
FILE_STEPS = Key("steps", STEPS, "What is done, from top to bottom.", required=True, example=file_examples.FILE_STEPS)
FILE_ON_ERROR = Key(
    "on_error",
    STEPS,
    "Steps that run when the workflow has failed; `error` is in scope.",
    example=file_examples.FILE_ON_ERROR,
)
OUTPUTS = Key("outputs", VALUES, "What the run gives back.", example=file_examples.OUTPUTS)
FILE = _table("a workflow", NAME, DESCRIPTION, ON, INPUTS, VARS, LIMITS, FILE_STEPS, FILE_ON_ERROR, OUTPUTS)

TRIGGER = Key(
    "trigger",
    several(SLUG),
    "Name of the trigger whose events start it, or a list of names.",
    example=file_examples.TRIGGER,
)
EVENT = Key(
    "event",
    several(GLOB),
    "Type of event, or a list of types; `*` stands for any part.",
    beside="trigger",
    example=file_examples.EVENT,
)
ON_IF = Key(
    "if", CONDITION, "Which events start it: an expression, or rows.", beside="trigger", example=file_examples.ON_IF
)
SCHEDULE = Key(
    "schedule",
    Kind(_reference("schedule"), MAPPING.read),
    "The times at which it starts.",
    example=file_examples.SCHEDULE,
)
MANUAL = Key("manual", FLAG, "Whether people may start it on demand.", example=file_examples.MANUAL)
SILENCE = Key(
    "silence",
    several(SLUG),
    "Name of the trigger that starts it by receiving nothing for longer than is normal, or a list of names.",
    example=file_examples.SILENCE,
)
ON_TABLE = _table("`on`", TRIGGER, EVENT, ON_IF, SCHEDULE, SILENCE, MANUAL)

CRON_TIMES = Key(
    "cron", CRON, "Minute, hour, day of the month, month and day of the week, as in `0 8 * * 1-5`.", required=True
)
ZONE = Key("timezone", TIMEZONE, "Whose clock it goes by, such as Europe/Zurich; UTC when left out.")
SCHEDULE_TABLE = _table("`schedule`", CRON_TIMES, ZONE)

TIMEOUT = Key(
    "timeout", DURATION, "Longest time that it may take, such as 30s, 5m, 2h or 3d.", example=step_examples.STEP_TIMEOUT
)
RUNS_PER = Key(
    "runs_per",
    TEXT_TEMPLATE,
    "Runs for which this text is the same run one at a time, such as all runs for one account.",
    example=file_examples.RUNS_PER,
)
WHEN_BUSY = Key(
    "when_busy",
    choice(WhenBusy),
    "What becomes of a run while another with its value has not ended; `queue` when left out.",
    beside="runs_per",
    example=file_examples.WHEN_BUSY,
)
LIMITS_TABLE = _table("`limits`", replace(TIMEOUT, example=file_examples.RUN_TIMEOUT), RUNS_PER, WHEN_BUSY)

ID = Key("id", IDENTIFIER, "The name by which expressions know the step; unique in its list.", example=step_examples.ID)
STEP_NAME = Key("name", TEXT, "What people read instead of the id.", example=step_examples.STEP_NAME)
USES = Key("uses", Kind(_reference("action"), TEXT.read), "The action that the step uses.", example=step_examples.USES)
WITH = Key("with", VALUES, "The action's inputs.", beside="uses", example=step_examples.WITH)
CONNECTION = Key(
    "connection",
    SLUG,
    "Name of the stored credentials to call with: `http.*` and the actions of connectors take one.",
    beside="uses",
    example=step_examples.CONNECTION,
)
STEPS_OF_GROUP = Key("steps", STEPS, "The steps of a group.", example=step_examples.GROUP)
PARALLEL = Key(
    "parallel",
    BRANCHES,
    "Groups with an `id` that run side by side; the step ends when all of them have.",
    example=step_examples.PARALLEL,
)
SWITCH = Key(
    "switch",
    EXPRESSION,
    "An expression; its value chooses one of the `cases`.",
    beside="cases",
    example=step_examples.SWITCH,
)
CASE = Key("case", STEPS, "The steps for one value of `switch`.")
CASES_OF_SWITCH = Key(
    "cases", CASES, "The steps for each value of `switch`.", beside="switch", example=step_examples.CASES
)
IF = Key("if", CONDITION, "The step runs when this is true: an expression, or rows.", example=step_examples.IF)
ELSE = Key(
    "else",
    STEPS,
    "Steps that run instead when `if` is false, or when no case is for the value of `switch`.",
    beside="if",
    or_beside="switch",
    example=step_examples.ELSE,
)
FOR_EACH = Key("for_each", ITEMS, "A list; the step runs once for each of its items.", example=step_examples.FOR_EACH)
AS = Key(
    "as", IDENTIFIER, "Name of the current item; `item` when left out.", beside="for_each", example=step_examples.AS
)
AT_ONCE = Key(
    "at_once",
    whole(1, 100),
    "How many turns of `for_each` run together; 1 when left out.",
    beside="for_each",
    example=step_examples.AT_ONCE,
)
WHILE = Key(
    "while",
    CONDITION,
    "The group is repeated as long as this is true; it is asked before each turn.",
    beside="max",
    example=step_examples.WHILE,
)
MAX = Key(
    "max",
    whole(1, 1000),
    "Most turns of `while`; one that wants more of them fails.",
    beside="while",
    example=step_examples.MAX,
)
RETRY = Key(
    "retry",
    Kind(_reference("retry"), MAPPING.read),
    "When and how often the step is tried again.",
    beside="uses",
    example=step_examples.RETRY,
)
ON_ERROR = Key(
    "on_error", CONTINUE_OR_MAPPING, "What happens when the step has failed for good.", example=step_examples.ON_ERROR
)
DISABLED = Key("disabled", FLAG, "Whether the step is left out.", example=step_examples.DISABLED)
KEEP_OUTPUT = Key(
    "keep_output",
    FLAG,
    "Whether the output is kept in database and log; true when left out. One that is not kept is there for later steps "
    "of the same group until the run waits or Wink starts anew: then it is missing.",
    example=step_examples.KEEP_OUTPUT,
)
EFFECT = Key(
    "effect",
    choice(Effect),
    "What a crash in the middle of the step means: `idempotent` repeats it with its key, `once` waits for a person.",
    beside="uses",
    example=step_examples.EFFECT,
)
_ONE_LOOP = Apart(
    (WHILE.name, FOR_EACH.name), "a step has `while` or `for_each`: put the one into the steps of the other"
)
STEP = _table(
    "a step",
    ID,
    STEP_NAME,
    USES,
    WITH,
    CONNECTION,
    STEPS_OF_GROUP,
    PARALLEL,
    SWITCH,
    CASES_OF_SWITCH,
    IF,
    ELSE,
    FOR_EACH,
    AS,
    AT_ONCE,
    WHILE,
    MAX,
    RETRY,
    TIMEOUT,
    ON_ERROR,
    DISABLED,
    KEEP_OUTPUT,
    EFFECT,
    one_of=(USES.name, STEPS_OF_GROUP.name, PARALLEL.name, SWITCH.name),
    apart=(
        *(
            Apart(
                (WHILE.name, other), f"`while` repeats a group, and no `{other}`: put that into the steps of the group"
            )
            for other in (USES.name, PARALLEL.name, SWITCH.name)
        ),
        _ONE_LOOP,
        Apart(
            (ELSE.name, IF.name, SWITCH.name),
            "`else` could belong to `if` or to `switch`: put the switch into a group that has the `if`",
        ),
    ),
)

#: A named group of ``parallel``: what a step can be, as far as it is a group.
BRANCH = _table(
    "a branch of `parallel`",
    replace(ID, required=True),
    STEP_NAME,
    replace(STEPS_OF_GROUP, required=True),
    IF,
    replace(ELSE, or_beside=None),
    FOR_EACH,
    AS,
    AT_ONCE,
    WHILE,
    MAX,
    TIMEOUT,
    ON_ERROR,
    DISABLED,
    KEEP_OUTPUT,
    apart=(_ONE_LOOP,),
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
