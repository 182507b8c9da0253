"""The list of workflows, and making, disabling and deleting one."""

import pytest
from werkzeug.test import Client

from engine.errors import NotFound
from engine.path.start import start
from engine.path.workflows import enable, put
from engine.store import workflows as stored
from engine.words import Role
from tests.engines import LOGS, deliver, running, runs_of, trigger, workflow
from tests.web.browser import OURS, Browser, person
from tests.web.seen import Seen
from web.application import create_application
from web.pages import workflows as pages

HOSTILE = [
    "",
    "a\0b",
    "\U0001f40e",
    "\u202eexe",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "{{7*7}}",
    "A B",
    "../../etc",
]


@pytest.fixture(scope="module")
def engine(shared_engine):
    """Return an engine for all tests: each uses names of its own."""
    return shared_engine


def row(page: str, name: str) -> str:
    """Return what the list says of a workflow."""
    return page.partition(f'href="/workflows/{name}"')[2].partition("</tr>")[0]


def test_without_a_workflow_the_list_says_how_to_get_one(tmp_path):
    with running(tmp_path) as engine:
        person(engine, "edith", Role.EDITOR)
        browser = Browser(Client(create_application(engine)))
        browser.sign_in("edith")

        page = browser.get("/workflows").text

    assert "No workflows yet" in page
    assert "New workflow" in page


def test_the_list_tells_what_each_did_lately(engine, edith):
    trigger(engine, name="seen")
    workflow(engine, LOGS.replace("trigger: t", "trigger: seen"), "busy")
    event = deliver(engine, name="seen").event_ids[0]
    runs_of(engine, event)

    shown = row(edith.get("/workflows").text, "busy")

    assert "Logs" in shown
    assert 'href="/triggers/seen"' in shown
    assert "1 succeeded" in shown
    assert 'href="/runs/run_' in shown
    assert "enabled" in shown


def test_a_trigger_that_is_not_there_is_told(engine, edith):
    workflow(engine, LOGS.replace("trigger: t", "trigger: nowhere"), "waits-for-nothing")

    assert "no trigger nowhere" in row(edith.get("/workflows").text, "waits-for-nothing")


def test_a_disabled_workflow_is_told(engine, edith):
    workflow(engine, LOGS, "off")
    enable(engine, "off", enabled=False)

    shown = row(edith.get("/workflows").text, "off")

    assert "disabled" in shown
    assert "never" in shown


def test_a_file_that_cannot_be_imported_is_told(shared_folder, edith):
    file = shared_folder.path / "broken.yaml"
    file.write_text("name: <script>\n")
    shared_folder.look()

    page = edith.get("/workflows").text
    file.unlink()
    shared_folder.look()

    assert "broken.yaml" in page
    assert "needs the key `on`" in page
    assert "Not imported" not in edith.get("/workflows").text


