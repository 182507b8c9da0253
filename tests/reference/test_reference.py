"""docs/reference says what there is, and every example of it runs."""

import re
from pathlib import Path

import pytest

from engine.actions.client import HttpClient
from engine.actions.guard import Guard
from engine.actions.registry import build_actions
from engine.app import CONNECTORS
from engine.definitions.catalog import read_connectors
from engine.definitions.dialect import Failure, Key
from engine.definitions.example import Example, Gives, HttpAnswer
from engine.definitions.published import workflow_schema
from engine.definitions.schema import mismatches
from engine.language.condition import compile_condition
from engine.language.functions import FUNCTIONS
from engine.language.operator_examples import ROWS
from engine.language.operators import OPERATORS
from engine.language.yaml12 import load
from engine.words import Outcome
from tests.language.event import NOW, SCOPE
from tests.reference.book import FOLDER, NoExample, example_of, home_of, pages
from tests.reference.key_pages import CHAPTERS, Chapter
from tests.reference.stage import Stage, Wrong, stage

AGAIN = "docs/reference is not what the definitions say: run `python3 dev.py docs`, and commit what it writes"
ACTIONS = build_actions(lambda: HttpClient(Guard()), read_connectors(CONNECTORS))
SPECS = {name: action.spec for name, action in ACTIONS.items()}
KEYS = [(chapter, key) for chapter in CHAPTERS for key in chapter.table.keys.values()]
SCHEMA = workflow_schema(SPECS)
ON_DISK = {str(path.relative_to(FOLDER)): path for path in sorted(FOLDER.rglob("*.md"))}
LOG = "- {id: line, uses: core.log, with: {message: hello}}\n"
GET = "- {id: get, uses: http.get, with: {url: https://example.com}}\n"


@pytest.fixture(scope="module")
def ready():
    with stage() as made:
        yield made


def test_the_pages_are_what_the_definitions_say(ready: Stage):
    written = pages(ready)

    assert set(ON_DISK) == set(written), AGAIN
    assert [path for path, text in written.items() if ON_DISK[path].read_text("utf-8") != text] == [], AGAIN


@pytest.mark.parametrize(("chapter", "key"), KEYS, ids=[f"{chapter.folder}-{key.name}" for chapter, key in KEYS])
def test_the_example_of_a_key_has_the_key_and_runs(ready: Stage, chapter: Chapter, key: Key[object]):
    example = example_of(key.example, key.name, chapter.home)

    assert re.search(rf"\b{key.name}:", example.text)
    assert ready.run(example).entries


@pytest.mark.parametrize("name", SPECS)
def test_the_example_of_an_action_uses_it_and_gives_what_it_says(ready: Stage, name: str):
    spec = SPECS[name]
    example = example_of(spec.example, name, home_of(name))

    ran = ready.run(example)

    assert name in {entry.uses for entry in ran.entries}
    assert ran.outcome is not Outcome.SUCCEEDED or mismatches(spec.output, ran.output(name)) == []


@pytest.mark.parametrize("name", SPECS)
def test_every_input_of_an_action_is_explained(name: str):
    silent = [each for each, schema in SPECS[name].inputs.items() if not schema.get("description")]

    assert silent == [], f"say in a `description` what they mean, in {home_of(name)}"


def test_every_failure_that_a_retry_can_name_is_explained():
    told = {kind for spec in SPECS.values() for kind in spec.failures}

    assert told == set(Failure) - {Failure.INVALID}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_uses_it(name: str):
    assert f"{name}(" in FUNCTIONS[name].example  # that it holds is tested with the functions


@pytest.mark.parametrize("name", OPERATORS)
def test_the_example_of_an_operator_is_true(name: str):
    assert name in ROWS, "add a row that is true to engine/language/operator_examples.py"
    row = load(ROWS[name]).value

    assert row["op"] == name
    assert compile_condition(row).ask(SCOPE, NOW).answer == "yes"


def test_no_operator_is_gone():
    assert ROWS.keys() == OPERATORS.keys()


@pytest.mark.parametrize(("chapter", "key"), KEYS, ids=[f"{chapter.folder}-{key.name}" for chapter, key in KEYS])
def test_the_schema_of_workflows_has_a_value_for_each_key_that_fits(chapter: Chapter, key: Key[object]):
    parts = {"workflow": SCHEMA, **SCHEMA["$defs"]}
    found = parts[chapter.folder]["properties"][key.name]

    assert [mismatches({**found, "$defs": SCHEMA["$defs"]}, value) for value in found["examples"]] == [[]]


@pytest.mark.parametrize("use", SCHEMA["$defs"]["step"]["allOf"], ids=list(SPECS))
def test_the_schema_of_workflows_has_inputs_for_each_action_that_fit(use):
    found = use["then"]["properties"]["with"]

    assert [mismatches({**found, "$defs": SCHEMA["$defs"]}, value) for value in found["examples"]] == [[]]


@pytest.mark.parametrize("example", [key.example for _, key in KEYS] + [spec.example for spec in SPECS.values()])
def test_every_example_fits_the_schema_of_workflows(example: Example):
    assert mismatches(SCHEMA, load(example.file).value) == []


@pytest.mark.parametrize("page", ON_DISK)
def test_every_link_leads_somewhere(page: str):
    links = re.findall(r"\]\(([^)]+)\)", ON_DISK[page].read_text("utf-8"))

    assert [link for link in links if not leads(ON_DISK[page].parent, link)] == []


def leads(folder: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = folder / file
    return target.is_file() and (not anchor or anchor in anchors(target.read_text("utf-8")))


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_has_no_example_is_told_with_the_file_to_add_one_in():
    with pytest.raises(NoExample, match=r"`jira.close` has no example: add one in connectors/jira/connector.yaml"):
        example_of(None, "jira.close", home_of("jira.close"))


@pytest.mark.parametrize(
    ("example", "why"),
    [
        (Example(LOG, outcome=Outcome.FAILED), "ends as succeeded, not as failed"),
        (Example(LOG.replace("message", "mesage")), "no input `mesage`"),
        (Example(LOG, answers=(HttpAnswer(),)), "fewer answers"),
        (Example(LOG, answers=(Gives(1),)), "fewer answers"),
        (Example(GET), "more answers than it has"),
        (Example(f"name: No\non: {{trigger: t, if: 'false'}}\nsteps:\n  {LOG}"), "`if` is always false"),
    ],
)
def test_an_example_that_does_not_do_what_it_is_to_show_is_noticed(ready: Stage, example: Example, why: str):
    with pytest.raises(Wrong, match=why):
        ready.run(example)


def test_what_comes_for_a_step_that_waits_is_its_output(ready: Stage):
    text = "- {id: ask, uses: core.approve, with: {title: Really?}}\n"

    ran = ready.run(Example(text, answers=(Gives({"answer": "approved"}),)))

    assert ran.output("core.approve") == {"answer": "approved"}


def test_an_action_that_is_stood_in_for_gives_what_the_example_says(ready: Stage):
    ran = ready.run(Example(GET, stood_in="http.get", answers=(Gives({"status": 200}),)))

    assert ran.output("http.get") == {"status": 200}


def test_the_inputs_of_an_action_that_is_stood_in_for_are_checked(ready: Stage):
    text = GET.replace("https://example.com", '"${{ 1 + 1 }}"')

    with pytest.raises(Wrong, match="is not of type"):
        ready.run(Example(text, stood_in="http.get", answers=(Gives({}),)))
