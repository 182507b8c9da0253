"""Connectors with mistakes: Wink starts, says what is wrong, and works with every other one."""

import shutil
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from werkzeug.test import Client

from engine import app
from engine.app import CONNECTORS
from engine.cli.serve import tell_mistakes
from engine.path.setup import create
from engine.path.trigger_spec import TriggerSpec
from engine.runtime import Engine
from engine.store import triggers
from engine.words import Role
from tests.engines import LOGS, running, trigger, workflow
from tests.web.browser import Browser, person, signed_in
from tests.web.conftest import Api
from web.application import create_application

#: Uses an action of the connector that will have mistakes.
CALLS = """
name: Calls
on: {trigger: t}
steps: [{id: call, uses: github.create_issue, connection: hub, with: {repository: octo/wink, title: Found}}]
"""


PAGES = (
    *("/", "/connectors", "/connectors/slack", "/triggers", "/triggers/new", "/triggers/lab", "/workflows/calls"),
    *("/connections", "/connections/new"),
)


@pytest.fixture
def engine(tmp_path, monkeypatch) -> Iterator[Engine]:
    """Run an engine on folders that were broken since: what it receives with, what it calls with, and one unused."""
    folder = tmp_path / "connectors"
    for name in ("custom", "github", "gitlab", "slack", "stripe"):
        shutil.copytree(CONNECTORS / name, folder / name)
    monkeypatch.setattr(app, "CONNECTORS", folder)
    with running(tmp_path) as before:
        person(before, "edith", Role.ADMIN)
        trigger(before)
        create(before, TriggerSpec(name="lab", connector="gitlab"))
        workflow(before)
        workflow(before, CALLS, "calls")
    for name in ("gitlab", "stripe"):
        (folder / name / "connector.yaml").write_text(f"name: {name}\n")
    manifest = folder / "github" / "connector.yaml"
    manifest.write_text(manifest.read_text().replace("effect: once", "effect: twice"))
    with running(tmp_path) as engine:
        yield engine


@pytest.fixture
def edith(engine) -> Browser:
    return signed_in(create_application(engine), "edith")


@pytest.fixture
def api(engine) -> Api:
    return Api(engine, Client(create_application(engine)))


def test_every_trigger_and_workflow_that_needs_none_of_them_works(engine):
    published = engine.published.now()

    assert [live.trigger.name for live in published.by_id.values()] == ["t"]
    assert list(published.by_name) == ["w"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers(edith, path):
    assert edith.get(path).status_code == 200


def test_the_page_of_connectors_says_what_is_wrong_and_where(edith):
    text = edith.get("/connectors").text

    assert "gitlab/connector.yaml: line 1, column 1: " in text
    assert "github.actions.github.create_issue" in text
    assert 'href="/connectors/slack"' in text


def test_a_connector_whose_actions_have_mistakes_still_receives(edith, api):
    assert edith.get("/connectors/github").status_code == 200
    assert api.get("/connectors/github")["actions"] == {}


def test_the_api_lists_the_others(api):
    assert [each["name"] for each in api.get("/connectors")["items"]] == ["custom", "github", "slack"]
    assert api.call("GET", "/connectors/gitlab").status_code == 404


def test_the_page_of_a_trigger_of_it_says_what_is_wrong(edith):
    assert "gitlab/connector.yaml: line 1, column 1" in edith.get("/triggers/lab").text


def test_a_workflow_can_still_be_checked_and_saved(api):
    assert api.put_workflow(LOGS, "again").status_code == 201
    assert api.put_workflow(CALLS, "calls-again").status_code == 422


def test_what_a_request_looks_like_is_still_found(engine):
    assert [traits.connector.name for traits in engine.recogniser.traits] == ["github", "slack"]


def test_a_delivery_to_a_trigger_of_it_is_to_come_again(engine, api):
    lab = engine.store.read(triggers.find, "lab")

    answer = api.deliver(f"/webhooks/{lab.path}", {"n": 1})

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_a_start_tells_the_log_of_each_that_is_in_use(engine):
    with capture_logs() as lines:
        tell_mistakes(engine)

    told = [line["connector"] for line in lines]
    assert {"github", "gitlab"} <= set(told)  # and those that were read to name the nearest to an unknown action
    assert len(told) == len(set(told))
    assert all(line["event"] == "connector.broken" and line["error"] for line in lines)
