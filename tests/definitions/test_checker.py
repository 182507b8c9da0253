"""The checker as a whole: it tells everything at once, and any text has an answer."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions import dialect
from engine.definitions.action import ActionSpec
from engine.definitions.checker import Checked, check_workflow

CONTAIN = (Path(__file__).parent / "contain-reported-account.yaml").read_text()
MINIMAL = "name: A\non: {manual: true}\nsteps: [{uses: core.log, with: {message: hello}}]\n"


def described(name, *inputs):
    return ActionSpec(name, name, {one: {"required": True} for one in inputs}, {}, takes_connection=True)


CONTAINMENT = {
    spec.name: spec
    for spec in (
        described("okta.list_groups", "user"),
        described("okta.suspend_user", "user"),
        described("okta.delete_factor", "user", "factor"),
        described("core.approve", "title", "approvers"),
        described("core.log", "message"),
        described("core.stop", "message"),
        described("pagerduty.trigger", "summary"),
    )
}


def no_schema(trigger, event_type):
    return None


def test_a_file_without_mistakes_becomes_a_workflow(check):
    checked = check(MINIMAL)

    assert checked.mistakes == ()
    assert checked.workflow.title == "A"


def test_the_example_of_the_language_has_no_mistakes():
    checked = check_workflow(CONTAIN, "contain-reported-account", actions=CONTAINMENT, schemas=no_schema)

    assert [str(mistake) for mistake in checked.mistakes] == []


@pytest.mark.parametrize(
    ("step", "typo", "meant"),
    [
        ("{swich: vars.x, cases: {a: [{uses: core.log, with: {message: x}}]}}", "a step has no key `swich`", "switch"),
        ("{use: core.log, with: {message: x}}", "a step has no key `use`", "uses"),
        ("{uses: core.log, with: {mesage: x}}", "`core.log` has no input `mesage`", "message"),
        ("{steps: [], while: true, maxx: 3}", "a step has no key `maxx`", "max"),
    ],
)
def test_a_misspelt_key_is_told_once_and_not_missed_too(check, step, typo, meant):
    checked = check(f"name: A\non: {{manual: true}}\nsteps:\n  - {step}\n")

    told = [mistake.message for mistake in checked.mistakes]
    assert [words for words in told if "needs" in words or "means nothing" in words] == []
    assert f"{typo}; did you mean `{meant}`?" in told


def test_every_mistake_of_a_file_is_told_at_once_in_the_order_of_the_text(remarks):
    assert remarks("""\
        name: Everything wrong
        on: {trigger: detectify, evnt: x}
        limits: {timeout: 30}
        steps:
          - uses: http.pots
            if: a && b
          - uses: core.log
            with: {message: "${{ secrets.token }}"}
          - {id: a, uses: core.log, with: {message: 1}}
          - {id: a, uses: core.log, with: {message: "${{ steps.b.output }}"}}
        """) == [
        "2:26 `on` has no key `evnt`; did you mean `event`?",
        "3:19 `timeout` needs a unit: write 30s, 30m, 30h or 30d",
        "5:11 there is no action `http.pots`; did you mean `http.post`?",
        "6:11 `&&` is not part of the language: write `and`",
        "8:26 there is no `secrets`: credentials go in by the step's `connection:` alone",
        "10:10 a step before it in this list has the id `a` too",
        "10:50 there is no step `b` before this one",
    ]


def test_a_file_with_a_mistake_is_no_workflow(check):
    assert check(MINIMAL.replace("core.log", "core.lgo")).workflow is None


def test_a_file_with_warnings_alone_is_a_workflow(check):
    checked = check(MINIMAL.replace("uses:", "if: true, uses:"))

    assert [mistake.warning for mistake in checked.mistakes] == [True]
    assert checked.workflow is not None


def test_text_that_is_no_yaml_is_told_with_its_place(remarks):
    (remark,) = remarks("name: [a\n")

    assert remark.startswith("2:1 ")


def test_a_file_that_is_no_mapping_is_told_so(remarks):
    assert remarks("- a\n") == ["1:1 a workflow must be a mapping, and this is a list"]


def test_an_empty_file_is_told_what_it_needs(remarks):
    assert remarks("{}") == [
        "1:1 a workflow needs the key `name`",
        "1:1 a workflow needs the key `on`",
        "1:1 a workflow needs the key `steps`",
    ]


@pytest.mark.parametrize("identity", ["My Flow", "a_b", "-a", "", "é", "a" * 81])
def test_an_identity_that_is_no_slug_is_a_mistake(check, identity):
    (mistake,) = check(MINIMAL, identity).mistakes

    assert "lower-case letters, digits and hyphens" in mistake.message


def test_an_identity_that_is_no_slug_gets_one_proposed(check):
    (mistake,) = check(MINIMAL, "My Flow").mistakes

    assert mistake.message.endswith("such as `my-flow`")


def test_bytes_and_text_are_the_same_version(check):
    assert check(MINIMAL.encode()).workflow.version == check(MINIMAL).workflow.version


@given(st.one_of(st.text(), st.binary()))
def test_any_text_has_an_answer(text):
    assert isinstance(check_workflow(text, "any", actions={}, schemas=no_schema), Checked)


KEYS = [*dialect.STEP.keys, *dialect.ON_TABLE.keys, *dialect.RETRY_TABLE.keys, "all", "left", "op", "right"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["a", "${{ x }}", "5m", "a.b", "continue", "core.log"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(list(dialect.FILE.keys)), VALUES))
def test_known_keys_with_any_values_have_an_answer(document):
    assert isinstance(check_workflow(json.dumps(document), "any", actions=CONTAINMENT, schemas=no_schema), Checked)


@given(st.integers(0, len(CONTAIN)), st.integers(0, 40), st.text(alphabet="{}[]:-'\"$&*!|> \n\tax0", max_size=5))
def test_a_damaged_file_has_an_answer(start, length, junk):
    text = CONTAIN[:start] + junk + CONTAIN[start + length :]

    assert isinstance(check_workflow(text, "any", actions=CONTAINMENT, schemas=no_schema), Checked)


def test_a_file_with_thousands_of_mistakes_is_told_the_first_of_them(check):
    steps = "- {uses: core.log, with: {message: [" + "'${{ nobody }}', " * 5_000 + "]}}"

    mistakes = check(f"name: A\non: {{manual: true}}\nsteps:\n{steps}\n").mistakes

    assert len(mistakes) == 1_001
    assert mistakes[-1].message == "There are more remarks than anybody reads: these are the first."


def test_steps_stand_at_most_sixteen_lists_deep(check):
    inner = "{uses: core.log, with: {message: 1}}"
    for _ in range(30):
        inner = "{steps: [" + inner + "]}"

    (mistake,) = check(f"name: A\non: {{manual: true}}\nsteps: [{inner}]\n").mistakes

    assert mistake.message == "steps stand at most 16 lists deep"


def _logs(rest: str, on: str = "{manual: true}") -> str:
    return f"name: A\non: {on}\nsteps:\n- {{uses: core.log, {rest}}}\n"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (
            _logs("with: {message: '${{ event.data.a }} ${{ trigger.name }}'}", on="{triger: a, if: event.id == 'a'}"),
            "2:6 `on` has no key `triger`; did you mean `trigger`?",
        ),
        (
            _logs("foreach: [1], with: {message: '${{ item }} ${{ loop.index }}'}"),
            "4:20 a step has no key `foreach`; did you mean `for_each`?",
        ),
        (
            _logs("with: {message: at ${{ run.id }}}"),
            '4:39 within { } and [ ], put quotes around what holds `${{ }}`, as in `{message: "${{ event.id }}"}`',
        ),
        (
            _logs("if: \"${{ run.id == 'a' }}\", with: {message: a}"),
            "4:25 the expression stands alone here: take `${{` and `}}` away",
        ),
    ],
)
def test_one_typing_error_is_told_once_and_in_the_words_of_who_made_it(remarks, text, remark):
    assert remarks(text) == [remark]