def test_many_workflows_come_page_by_page(engine, edith, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    for name in ("aa-1", "aa-2", "aa-3"):
        workflow(engine, LOGS, name)

    first = edith.get("/workflows").text
    second = edith.get("/workflows?after=aa-2").text

    assert 'href="/workflows?after=aa-2"' in first
    assert "aa-3" not in first
    assert 'href="/workflows/aa-3"' in second


def test_a_new_workflow_begins_with_a_text_that_runs(engine, shared_folder, edith):
    trigger(engine, name="alarms")

    answer = edith.post("/workflows", name="contain-account", trigger="alarms")
    event = deliver(engine, name="alarms").event_ids[0]

    assert (answer.status_code, answer.location) == (303, "/workflows/contain-account?saved=new")
    assert [run.outcome for run in runs_of(engine, event)] == ["succeeded"]
    assert (shared_folder.path / "contain-account.yaml").read_text().startswith('name: "Contain account"\n')


def test_a_new_workflow_without_a_trigger_is_started_by_hand(engine, edith):
    edith.post("/workflows", name="by-hand", trigger="")

    assert start(engine, "by-hand", {}).workflow == "by-hand"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_none_is_told_beside_the_field_and_kept(edith, name):
    answer = edith.post("/workflows", name=name, trigger="")

    form = Seen(answer.text)
    assert answer.status_code == 422
    assert "lower-case letters" in form.errors["name"]
    assert form.values["name"] == name.strip()
    assert "<script>alert" not in answer.text


def test_a_name_that_is_taken_overwrites_nothing(engine, edith):
    workflow(engine, LOGS, "taken")

    answer = edith.post("/workflows", name="taken", trigger="")

    assert answer.status_code == 422
    assert "already" in Seen(answer.text).errors["name"]
    assert engine.store.read(stored.find, "taken").text == LOGS.encode()


@pytest.mark.parametrize("written", ["<script>", "x\n  manual: true", "none such"])
def test_a_trigger_that_cannot_be_is_told(edith, written):
    answer = edith.post("/workflows", name="odd-trigger", trigger=written)

    assert answer.status_code == 422
    assert Seen(answer.text).errors["trigger"]


def test_disable_and_enable(engine, edith):
    workflow(engine, LOGS, "switched")

    edith.post("/workflows/switched/disable")
    off = engine.store.read(stored.find, "switched").enabled
    answer = edith.post("/workflows/switched/enable")

    assert not off
    assert engine.store.read(stored.find, "switched").enabled
    assert answer.location == "/workflows/switched"


def test_deleting_asks_first_and_then_deletes(engine, edith):
    workflow(engine, LOGS, "doomed")

    asked = edith.get("/workflows/doomed").text
    answer = edith.post("/workflows/doomed/delete")

    assert "Delete doomed" in asked
    assert answer.location == "/workflows"
    with pytest.raises(NotFound):
        engine.store.read(stored.find, "doomed")


@pytest.mark.parametrize("path", ["", "/kept/disable", "/kept/delete", "/kept", "/kept/run"])
def test_a_viewer_changes_nothing(engine, victor, path):
    put(engine, "kept", LOGS)

    answer = victor.client.post(f"/workflows{path}", data={"name": "x", "text": "", "base": ""}, headers=OURS)

    assert answer.status_code == 403
    assert engine.store.read(stored.find, "kept").enabled


def test_a_viewer_sees_no_buttons_that_change_something(engine, victor):
    put(engine, "seen-only", LOGS)

    listed, shown = victor.get("/workflows").text, victor.get("/workflows/seen-only").text

    assert "New workflow" not in listed
    assert "readonly" in shown
    assert not [word for word in ("Run now", "Save", "Delete") if f">{word}<" in shown]


def test_a_schedule_is_told_with_its_next_run(engine, edith):
    workflow(engine, LOGS.replace("trigger: t", 'schedule: {cron: "0 8 1 * *", timezone: Europe/Zurich}'), "monthly")

    listed, shown = row(edith.get("/workflows").text, "monthly"), edith.get("/workflows/monthly").text
    enable(engine, "monthly", enabled=False)
    disabled = edith.get("/workflows/monthly").text

    assert "<code>0 8 1 * *</code> Europe/Zurich" in listed
    assert '0 8 1 * *</code>, Europe/Zurich: next run <time datetime="' in shown
    assert "no run while it is disabled" in disabled


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ("timeout: 2d", "A run takes at most 2 d."),
        (
            "runs_per: '${{ event.data.n }}'",
            "A run is the only one at a time for each event.data.n: the next waits its turn.",
        ),
        (
            "timeout: 90s, runs_per: '${{ event.data.n }}', when_busy: skip",
            (
                "A run takes at most 1 min 30 s; "
                "is the only one at a time for each event.data.n: what comes meanwhile is skipped."
            ),
        ),
        (
            "runs_per: '${{ event.data.n }}', when_busy: replace",
            "A run is the only one at a time for each event.data.n: the next takes its place.",
        ),
    ],
)
def test_the_limits_of_a_workflow_are_told_in_words(engine, edith, limits, words):
    workflow(engine, LOGS.replace("steps:", f"limits: {{{limits}}}\nsteps:", 1), "limited")

    assert words in edith.get("/workflows/limited").text
