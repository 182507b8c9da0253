"""A workflow's page: its text is saved, checked and completed; its versions and runs are shown; it is run."""

import json
import re

import pytest

from engine.path.workflows import enable, put
from engine.store import workflows as stored
from tests.engines import LOGS, deliver, trigger, workflow
from tests.web.seen import Seen

OTHER = LOGS.replace("hello", "goodbye")
BROKEN = LOGS.replace("core.log", "core.lag")

INPUTS = """
name: Inputs
on: {manual: true}
inputs:
  asset: {type: string, required: true, description: Which one.}
  count: {type: integer, default: 3}
  level: {enum: [low, high]}
  dry: {type: boolean}
  more: {type: object}
steps:
  - {id: only, uses: core.set, with: {values: "${{ inputs }}"}}
outputs: {given: "${{ inputs }}"}
"""

HOSTILE = """
name: "<script>alert(1)</script> {{7*7}} \\u202egnp.exe \U0001f40e"
description: "<img src=x onerror=alert(1)>"
on: {manual: true, trigger: t, if: "'<b>' in event.data.a"}
inputs: {'"><script>': {type: string, description: "<i>"}}
steps:
  - {id: a, name: "</title></svg><script>alert(2)</script>", uses: core.log, with: {message: "</textarea><script>"}}
"""


@pytest.fixture(scope="module")
def engine(shared_engine):
    """Return an engine for all tests: each uses names of its own."""
    trigger(shared_engine)
    return shared_engine


@pytest.fixture
def name(engine, request) -> str:
    """Return the name of a workflow of the test's own."""
    found = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-70:].strip("-")
    workflow(engine, LOGS, found)
    return found


def text_of(engine, name):
    return engine.store.read(stored.find, name).text.decode()


def version_of(engine, name):
    return engine.store.read(stored.find, name).version


def test_the_page_shows_the_text_with_its_steps_as_picture_and_as_list(edith, name):
    page = edith.get(f"/workflows/{name}").text

    assert "uses: core.set" in page
    assert '<svg class="graph"' in page
    assert "The steps as a list" in page
    assert "line 6" in page


@pytest.mark.parametrize("path", ["none-such", "a%00b", "UPPER", "x" * 200])
def test_a_workflow_that_is_not_there_is_not_found(edith, path):
    assert edith.get(f"/workflows/{path}").status_code == 404


def test_saving_makes_a_version_and_writes_the_file(engine, shared_folder, edith, name):

    answer = edith.post(f"/workflows/{name}", text=OTHER.replace("\n", "\r\n"), base=version_of(engine, name))

    assert (answer.status_code, answer.location) == (303, f"/workflows/{name}?saved=file")
    assert text_of(engine, name) == OTHER
    assert (shared_folder.path / f"{name}.yaml").read_text() == OTHER
    assert "written to its file" in edith.get(answer.location).text


def test_mistakes_keep_the_text_from_being_saved_and_are_listed(engine, edith, name):
    answer = edith.post(f"/workflows/{name}", text=BROKEN, base=version_of(engine, name))

    assert answer.status_code == 422
    assert "Not saved" in answer.text
    assert "Line 7, column 24</a>: there is no action `core.lag`; did you mean `core.log`?" in answer.text
    assert "uses: core.lag" in answer.text
    assert text_of(engine, name) == LOGS


def test_what_is_no_yaml_is_kept_and_told(engine, edith, name):
    answer = edith.post(f"/workflows/{name}", text="a: [<script>", base=version_of(engine, name))

    assert answer.status_code == 422
    assert "a: [&lt;script&gt;" in answer.text
    assert "The picture comes when the text can be read" in answer.text


def test_checking_saves_nothing(engine, edith, name):
    answer = edith.post(f"/workflows/{name}", text=OTHER, base="x", do="check")

    assert answer.status_code == 200
    assert "no mistake" in answer.text
    assert "goodbye" in answer.text
    assert text_of(engine, name) == LOGS


def test_a_version_that_somebody_else_saved_is_not_overwritten_silently(engine, edith, name):
    seen = version_of(engine, name)
    put(engine, name, LOGS.replace("hello", "theirs"))

    answer = edith.post(f"/workflows/{name}", text=OTHER, base=seen)

    assert answer.status_code == 409
    assert "Somebody saved another version" in answer.text
    assert re.search("<del>.*theirs", answer.text)
    assert re.search("<ins>.*goodbye", answer.text)
    assert "theirs" in text_of(engine, name)


