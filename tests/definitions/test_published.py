"""The JSON Schemas that editors and readers get, and that they agree with the checker."""

import json
from pathlib import Path

import pytest

from engine.definitions import dialect
from engine.definitions.published import event_schema, workflow_schema
from engine.definitions.schema import check_schema, fits, mismatches
from engine.language.yaml12 import load

CONTAIN = load((Path(__file__).parent / "contain-reported-account.yaml").read_text()).value
TABLES = (
    dialect.FILE,
    dialect.ON_TABLE,
    dialect.LIMITS_TABLE,
    dialect.STEP,
    dialect.BRANCH,
    dialect.RETRY_TABLE,
    dialect.ON_ERROR_TABLE,
)
LOG = {"uses": "core.log", "with": {"message": "${{ event.id }}"}}
#: What has no action.
NOTHING = {"uses": None, "with": None}
GROUP = {**NOTHING, "steps": [LOG]}
SWITCH = {**NOTHING, "switch": "event.type", "cases": {"a": [LOG], "200": [LOG], "true": [LOG]}}
PARALLEL = {
    **NOTHING,
    "parallel": [
        {"id": "a", "steps": [LOG], "if": "event.id == 'a'", "else": [LOG]},
        {"id": "b", "steps": [LOG], "while": "loop.index < 3", "max": 3, "on_error": "continue"},
    ],
}


def file(**step):
    whole = {key: value for key, value in {**LOG, **step}.items() if value is not None}
    return {"name": "A", "on": {"trigger": "detectify"}, "steps": [whole]}


@pytest.fixture
def schema(actions):
    return workflow_schema(actions)


def test_the_schemas_are_schemas(schema):
    check_schema(schema)
    check_schema(event_schema())


@pytest.mark.parametrize("key", [key for table in TABLES for key in table.keys.values()], ids=lambda key: key.name)
def test_every_key_has_a_line_of_documentation(key):
    assert key.doc.endswith(".")


@pytest.mark.parametrize(
    "step",
    [
        {},
        {"id": "a", "if": "event.type == 'a'", "else": [LOG], "timeout": "1h30m", "retry": {"attempts": 3}},
        {
            "if": {
                "all": [
                    {"left": "event.type", "op": "equals", "right": "a"},
                    {"not": {"left": "event.key", "op": "exists"}},
                ]
            }
        },
        {"for_each": "${{ event.data.tags }}", "as": "tag", "at_once": 2, "on_error": "continue"},
        {"on_error": {"steps": [LOG], "then": "continue"}, "effect": "once", "disabled": False, "keep_output": True},
        {"uses": "http.post", "with": {"url": "a", "follow": "${{ event.data.follow }}"}},
        {"uses": "okta.suspend", "with": {}, "connection": "okta"},
        {**GROUP, "while": "loop.index < 3", "max": 3, "timeout": "5m"},
        {**SWITCH, "if": "event.id == 'a'"},
        {**SWITCH, "else": [LOG], "for_each": "${{ event.data.tags }}", "on_error": "continue"},
        {**PARALLEL, "if": "event.id == 'a'", "else": [LOG]},
        {"uses": "okta.restore", "with": {}, "connection": "okta"},
    ],
)
def test_what_the_checker_takes_the_schema_takes(schema, check, step):
    text = json.dumps(file(**step))

    assert check(text).workflow is not None
    assert mismatches(schema, file(**step)) == []


@pytest.mark.parametrize(
    "step",
    [
        {"uses": "core.lgo"},
        {"uses": "http.post", "with": {}},
        {"uses": "http.post", "with": {"url": 5}},
        {"uses": "okta.restore"},
        {"with": {"message": 1, "lvel": 2}},
        {"timeout": 30},
        {"timeout": "30"},
        {"id": "a-b"},
        {"tiemout": "5m"},
        {"while": "event.id == 'a'"},
        {"while": "event.id == 'a'", "max": 3},
        {"max": 3},
        {"cases": {"a": [LOG]}},
        {**GROUP, "while": "event.id == 'a'", "max": 0},
        {**GROUP, "while": "event.id == 'a'", "max": 3, "for_each": [1]},
        {**NOTHING, "switch": "event.type"},
        {**SWITCH, "switch": 5},
        {**SWITCH, "cases": {}},
        {**SWITCH, "cases": {"a": []}},
        {**SWITCH, "if": "event.id == 'a'", "else": [LOG]},
        {**SWITCH, "steps": [LOG]},
        {**PARALLEL, "parallel": []},
        {**PARALLEL, "parallel": [{"steps": [LOG]}]},
        {**PARALLEL, "parallel": [{"id": "a"}]},
        {**PARALLEL, "parallel": [{"id": "a", **LOG}]},
        {**PARALLEL, "parallel": [{"id": "a", "steps": [LOG], "retry": {"attempts": 3}}]},
        {**PARALLEL, "parallel": {"a": [LOG]}},
        {**PARALLEL, "else": [LOG]},
        {"else": [LOG]},
        {"else": [], "if": "event.id == 'a'"},
        {"steps": [LOG]},
        {"for_each": 5},
        {"for_each": [1], "at_once": 0},
        {"retry": {}},
        {"retry": {"attempts": 2, "when": ["http_500"]}},
        {"on_error": "stop"},
        {"on_error": {"then": "continue"}},
        {"effect": "twice"},
        {"disabled": "yes"},
        {"connection": "Okta"},
        {"if": {"left": "a", "op": "is"}},
        {"if": 5},
    ],
)
def test_what_the_checker_refuses_the_schema_refuses(schema, check, step):
    text = json.dumps(file(**step))

    assert check(text).workflow is None
    assert not fits(schema)(file(**step))


def test_the_example_of_the_language_fits():
    schema = workflow_schema({})
    del schema["$defs"]["action"]["enum"], schema["$defs"]["step"]["allOf"]  # there are no actions here

    assert mismatches(schema, CONTAIN) == []


def test_an_event_fits_its_schema():
    event = {
        "id": "evt_" + "0" * 26,
        "key": None,
        "type": "github.push",
        "source": "github",
        "time": "2026-11-21T03:50:00.000000Z",
        "received_at": "2026-11-21T03:50:00.000000Z",
        "data": {"ref": "main"},
    }

    assert mismatches(event_schema(), event) == []
