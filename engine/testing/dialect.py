"""The keys of a test file: the one definition that its reader and its JSON Schema are made from."""

from collections.abc import Mapping
from datetime import datetime

from engine.clock import parse_time
from engine.definitions.dialect import Apart, Failure, Key, Table
from engine.definitions.inference import DRAFT
from engine.definitions.kinds import DURATION, MAPPING, SLUG, TEXT, Kind, Schema, choice
from engine.definitions.published import table_schema
from engine.language.values import phrase
from engine.words import Answer, Outcome


def _anything(value: object) -> object:
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list, and this is {phrase(value)}")  # noqa: TRY004 - what a kind raises
    return value


def _moment(value: object) -> datetime:
    try:
        return parse_time(TEXT.read(value))
    except ValueError as error:
        raise ValueError('must be a time, as in "2026-01-31T08:00:00Z"') from error


def _table(title: str, *keys: Key[object], one_of: tuple[str, ...] = (), apart: tuple[Apart, ...] = ()) -> Table:
    return Table(title, {key.name: key for key in keys}, one_of, apart)


ANYTHING: Kind[object] = Kind({}, _anything)
MOMENT = Kind({"type": "string", "format": "date-time"}, _moment)

TESTS = Key(
    "tests",
    Kind({"type": "array", "items": {"$ref": "#/$defs/test"}, "minItems": 1}, _list),
    "The tests.",
    required=True,
)
FILE = _table("a test file", TESTS)

NAME = Key("name", TEXT, "What holds, in a sentence.", required=True)
GIVEN = Key("given", Kind({"$ref": "#/$defs/given"}, MAPPING.read), "What starts the workflow.", required=True)
MOCK = Key(
    "mock",
    Kind({"type": "object", "additionalProperties": {"$ref": "#/$defs/mock"}}, MAPPING.read),
    "What stands in for actions: by the path of a step, or by the name of an action.",
)
EXPECT = Key("expect", Kind({"$ref": "#/$defs/expect"}, MAPPING.read), "What must come of it.", required=True)
TEST = _table("a test", NAME, GIVEN, MOCK, EXPECT)

EVENT = Key("event", Kind({"$ref": "#/$defs/event"}, MAPPING.read), "The event that comes in.")
SAMPLE = Key("sample", TEXT, "A type of event: the event that the connector's sample of it becomes.")
FROM_FILE = Key("file", TEXT, "A JSON file beside this one that holds an event, as `wink events show --json` gives it.")
INPUTS = Key("inputs", MAPPING, "The inputs of a run by hand.")
SCHEDULED = Key("scheduled_for", MOMENT, "The time of a run by the clock.")
SILENCE = Key("silence", SLUG, "The trigger that is silent.")
CHANGE = Key(
    "change", ANYTHING, "What the event's data has instead: fields to replace, and null for fields to take out."
)
TRIGGER = Key("trigger", SLUG, "The trigger that receives the event; the workflow's first when left out.")
NOW = Key("now", MOMENT, "What time it is when the workflow is asked; when left out, the time of the event.")
STARTS = (EVENT.name, SAMPLE.name, FROM_FILE.name, INPUTS.name, SCHEDULED.name, SILENCE.name)
GIVEN_TABLE = _table(
    "`given`",
    EVENT,
    SAMPLE,
    FROM_FILE,
    INPUTS,
    SCHEDULED,
    SILENCE,
    CHANGE,
    TRIGGER,
    NOW,
    one_of=STARTS,
    apart=tuple(
        Apart((key.name, start.name), f"`{key.name}` is for an event, and `{start.name}` starts a run without one")
        for key in (CHANGE, TRIGGER)
        for start in (INPUTS, SCHEDULED, SILENCE)
    ),
)

