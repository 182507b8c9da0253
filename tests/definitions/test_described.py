"""What an author describes by a JSON Schema, the inputs of a workflow and the fields of a question, is one."""

import pytest
from jsonschema import Draft202012Validator

from engine.actions.waiting import APPROVE
from engine.definitions.checker import check_workflow
from engine.definitions.described import WORDS

HEAD = "name: Ask\non: {manual: true}\n"
LOG = "{uses: core.approve, with: {title: a}}"

#: What is written as a schema, the column of the mistake behind its beginning, and the words.
SCHEMAS = [
    ("{type: string, requird: true}", 15, "JSON Schema has no word `requird`; did you mean `required`?"),
    ("{type: string, max_length: 5}", 15, "JSON Schema has no word `max_length`; did you mean `maxLength`?"),
    ("{type: object, properties: {a: {tpye: string}}}", 32, "JSON Schema has no word `tpye`; did you mean `type`?"),
    ("{type: int}", 1, "there is no type `int`: write `integer`"),
    ("{type: array, items: {type: [str, 'null']}}", 29, "there is no type `str`: write `string`"),
    ("{type: integr}", 1, "there is no type `integr`: write `integer`"),
    (
        "{type: uuid}",
        1,
        "there is no type `uuid`: write one of string, boolean, number, integer, null, array, object",
    ),
    ("{type: integer, minimum: a}", 16, "this is no JSON Schema: 'a' is not of type 'number'"),
    ("{type: integer, default: a}", 16, "the `default` does not fit: is text, and must be a whole number"),
    ("{enum: [a], pattern: '('}", 12, "this is no JSON Schema: "),
]


def _remarks(text):
    specs = {APPROVE.name: APPROVE}
    found = check_workflow(HEAD + text, "ask", actions=specs, schemas=lambda trigger, event: None).mistakes
    return [f"{one.line}:{one.column} {one.message}" for one in found if not one.warning]


def _asks(schema):
    return f"steps:\n- {{uses: core.approve, with: {{title: a, fields: {{why: {schema}}}}}}}\n"


@pytest.mark.parametrize(("schema", "offset", "words"), SCHEMAS)
def test_an_input_that_is_described_wrongly_is_told_where(schema, offset, words):
    (remark,) = _remarks(f"inputs: {{why: {schema}}}\nsteps: [{LOG}]\n")

    assert remark.startswith(f"3:{15 + offset} {words}")


@pytest.mark.parametrize(("schema", "offset", "words"), SCHEMAS)
def test_a_field_of_a_question_that_is_described_wrongly_is_told_where(schema, offset, words):
    (remark,) = _remarks(_asks(schema))

    assert remark.startswith(f"4:{55 + offset} {words}")


@pytest.mark.parametrize(
    "schema",
    [
        "{type: string, required: true, x-label: Why, label: Why, title: Why, examples: [a], writeOnly: true}",
        "{enum: [a, 1, null]}",
        "{enum: '${{ inputs }}', type: '${{ inputs }}'}",
        "{type: object, properties: {requird: {type: [string, 'null']}}, required: [requird]}",
    ],
)
def test_what_is_described_well_or_will_be_filled_in_is_not_blamed(schema):
    assert _remarks(_asks(schema)) == []


def test_what_is_filled_in_elsewhere_excuses_no_typo():
    (remark,) = _remarks(_asks("{enum: '${{ inputs }}', requird: true}"))

    assert "did you mean `required`?" in remark


def test_a_field_without_a_schema_is_told_so():
    assert _remarks(_asks("text")) == ["4:49 `fields.why` is text, and must be a mapping"]


def test_what_was_published_once_stays_whatever_a_word_means_now():
    text = f"{HEAD}inputs: {{why: {{type: string, requird: true}}}}\nsteps: [{LOG}]\n"

    assert check_workflow(text, "ask", actions={APPROVE.name: APPROVE}, schemas=None).workflow is not None


def test_every_keyword_of_json_schema_is_known():
    assert Draft202012Validator.VALIDATORS.keys() <= WORDS