def test_after_having_seen_the_other_version_one_can_replace_it(engine, edith, name):
    seen = version_of(engine, name)
    put(engine, name, LOGS.replace("hello", "theirs"))
    shown = edith.post(f"/workflows/{name}", text=OTHER, base=seen).text

    answer = edith.post(f"/workflows/{name}", text=OTHER, base=Seen(shown).values["base"])

    assert answer.status_code == 303
    assert text_of(engine, name) == OTHER


def test_a_text_of_the_largest_size_can_be_saved(engine, edith, name):
    large = LOGS + "# " + "x" * 900_000 + "\n"

    answer = edith.post(f"/workflows/{name}", text=large, base=version_of(engine, name))

    assert answer.status_code == 303
    assert text_of(engine, name) == large


def test_while_one_writes_the_server_checks_and_draws(engine, edith, name):
    answer = edith.post(f"/workflows/{name}/draft", text=BROKEN)

    found = answer.json
    assert found["mistakes"][0]["line"] == 7
    assert found["mistakes"][0]["column"] == 24
    assert "core.lag" in found["graph"]
    assert "did you mean" in found["list"]
    assert text_of(engine, name) == LOGS


def test_of_a_text_that_is_no_yaml_there_is_no_picture(edith, name):
    found = edith.post(f"/workflows/{name}/draft", text="a: [").json

    assert found["graph"] is None
    assert found["mistakes"]


def test_completion_knows_the_trigger_and_the_actions(edith, name):
    triggers = edith.post(f"/workflows/{name}/completion", text="on:\n  trigger: ", line="2", column="12").json
    actions = edith.post(f"/workflows/{name}/completion", text="steps:\n  - uses: co", line="2", column="13").json

    assert {"label": "t", "detail": "trigger", "info": "", "apply": "t"} in triggers["options"]
    assert actions["length"] == 2
    assert "core.set" in [option["label"] for option in actions["options"]]


@pytest.mark.parametrize("fields", [{}, {"line": "-1", "column": "x"}, {"text": "a", "line": "9" * 30, "column": "99"}])
def test_completion_of_nonsense_is_empty_or_harmless(edith, name, fields):
    answer = edith.post(f"/workflows/{name}/completion", **fields)

    assert answer.status_code == 200
    assert isinstance(answer.json["options"], list)


def test_a_viewer_may_ask_about_a_text(victor, name):
    assert victor.post(f"/workflows/{name}/draft", text=LOGS).status_code == 200


def test_an_older_version_is_compared_and_restored(engine, edith, name):
    old = version_of(engine, name)
    put(engine, name, OTHER)

    page = edith.get(f"/workflows/{name}/versions/{old}").text
    answer = edith.post(f"/workflows/{name}", text=LOGS, base=Seen(page).values["base"])

    assert re.search("<del>.*goodbye", page)
    assert re.search("<ins>.*hello", page)
    assert answer.status_code == 303
    assert version_of(engine, name) == old


def test_the_current_version_is_called_so(engine, edith, name):
    page = edith.get(f"/workflows/{name}/versions/{version_of(engine, name)}").text

    assert "This is the current version" in page
    assert "Restore" not in page


@pytest.mark.parametrize("version", ["none", "a%00b"])
def test_a_version_that_is_not_there_is_not_found(edith, name, version):
    assert edith.get(f"/workflows/{name}/versions/{version}").status_code == 404


def test_a_run_by_hand_gets_what_was_typed(engine, edith):
    put(engine, "typed", INPUTS)
    typed = {"asset": "www", "count": "7", "level": "high", "dry": "true", "more": '{"a": 1}'}

    answer = edith.post("/workflows/typed/run", **{f"input.{key}": value for key, value in typed.items()})

    run = edith.get(f"/api/v1{answer.location}").json
    assert answer.status_code == 303
    assert answer.location.startswith("/runs/run_")
    assert run["workflow"] == "typed"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("asset", "", "Fill this in."),
        ("count", "many", "Write a number."),
        ("count", "1.5", "Is a number, and must be a whole number."),
        ("level", "middle", "low"),
        ("more", "{a}", "Write JSON"),
        ("count", "1e400", "Write a number."),
        ("more", '{"n": NaN}', 'Write JSON: text stands in quotes, as in "asset-1".'),
        ("more", '{"n": 1, "n": 2}', 'Write JSON: text stands in quotes, as in "asset-1".'),
        ("more", "3", "Is a number, and must be a mapping."),
    ],
)
def test_an_input_that_does_not_fit_is_told_beside_it_and_kept(engine, edith, field, value, words):
    put(engine, "strict", INPUTS)
    typed = {"input.asset": "<b>www", f"input.{field}": value}

    answer = edith.post("/workflows/strict/run", **typed)

    errors = Seen(answer.text).errors
    assert answer.status_code == 422
    assert len(errors) == 1
    assert words in next(iter(errors.values()))
    if field != "asset":
        assert "&lt;b&gt;www" in answer.text