TYPE = Key("type", TEXT, "The event's type.", required=True)
DATA = Key("data", ANYTHING, "What the sender told.")
EVENT_ID = Key("id", TEXT, "Wink's id of the event.")
KEY = Key("key", TEXT, "What the sender calls it.")
SOURCE = Key("source", TEXT, "Through which connector and trigger it came.")
TIME = Key("time", MOMENT, "When it happened.")
RECEIVED = Key("received_at", MOMENT, "When it came in.")
EVENT_TABLE = _table("`event`", TYPE, DATA, EVENT_ID, KEY, SOURCE, TIME, RECEIVED)

OUTPUT = Key("output", ANYTHING, "What the action gives back; with `fail`, what it got before it failed.")
FAIL = Key("fail", choice(Failure), "What kind of failure the attempt ends with.")
MESSAGE = Key("message", TEXT, "What the failure says.", beside="fail")
RETRY_AFTER = Key("retry_after", DURATION, "How long the other side asks to wait.", beside="fail")
MOCK_TABLE = _table("a mock", OUTPUT, FAIL, MESSAGE, RETRY_AFTER)

_OUTCOME_OF_STEP = {"enum": [each.value for each in Outcome]}


def _steps(value: object) -> list[object]:
    for item in _list(value):
        _step(item)
    return _list(value)


def _step(item: object) -> None:
    if not isinstance(item, dict) or len(item) != 1:
        raise ValueError("is a list of steps with their outcomes, as in `- ticket: succeeded`")
    ((path, outcome),) = item.items()
    try:
        choice(Outcome).read(outcome)
    except ValueError as error:
        raise ValueError(f"gives `{path}` an outcome that {error}") from error


STEPS = Key(
    "steps",
    Kind(
        {
            "type": "array",
            "items": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": _OUTCOME_OF_STEP,
            },
        },
        _steps,
    ),
    "Every step that began or was skipped, in order, each with its outcome; "
    "of a loop also each turn (`tell`, `tell[0]`, `tell[1]`).",
)
CONDITION = Key("condition", choice(Answer), "What the workflow answers when it is asked about the event.")
OUTCOME = Key("outcome", choice(Outcome), "How the run ends.")
CALLS = Key(
    "calls",
    Kind({"type": "array", "items": {"$ref": "#/$defs/call"}}, _list),
    "Every attempt of an action that reaches out, in order; of each, what is written here.",
)
LOGS = Key(
    "logs",
    Kind({"type": "array", "items": {"$ref": "#/$defs/line"}}, _list),
    "Every use of `core.log`, in order; of each, what is written here.",
)
OUTPUTS = Key("outputs", ANYTHING, "What the run gives back.")
ERROR = Key("error", Kind({"$ref": "#/$defs/error"}, MAPPING.read), "Why the run failed; what is written here.")
EXPECT_TABLE = _table("`expect`", CONDITION, OUTCOME, STEPS, CALLS, LOGS, OUTPUTS, ERROR)

CALL_TABLE = _table(
    "a call",
    Key("step", TEXT, "The path of the step."),
    Key("uses", TEXT, "The action."),
    Key("with", MAPPING, "The inputs, filled in."),
    Key("connection", SLUG, "The credentials that it names."),
)
LOG_TABLE = _table(
    "a line of the log",
    Key("message", ANYTHING, "What is written."),
    Key("level", TEXT, "How grave it is."),
)
ERROR_TABLE = _table(
    "`error`",
    Key("step", TEXT, "The path of the step that failed."),
    Key("kind", TEXT, "What kind of failure it was."),
    Key("message", TEXT, "What it says."),
)


def schema_of_tests() -> Mapping[str, object]:
    """Return the JSON Schema of test files, for editors to complete and check by."""
    one = table_schema(MOCK_TABLE)
    tables: dict[str, Schema] = {
        "test": table_schema(TEST),
        "given": table_schema(GIVEN_TABLE),
        "event": table_schema(EVENT_TABLE),
        "mock": {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]},
        "expect": table_schema(EXPECT_TABLE),
        "call": table_schema(CALL_TABLE),
        "line": table_schema(LOG_TABLE),
        "error": table_schema(ERROR_TABLE),
    }
    return {"$schema": DRAFT, "title": "Tests of a Wink workflow", **table_schema(FILE), "$defs": tables}