def test_the_form_begins_with_the_defaults(engine, edith):
    put(engine, "defaults", INPUTS)

    values = Seen(edith.get("/workflows/defaults").text).values

    assert values["input.count"] == "3"
    assert not values["input.asset"]


def test_a_stored_event_is_offered_and_runs(engine, edith, name):
    event = deliver(engine).event_ids[0]

    offered = edith.get(f"/workflows/{name}").text
    answer = edith.post(f"/workflows/{name}/run", event=event)

    assert f'<option value="{event}"' in offered
    assert answer.location.startswith("/runs/run_")
    assert event in edith.get(f"/workflows/{name}?part=runs").text


@pytest.mark.parametrize("event", ["", "evt_none", "a\0b", "<script>"])
def test_an_event_that_is_not_there_is_told(engine, edith, name, event):
    deliver(engine)

    answer = edith.post(f"/workflows/{name}/run", event=event)

    assert answer.status_code == 422
    assert "There is no event" in Seen(answer.text).errors["event"]


def test_a_disabled_workflow_is_not_run(engine, edith, name):
    enable(engine, name, enabled=False)

    answer = edith.post(f"/workflows/{name}/run", **{"input.asset": "a"})

    assert answer.status_code == 422
    assert "enable it first" in answer.text


def test_the_newest_runs_are_linked(engine, edith, name):
    page = edith.get(f"/workflows/{name}").text
    answer = edith.post(f"/workflows/{name}/run", **{"input.asset": "a"})

    assert "It never ran" in page
    assert f'href="{answer.location}"' in edith.get(f"/workflows/{name}?part=runs").text


def test_hostile_content_shows_as_text(engine, edith):
    put(engine, "hostile", HOSTILE)
    put(engine, "hostile", HOSTILE + "# </textarea><script>alert(3)</script>\n")
    old = next(reversed(engine.store.read(stored.versions_of, "hostile")))

    pages = [
        edith.get(path).text for path in ("/workflows", "/workflows/hostile", f"/workflows/hostile/versions/{old}")
    ]
    drawn = json.dumps(edith.post("/workflows/hostile/draft", text=HOSTILE).json)

    for page in (*pages, drawn):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page
    assert "{{7*7}}" in pages[1]


def test_a_text_that_this_wink_cannot_read_any_more_can_be_mended(engine, edith, name):
    engine.store.write(stored.put, name, "gone", b"name: From another time\n", now=engine.clock.now(), expected=None)
    engine.published.refresh()

    shown = edith.get(f"/workflows/{name}").text
    run = edith.post(f"/workflows/{name}/run")
    saved = edith.post(f"/workflows/{name}", text=LOGS, base="gone")

    assert "cannot be read" in shown
    assert "From another time" in shown
    assert run.location == f"/workflows/{name}"
    assert saved.status_code == 303


def test_a_workflow_that_is_deleted_meanwhile_is_not_found(edith):
    answer = edith.post("/workflows/deleted-meanwhile", text=LOGS, base="x")

    assert answer.status_code == 404


def test_the_page_leads_to_the_triggers_and_to_the_condition_of_one_that_has_one(engine, victor, name):
    trigger(engine, name="picky", condition="event.data.n > 1")
    put(engine, "two-triggers", LOGS.replace("trigger: t,", "trigger: [t, picky, not-there],"))

    page = Seen(victor.get("/workflows/two-triggers").text)

    assert "when its condition (picky) says yes" in page.words
    assert {"/triggers/t", "/triggers/picky", "/triggers/picky/condition"} <= set(page.links)
    assert "/triggers/t/condition" not in page.links
    assert "/triggers/not-there" not in page.links
